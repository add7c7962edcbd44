"""Who goes by age alone: stopped for weeks, a stranger for weeks, silent for more than a year.

Owns: these rules, person by person, and asking the silent once. Never: erases by itself (erasure
does). Run by retention and by a job at daytime.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import peewee

from broadcasts import db, figures, journal
from broadcasts.channels.base import (
    Address,
    Button,
    Channel,
    Content,
    Outcome,
    ProviderError,
    TemplateMessage,
    Text,
)
from broadcasts.delivery import outbox, templates
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from broadcasts.newsroom import drafts
from broadcasts.people import subscribers
from broadcasts.people.inbox import Conversation
from broadcasts.people.subscribers import IN_TOUCH_WITHIN, REACHED_BY_ALERTS, Subscriber, Wants
from broadcasts.privacy import erasure, proofs
from broadcasts.privacy.ageing import ARRIVED, Ground

log = logging.getLogger(__name__)

MONTH = timedelta(days=365.25 / 12)

PAGE = 5000
"""Subscriber ids looked through at once: some milliseconds."""

MOST_A_DAY = 500
"""Questions: they must not use up the day's limit of the number, which an alert may need."""

WAITING = "retention waiting"
"""Name of the figure: how many cannot be asked, for want of the template."""

READERS = (*REACHED_BY_ALERTS, Wants.RETIRED)

CHOICES = {"stop:no": "button_still_there", "stop:yes": "button_stop_after_all"}
"""Where there are no templates: button → text. No other question has them in this order."""

NOT_THEIRS = frozenset(Outcome) - {
    Outcome.ACCEPTED,
    Outcome.UNREACHABLE,
    Outcome.BLOCKED,
    Outcome.OPTED_OUT,
    Outcome.NOT_TODAY,
    Outcome.NEEDS_PHONE_NUMBER,
}
"""Why a question failed that says nothing of the person: they were not asked."""


# ------------------------------------------------------------------ stopped, strangers


def stopped(ground: Ground) -> Iterator[int]:
    """Unless they have written since, or wait for an answer."""
    until = ground.before(ground.kept.stopped)
    gone = (
        (Subscriber.wants == Wants.STOPPED)
        & (Subscriber.opted_out_at < until)
        & _wrote_nothing_since(until)
        & ~_talks(Conversation.closed_at.is_null())
    )
    yield from _erase_all(ground, gone, _last_word)


def strangers(ground: Ground) -> Iterator[int]:
    """Wrote, never subscribed, and nothing of it is left; kept no longer than who left."""
    until = ground.before(ground.kept.stopped)
    gone = (
        (Subscriber.wants == Wants.NOTHING)
        & (Subscriber.created_at < until)
        & _wrote_nothing_since(until)
        & ~_talks()
    )
    yield from _erase_all(ground, gone, lambda person: person.last_inbound_at)


def unconfirmed(ground: Ground) -> Iterator[int]:
    """Never heard from, only filled into a form, by whomever."""
    until = ground.before(ground.kept.unconfirmed)
    gone = (
        (Subscriber.wants == Wants.NOTHING)
        & (Subscriber.created_at < until)
        & Subscriber.last_inbound_at.is_null()
    )
    yield from _erase_all(ground, gone, lambda person: None)


def _last_word(person: Subscriber) -> datetime | None:
    said = [at for at in (person.opted_out_at, person.last_inbound_at) if at]
    return max(said, default=None)


def _wrote_nothing_since(until: datetime) -> Any:
    return Subscriber.last_inbound_at.is_null() | (Subscriber.last_inbound_at < until)


def _talks(*conditions: Any) -> Any:
    own = Conversation.subscriber == Subscriber.id
    return peewee.fn.EXISTS(Conversation.select(Conversation.id).where(own, *conditions))


def _erase_all(
    ground: Ground, gone: Any, last_word: Callable[[Subscriber], datetime | None]
) -> Iterator[int]:
    last = 0
    query = Subscriber.select(Subscriber.id).where(gone, Subscriber.restricted_at.is_null())
    while ids := _ids(query.where(Subscriber.id > last).order_by(Subscriber.id).limit(50)):
        for person_id in ids:
            yield _erase(ground, person_id, gone, last_word)
        last = ids[-1]


def _erase(
    ground: Ground, person_id: int, gone: Any, last_word: Callable[[Subscriber], datetime | None]
) -> int:
    """Looks once more while nobody can change it: they may just have come back."""
    with db.transaction():
        query = Subscriber.select().where(
            Subscriber.id == person_id, gone, Subscriber.restricted_at.is_null()
        )
        person = db.for_update(query).first()
        if person is None or _has_just_written(person):
            return 0
        proof = proofs.of(person, ground.now, key=ground.key, years=ground.kept.proof_years)
        address, kind = person.address, person.channel
        # A linked person stays on their other channels: there they may well be in touch.
        erasure.erase_row(
            person,
            key=ground.key,
            before=last_word(person) or person.created_at,
            media=ground.newsroom.media,
        )
        if proof is not None:
            proof.save(force_insert=True)
    _forget(ground.newsroom.channels.get(kind), address)
    return 1


def _has_just_written(person: Subscriber) -> bool:
    """What is not applied yet may be a "Start", or the answer."""
    return bool({person.wa_id, person.bsuid} & journal.writers_waiting())


def _forget(channel: Channel | None, address: Address) -> None:
    if channel is not None:
        # The provider's own entry; it is asked once, like after every erasure.
        with suppress(ProviderError):
            channel.forget(address)


