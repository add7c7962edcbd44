"""What staff do for one person who asked them to: opting out by hand, a pause, its end.

Owns: the act with its evidence. Never: looks anybody up, or erases (erasure). Used by the desk
and the command line.
"""

from datetime import date, datetime

from broadcasts import db
from broadcasts.channels.base import Channel, Text
from broadcasts.delivery import endings, outbox, uncleared
from broadcasts.newsroom import answers, pausing
from broadcasts.newsroom.texts import Texts
from broadcasts.people import consent, links, subscribers
from broadcasts.people.pauses import LONGEST, Span
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants
from broadcasts.privacy import link_codes, opt_outs
from broadcasts.saying import Refusal, say

LONGEST_REASON = 500


class OptOutError(Refusal):
    """It cannot be done; says why."""


def may_opt_out(person: Subscriber) -> bool:
    return bool(_to_stop(person))


def _to_stop(person: Subscriber) -> list[Subscriber]:
    """Of a linked person every row."""
    wanting = (*REACHED_BY_ALERTS, Wants.RETIRED)
    return [row for row in links.family(person) if row.wants in wanting]


def opt_out(
    person: Subscriber,
    reason: str,
    *,
    staff: str,
    texts: Texts,
    channel: Channel | None,
    farewell: bool,
    now: datetime,
    key: bytes,
) -> None:
    """As if the person had written Stopp; `reason` is the evidence. `farewell`: tells the person,
    if they may be told. Raises OptOutError."""
    reason = reason.strip()
    if not reason:
        raise OptOutError(say("say how the person asked for it", about="reason"))
    if len(reason) > LONGEST_REASON:
        text = "is too long: %(number)s signs at most"
        raise OptOutError(say(text, about="reason", number=LONGEST_REASON))
    rows = _to_stop(person)
    if not rows:
        raise OptOutError(say("this person gets nothing already"))
    with db.transaction():
        for row in rows:
            subscribers.opt_out(row, now)
            opt_outs.note(row, key)
            consent.record(row, consent.Deed.BY_STAFF, at=now, evidence=f"{staff}: {reason}")
            endings.skip_broadcasts(row.id)
            link_codes.drop(row)
        if farewell and answers.may_write(channel, person, now):
            words = "farewell_alert_open" if uncleared.alert_in_force(now) else "farewell"
            outbox.answer(person, Text(texts.get(words, person.language)))


class PauseError(Refusal):
    """It cannot be done; says why."""


def pause(person: Subscriber, until: date, *, staff: str, today: date, now: datetime) -> date:
    """As if the person had written "Pause bis …". Returns its first day. Raises PauseError."""
    rows = links.family(person)
    if all(row.wants != Wants.EVERYTHING for row in rows):
        raise PauseError(say("this person gets no digests"))
    if until < today:
        raise PauseError(say("that day is over", about="until"))
    if until - today > LONGEST:
        raise PauseError(say("a pause lasts a year at most", about="until"))
    with db.transaction():
        since = pausing.begin(person, until, today)
        _note(rows, consent.Deed.PAUSED, f"{staff}: until {until.isoformat()}", now)
    return since


def resume(person: Subscriber, *, staff: str, today: date, now: datetime) -> Span:
    """As if the person had written "Weiter". Returns the pause that it was. Raises PauseError."""
    with db.transaction():
        span = pausing.end(person, today)
        if span == (None, None):
            raise PauseError(say("this person does not pause"))
        _note(links.family(person), consent.Deed.RESUMED, f"{staff}: by hand", now)
    return span


def _note(rows: list[Subscriber], deed: consent.Deed, evidence: str, now: datetime) -> None:
    for row in rows:
        consent.record(row, deed, at=now, evidence=evidence)
