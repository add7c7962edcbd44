"""How often somebody has tried something of late: to sign in, to have a mail sent.

Owns: the table of attempts, under keyed hashes of who and from where. Never: says who may try.
Used by staff and by the page to sign up.
"""

from collections.abc import Sequence
from datetime import timedelta

import peewee

from broadcasts import clock, db

MOST_FAILURES = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)


class Attempt(db.Model):
    """`who`: a keyed hash of the name or address tried, or of where it came from."""

    who = peewee.CharField(max_length=32, index=True)
    at = db.UTCField(index=True)

    class Meta:
        table_name = "sign_in_failure"


def note(who: Sequence[str]) -> None:
    """`who`: keyed hashes of a name and of where it came from."""
    now = clock.now()
    with db.transaction():
        Attempt.delete().where(Attempt.at < now - KEPT_FOR).execute()
        Attempt.insert_many([{"who": one, "at": now} for one in who]).execute()


def is_barred(
    who: str, *, most: int = MOST_FAILURES, within: timedelta = FAILURES_COUNT_FOR
) -> bool:
    """Too many of late: not even the right password is looked at. `within`: a day at most."""
    since = clock.now() - within
    number = Attempt.select().where(Attempt.who == who, Attempt.at > since)
    return int(number.count()) >= most


def forget(who: str) -> None:
    """It was they, after all."""
    Attempt.delete().where(Attempt.who == who).execute()
