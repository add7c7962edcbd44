"""Staff: who signs in to the desk, with which roles.

Owns: the table of accounts, their passwords and one-time codes, and what failed sign-ins cost.
Never: decides what a role may do (bot/desk). Called by the desk and `stadtbote staff`.

Hashing and codes are imported where they are used: 10 MB that the sender's process does without.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import peewee

from broadcasts import clock, db
from broadcasts.people import attempts
from broadcasts.saying import Refusal, say

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from cryptography.fernet import Fernet


class Role(StrEnum):
    PRESS = "press"
    EMERGENCY = "emergency"
    PRIVACY = "privacy"
    ADMIN = "admin"


NEEDS_CODE = frozenset({Role.EMERGENCY, Role.ADMIN})
"""Who has one of these signs in with a one-time code, too."""

SHORTEST_PASSWORD = 12
LONGEST_JUDGED = 100
"""Signs of a password that are looked at for how easy it is; the rest can only make it better."""
WELL_CHOSEN = 3
"""Of zxcvbn's 0 to 4: "safely unguessable", from some 10^8 guesses on."""
NAME = re.compile(r"[a-z][a-z0-9.-]{1,58}[a-z0-9]")
LANGUAGES = ("de", "en")
"""Of the desk."""


class Staff(db.Model):
    id: Any = peewee.AutoField()
    name = peewee.CharField(max_length=60, unique=True)
    roles = db.JSONField()
    language = peewee.CharField(max_length=5, default="de")
    password = peewee.TextField(null=True)
    """Argon2's hash."""
    is_first_password = peewee.BooleanField(default=True)
    """Made by us and seen by whoever made the account: to be replaced at the first sign-in."""
    code_secret = peewee.TextField(null=True)
    """Of the one-time codes, encrypted."""
    code_used = peewee.BigIntegerField(default=0)
    """Interval of the last code: none counts twice."""
    session_key = peewee.CharField(max_length=64)
    """Changes with password, codes, state and each sign-out: sessions begun before end."""
    number = peewee.CharField(max_length=32, default="")
    """Their own telephone, for test messages."""
    created_at = db.UTCField()
    signed_in_at = db.UTCField(null=True)
    disabled_at = db.UTCField(null=True)

    class Meta:
        table_name = "staff"

    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What a session holds: of no use after `session_key` has changed."""
        return f"{self.id}:{self.session_key}"

    def has(self, roles: Iterable[Role]) -> bool:
        return bool(set(self.roles) & set(roles))

    @property
    def needs_code(self) -> bool:
        return self.has(NEEDS_CODE)


class StaffError(Refusal):
    pass


# ------------------------------------------------------------------ accounts


def add(name: str, roles: Sequence[Role], *, language: str = "de") -> tuple[Staff, str]:
    """A new account and its first password, which is shown once. Raises StaffError."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise StaffError(
            say("a name has 3 to 60 signs: a-z, 0-9, dot and hyphen, like m.muster", about="name")
        )
    if not roles:
        raise StaffError(say("at least one role is needed", about="roles"))
    password = _first_password()
    with db.transaction():
        if find(name) is not None:
            raise StaffError(say("there is an account %(name)s already", about="name", name=name))
        made = Staff.create(
            name=name,
            roles=sorted(set(roles)),
            language=language,
            password=_hasher().hash(password),
            session_key=_new_key(),
            created_at=clock.now(),
        )
    return made, password