def _ids(query: Any) -> list[int]:
    return [row[0] for row in db.rows(query)]


# ------------------------------------------------------------------ silent


def _silent(ground: Ground) -> Any:
    """No word of theirs and no delivery for so many months. What is known of deliveries by day may
    be IN_TOUCH_WITHIN too old; of the last weeks the rows themselves tell."""
    since = ground.now - ground.kept.silent_months * MONTH
    other, root = Subscriber.alias(), peewee.fn.COALESCE(Subscriber.prefers, Subscriber.id)
    in_touch_elsewhere = other.select(other.id).where(
        (other.id == root) | (other.prefers == root),
        other.id != Subscriber.id,
        ~_unheard(ground, other, since),
    )
    return (
        Subscriber.wants.in_(READERS)
        & _unheard(ground, Subscriber, since)
        & ~peewee.fn.EXISTS(in_touch_elsewhere)
    )


def _unheard(ground: Ground, table: Any, since: datetime) -> Any:
    """Of one row: of a linked person the others may tell something else."""
    on = (since - IN_TOUCH_WITHIN).date()
    arrived = Delivery.select(Delivery.id).where(
        Delivery.subscriber == table.id,
        Delivery.broadcast.is_null(False),
        Delivery.state.in_(ARRIVED)
        | ((Delivery.state == DeliveryState.SENT) & Delivery.channel.in_(ground.untold)),
    )
    return (
        (table.created_at < since)
        & (table.last_inbound_at.is_null() | (table.last_inbound_at < since))
        & (table.opted_in_at.is_null() | (table.opted_in_at < since))
        & (table.in_touch_on.is_null() | (table.in_touch_on < on))
        & ~peewee.fn.EXISTS(arrived)
    )


def ask(ground: Ground, *, rest: Callable[[], object] = lambda: None) -> int:
    """Asks those who are silent and were not asked yet, some hundred a day. Returns how many."""
    asked = waiting = 0
    for ids in _silent_pages(ground):
        for person in list(Subscriber.select().where(Subscriber.id.in_(ids))):
            message = _question(ground, person)
            if message is None:
                waiting += 1
            elif asked < MOST_A_DAY:
                with db.transaction():
                    outbox.answer(person, message, expires_at=ground.now + timedelta(days=1))
                    subscribers.note_asked(person, ground.now)
                asked += 1
        rest()
    figures.keep(WAITING, waiting)
    return asked


def _silent_pages(ground: Ground) -> Iterator[list[int]]:
    """Along the primary key: a page costs the same whoever is in it."""
    top = Subscriber.select(peewee.fn.MAX(Subscriber.id)).scalar() or 0
    silent = _silent(ground) & Subscriber.asked_at.is_null() & Subscriber.restricted_at.is_null()
    for last in range(0, top, PAGE):
        within = (Subscriber.id > last) & (Subscriber.id <= last + PAGE)
        if ids := _ids(Subscriber.select(Subscriber.id).where(within, silent)):
            yield ids


def _question(ground: Ground, person: Subscriber) -> Content | None:
    """In their language, else in the city's; None: it is not approved."""
    channel = ground.newsroom.channels.get(person.channel)
    if channel is not None and not channel.has_templates:
        texts = ground.newsroom.texts
        buttons = (
            Button(button, texts.get(label, person.language)) for button, label in CHOICES.items()
        )
        body = drafts.notice_body(ground.newsroom, drafts.STILL_THERE, person.language)
        return Text(body, tuple(buttons))
    spoken = (person.language, ground.newsroom.language)
    language = templates.first_approved(person.channel, drafts.STILL_THERE, spoken)
    return None if language is None else TemplateMessage(drafts.STILL_THERE, language, ())


def silent(ground: Ground) -> Iterator[int]:
    """Who was asked and has not answered. Something that reached them since is an answer, too."""
    _take_back_unasked()
    until = ground.before(ground.kept.asked)
    due = Subscriber.asked_at < until
    Subscriber.update(asked_at=None).where(
        due, Subscriber.restricted_at.is_null(), ~_silent(ground)
    ).execute()
    yield from _erase_all(ground, due & _silent(ground), lambda person: person.asked_at)


def _take_back_unasked() -> None:
    """A question that never left, or was refused for a reason of ours, has asked nobody."""
    query = (
        Delivery.select(Delivery.subscriber, Delivery.state, Delivery.outcome, Delivery.content)
        .join(Subscriber)
        .where(Delivery.broadcast.is_null(), Subscriber.asked_at.is_null(False))
    )
    # Only the newest question of each person counts: they were asked again since the others.
    newest = {
        person: (state, outcome)
        for person, state, outcome, content in db.rows(query.order_by(Delivery.id))
        if _is_question(content)
    }
    unasked = [person for person, end in newest.items() if _was_not_asked(*end)]
    Subscriber.update(asked_at=None).where(db.among(Subscriber.id, unasked)).execute()


def _is_question(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    buttons = [button["id"] for button in content.get("buttons") or ()]
    return content.get("name") == drafts.STILL_THERE or buttons == list(CHOICES)


def _was_not_asked(state: DeliveryState, outcome: Outcome | None) -> bool:
    never = (DeliveryState.EXPIRED, DeliveryState.SKIPPED, DeliveryState.CANCELLED)
    return state in never or (state == DeliveryState.FAILED and outcome in NOT_THEIRS)


def waiting_for_template() -> int:
    """How many of the silent cannot be asked, and so are not erased; as last counted."""
    known = figures.kept(WAITING)
    return int(known.data) if known else 0
