"""The state of each sending number: stopped, paused, slowed, and what the provider says of it.

Owns: the table `number_state`. Never: a person or a message. Written by the sender and the
receiver, read by health, readiness and the desk.
"""

from collections.abc import Iterable
from datetime import datetime

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import Account, AccountNotice, AccountState, Outcome


class NumberState(db.Model):
    account = peewee.CharField(max_length=64, primary_key=True)
    channel = peewee.CharField(max_length=20)
    stopped_at = db.UTCField(null=True)
    """Credentials or the account itself: tried every 10 s, resumes by itself (invariant 7)."""
    stop_outcome = db.EnumField(Outcome, null=True)
    stop_code = peewee.CharField(max_length=40, null=True)
    paused_until = db.UTCField(null=True)
    paused_since = db.UTCField(null=True)
    """Since when nothing has got through; None: it does."""
    pause_reason = peewee.TextField(null=True)
    daily_limit = peewee.IntegerField(null=True)
    """Unique persons per 24 h outside the window; None: unlimited or not said."""
    quality = peewee.CharField(max_length=20, null=True)
    notice = peewee.TextField(null=True)
    """The provider's last word on the account, e.g. a system error; never a person's."""
    notice_at = db.UTCField(null=True)
    received = peewee.BigIntegerField(default=0)
    """Messages that came in: they count against the number's rate."""
    status_upto = db.UTCField(null=True)
    """Statuses have arrived of messages sent up to this moment."""

    class Meta:
        table_name = "number_state"


def ensure(accounts: Iterable[Account]) -> None:
    """A row for every configured number."""
    with db.transaction():
        for account in accounts:
            NumberState.insert(
                account=account.id, channel=account.channel
            ).on_conflict_ignore().execute()


def get(account: str) -> NumberState:
    return NumberState.get_by_id(account)


def stopped() -> list[NumberState]:
    return list(NumberState.select().where(NumberState.stopped_at.is_null(False)))


def everyone() -> list[NumberState]:
    return list(NumberState.select().order_by(NumberState.account))


def stop(account: str, outcome: Outcome, code: str) -> bool:
    """False when it stood still already (its first reason stays)."""
    query = NumberState.update(stopped_at=clock.now(), stop_outcome=outcome, stop_code=code).where(
        NumberState.account == account, NumberState.stopped_at.is_null()
    )
    return bool(query.execute())


def resume(account: str) -> bool:
    query = NumberState.update(stopped_at=None, stop_outcome=None, stop_code=None).where(
        NumberState.account == account, NumberState.stopped_at.is_null(False)
    )
    return bool(query.execute())


def pause(account: str, until: datetime, reason: str = "") -> None:
    """Nothing leaves until then; the first reason's time stays until something gets through."""
    here = NumberState.account == account
    NumberState.update(paused_until=until, pause_reason=reason).where(here).execute()
    NumberState.update(paused_since=clock.now()).where(
        here, NumberState.paused_since.is_null()
    ).execute()


def bring_forward(now: datetime) -> None:
    """No pause lasts longer because the clock was put back."""
    NumberState.update(paused_until=now).where(NumberState.paused_until > now).execute()


def unpause(account: str) -> bool:
    """Something has got through. False: it always did."""
    query = NumberState.update(paused_until=None, paused_since=None, pause_reason=None).where(
        NumberState.account == account, NumberState.paused_since.is_null(False)
    )
    return bool(query.execute())


def note_received(account: str, number: int) -> None:
    NumberState.update(received=NumberState.received + number).where(
        NumberState.account == account
    ).execute()


def note_statuses(account: str, sent_upto: datetime) -> None:
    """Statuses of messages sent up to then have arrived: an older one without any is silent."""
    NumberState.update(status_upto=sent_upto).where(
        NumberState.account == account,
        NumberState.status_upto.is_null() | (NumberState.status_upto < sent_upto),
    ).execute()


def apply_notice(notice: AccountNotice) -> None:
    """What the provider says by webhook. Only an `account_update` that restricts stops a number."""
    rows = NumberState.account == notice.account if notice.account else True
    change: dict[str, object] = {
        "notice": f"{notice.what} {notice.code} {notice.detail}".strip(),
        "notice_at": clock.now(),
    }
    if notice.limit is not None:
        change["daily_limit"] = notice.limit
    if notice.quality is not None:
        change["quality"] = notice.quality
    NumberState.update(**change).where(rows).execute()
    if notice.stops:
        for row in list(NumberState.select().where(rows)):
            stop(row.account, Outcome.ACCOUNT, notice.code or notice.what)


def apply_state(state: AccountState) -> None:
    """What the provider says when asked."""
    NumberState.update(daily_limit=state.limit, quality=state.quality).where(
        NumberState.account == state.account
    ).execute()