def _first_password() -> str:
    """Four groups of four: to be read out or typed once."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(4))


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def find(name: str) -> Staff | None:
    return Staff.get_or_none(Staff.name == name.strip().lower())


def get(name: str) -> Staff:
    """Raises StaffError."""
    found = find(name)
    if found is None:
        raise StaffError(say("there is no account %(name)s", name=name))
    return found


def by_id(staff_id: int) -> Staff:
    """Raises StaffError."""
    found: Staff | None = Staff.get_or_none(Staff.id == staff_id)
    if found is None:
        raise StaffError(say("there is no such account"))
    return found


def of_session(staff_id: int, session_key: str) -> Staff | None:
    """Who signed in with this session, unless it has been ended."""
    found = Staff.get_or_none(Staff.id == staff_id, Staff.disabled_at.is_null())
    if found is None or not secrets.compare_digest(found.session_key, session_key):
        return None
    return found


def end_sessions(staff: Staff) -> None:
    """All of this account, in whichever browser."""
    staff.session_key = _new_key()
    Staff.update(session_key=staff.session_key).where(Staff.id == staff.id).execute()


def everyone() -> list[Staff]:
    return list(Staff.select().order_by(Staff.name))


def are_there_any() -> bool:
    """Somebody can sign in: from then on an alert needs two of them."""
    return bool(Staff.select().where(Staff.disabled_at.is_null()).exists())


def set_roles(staff: Staff, roles: Sequence[Role]) -> None:
    """Raises StaffError rather than leave nobody who can administer."""
    if not roles:
        raise StaffError(say("at least one role is needed", about="roles"))
    with db.transaction():
        if Role.ADMIN not in roles:
            _check_not_last_admin(staff)
        staff.roles = sorted(set(roles))
        staff.save()


def disable(staff: Staff) -> None:
    """Ends their sessions, too. Raises StaffError for the last administrator."""
    with db.transaction():
        _check_not_last_admin(staff)
        staff.disabled_at, staff.session_key = clock.now(), _new_key()
        staff.save()


def _check_not_last_admin(staff: Staff) -> None:
    others = [
        row
        for row in db.for_update(Staff.select().where(Staff.disabled_at.is_null()))
        if row.id != staff.id and row.has([Role.ADMIN])
    ]
    if staff.has([Role.ADMIN]) and not others:
        raise StaffError(say("%(name)s is the last administrator", name=staff.name))


def reset(staff: Staff) -> str:
    """A new first password; the one-time codes are set up anew, sessions end, a disabled account
    works again."""
    password = _first_password()
    staff.password, staff.is_first_password = _hasher().hash(password), True
    staff.code_secret, staff.disabled_at, staff.session_key = None, None, _new_key()
    staff.save()
    return password


# ------------------------------------------------------------------ passwords


@cache
def _hasher() -> "PasswordHasher":
    """OWASP's least for Argon2id (cheatsheetseries.owasp.org, Password Storage): 19 MiB, so that
    some sign-ins at once do not take the machine's memory."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Checked for unknown names: the time taken must not tell which names exist."""
    return _hasher().hash(secrets.token_urlsafe(16))


def is_password(staff: Staff | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    kept = staff.password if staff is not None and not staff.disabled_at else None
    try:
        _hasher().verify(kept or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def set_password(staff: Staff, password: str) -> None:
    """Ends all sessions. Raises StaffError for one that is too weak."""
    if len(password) < SHORTEST_PASSWORD:
        raise StaffError(
            say("at least %(number)s signs", about="password", number=SHORTEST_PASSWORD)
        )
    if _is_easy(password, staff.name):
        raise StaffError(say("too easy to guess", about="password"))
    if is_password(staff, password):
        raise StaffError(say("this is the old one", about="password"))
    staff.password, staff.is_first_password = _hasher().hash(password), False
    staff.session_key = _new_key()
    staff.save()


def _is_easy(password: str, name: str) -> bool:
    """Whether a machine would guess it: common words with a row of digits, the name, a keyboard's
    row. Whoever may warn a city must not be guessed by trying some hundred of them."""
    # Here: its lists take 10 MB, and a password is chosen seldom.
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:LONGEST_JUDGED], user_inputs=[name, "stadtbote"])
    return int(found["score"]) < WELL_CHOSEN


# ------------------------------------------------------------------ one-time codes


def new_code_secret() -> str:
    import pyotp

    return pyotp.random_base32()


def code_address(staff: Staff, secret: str, city: str) -> str:
    """What the authenticator app reads from the picture (otpauth://…)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=staff.name, issuer_name=f"Stadtbote {city}")


def set_code(staff: Staff, secret: str, code: str, *, key: "Fernet", now: datetime) -> bool:
    """Keeps the secret once a code made with it shows that the app has it; ends all sessions."""
    used = _interval_of(secret, code, now, after=0)
    if used is None:
        return False
    staff.code_secret, staff.code_used = key.encrypt(secret.encode()).decode(), used
    staff.session_key = _new_key()
    staff.save()
    return True


def use_code(staff: Staff, code: str, *, key: "Fernet", now: datetime) -> bool:
    """True once for a right code: the database lets no second sign-in have the same."""
    from cryptography.fernet import InvalidToken

    if staff.code_secret is None:
        return False
    try:
        secret = key.decrypt(staff.code_secret.encode()).decode()
    except InvalidToken:
        # SECRET_KEY was replaced: `stadtbote staff reset` sets the codes up anew.
        return False
    used = _interval_of(secret, code, now, after=staff.code_used)
    if used is None:
        return False
    moved = Staff.update(code_used=used).where(Staff.id == staff.id, Staff.code_used < used)
    return bool(moved.execute())


def _interval_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Which half minute a code belongs to: this one or a neighbour, because clocks differ."""
    import pyotp

    one_time = pyotp.TOTP(secret)
    present = int(now.timestamp()) // one_time.interval
    typed = re.sub(r"\s", "", code)
    for interval in (present, present - 1, present + 1):
        if interval > after and secrets.compare_digest(
            one_time.generate_otp(interval), typed.encode("ascii", "replace").decode()
        ):
            return interval
    return None


# ------------------------------------------------------------------ failures


def note_success(staff: Staff, who: str) -> None:
    attempts.forget(who)
    staff.signed_in_at = clock.now()
    staff.save()
