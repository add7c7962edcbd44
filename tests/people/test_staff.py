"""Accounts of the desk."""

import datetime as dt

import pyotp
import pytest
from cryptography.fernet import Fernet

from broadcasts import clock
from broadcasts.people import attempts, staff
from broadcasts.people.staff import Role, StaffError

REAL_HASHER = staff._hasher
"""Read before the tests' own, quick one takes its place (tests/conftest)."""

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "Nachtigall-im-Rathaus"


def test_it_shows_the_first_password_once_and_keeps_its_hash() -> None:
    made, password = staff.add("M.Muster", [Role.PRESS])
    assert made.name == "m.muster"
    assert staff.is_password(made, password)
    assert password not in str(made.password)
    assert str(made.password).startswith("$argon2id$")


@pytest.mark.parametrize("name", ["", "x", "command line", "ä.muster", "a b", "-x-"])
def test_it_refuses_a_name_that_is_none(name: str) -> None:
    with pytest.raises(StaffError):
        staff.add(name, [Role.PRESS])


def test_it_refuses_a_name_twice_and_an_account_without_a_role() -> None:
    staff.add("muster", [Role.PRESS])
    with pytest.raises(StaffError):
        staff.add("MUSTER", [Role.PRIVACY])
    with pytest.raises(StaffError):
        staff.add("andere", [])


def test_it_leaves_an_administrator() -> None:
    admin, _ = staff.add("admin", [Role.ADMIN])
    with pytest.raises(StaffError):
        staff.disable(admin)
    with pytest.raises(StaffError):
        staff.set_roles(admin, [Role.PRESS])
    staff.add("zweite", [Role.ADMIN])
    staff.disable(admin)
    assert not staff.is_password(staff.get("admin"), PASSWORD)


def test_it_ends_sessions_with_password_reset_and_disabling() -> None:
    staff.add("admin", [Role.ADMIN])
    person, _ = staff.add("muster", [Role.PRESS])
    for change in (
        lambda: staff.set_password(person, PASSWORD),
        lambda: staff.reset(person),
        lambda: staff.disable(person),
    ):
        before = person.session_key
        assert staff.of_session(person.id, before)
        change()
        assert staff.of_session(person.id, before) is None


def test_it_lets_a_disabled_account_back_in_by_a_reset() -> None:
    staff.add("admin", [Role.ADMIN])
    person, _ = staff.add("muster", [Role.PRESS])
    staff.disable(person)
    password = staff.reset(person)
    assert staff.is_password(staff.get("muster"), password)
    assert staff.get("muster").is_first_password


def test_it_takes_each_code_once_and_its_neighbours() -> None:
    person, _ = staff.add("lage", [Role.EMERGENCY])
    secret, key, now = staff.new_code_secret(), Fernet(Fernet.generate_key()), clock.now()
    one_time = pyotp.TOTP(secret)
    assert staff.set_code(person, secret, one_time.at(now), key=key, now=now)
    assert not staff.use_code(person, one_time.at(now), key=key, now=now)
    later = now + dt.timedelta(seconds=60)
    early = one_time.at(later + dt.timedelta(seconds=30))
    assert staff.use_code(staff.get("lage"), f"{early[:3]} {early[3:]}", key=key, now=later)
    assert not staff.use_code(staff.get("lage"), one_time.at(later), key=key, now=later)


def test_it_keeps_the_secret_of_the_codes_encrypted() -> None:
    person, _ = staff.add("lage", [Role.EMERGENCY])
    secret, key, now = staff.new_code_secret(), Fernet(Fernet.generate_key()), clock.now()
    staff.set_code(person, secret, pyotp.TOTP(secret).at(now), key=key, now=now)
    assert secret not in str(staff.get("lage").code_secret)
    other = Fernet(Fernet.generate_key())
    later = now + dt.timedelta(seconds=60)
    assert not staff.use_code(person, pyotp.TOTP(secret).at(later), key=other, now=later)


def test_it_forgets_failures_in_time() -> None:
    for _ in range(attempts.MOST_FAILURES):
        assert not attempts.is_barred("somebody")
        attempts.note(["somebody", "somewhere"])
    assert attempts.is_barred("somebody")
    assert not attempts.is_barred("somewhere", most=30)
    with clock.travel(clock.now() + dt.timedelta(days=2)):
        assert not attempts.is_barred("somebody")
        attempts.note(["another"])
        assert attempts.Attempt.select().count() == 1


def test_it_hashes_passwords_slowly_enough() -> None:
    """OWASP's least for Argon2id; everything else in the tests hashes quickly."""
    kept = REAL_HASHER().hash("Nachtigall-im-Rathaus")
    assert kept.startswith("$argon2id$")
    assert "$m=19456,t=2,p=1$" in kept
