"""What a refusal means beyond its own row: the person, the template, the number.

Owns: carrying out `policy.Concerns`. Never: decides (policy's table does). Called with answers to
our calls and with late refusals, inside the caller's transaction.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from broadcasts.channels.base import Outcome, TemplateMessage, unpack
from broadcasts.delivery import endings, holds, media, once, templates
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.policy import Concerns
from broadcasts.delivery.states import NEWS
from broadcasts.people import consent, links, subscribers
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants

log = logging.getLogger(__name__)

_TEMPLATE_STATES = {
    Outcome.TEMPLATE_PAUSED: "PAUSED",
    Outcome.TEMPLATE_DISABLED: "DISABLED",
}


@dataclass(frozen=True)
class Refusal:
    """One refusal of one delivery."""

    delivery: Delivery
    outcome: Outcome
    code: str
    evidence: str
    """What proves it, e.g. the provider's id of the message."""
    at: datetime
    """When the provider said so."""


def apply(concerns: Concerns, refusal: Refusal) -> None:
    """Number's matters (pace, pause, stop) are the sender's own and not here."""
    delivery = refusal.delivery
    person = delivery.subscriber
    if concerns is Concerns.PERSON_WINDOW and person is not None:
        subscribers.close_window([person.id])
    elif concerns is Concerns.PERSON_DIGESTS and person is not None:
        refuse_digests(person, refusal.evidence, refusal.at)
    elif concerns is Concerns.PERSON_ALL and person is not None:
        refuse_everything(person, refusal.evidence, refusal.at)
    elif concerns is Concerns.TEMPLATE:
        _refuse_wording(refusal)
    elif concerns is Concerns.MEDIA:
        _forget_upload(delivery)


def refuse_digests(subscriber: Subscriber, message_id: str, at: datetime) -> None:
    """The platform's own opt-out counts as Stopp for digests; alerts go on. One from before the
    person's own newer "Start" changes nothing."""
    if subscriber.opted_in_at is not None and at < subscriber.opted_in_at:
        return
    is_restricted = subscriber.wants == Wants.RESTRICTED
    wants = subscriber.wants_before if is_restricted else subscriber.wants
    if wants == Wants.EVERYTHING:
        if is_restricted:
            # Counts from when the restriction is lifted.
            subscriber.wants_before, subscriber.opted_out_at = Wants.ALERTS_ONLY, at
            subscriber.save()
        else:
            subscribers.opt_out(subscriber, at, Wants.ALERTS_ONLY)
        consent.record(subscriber, consent.Deed.PLATFORM_OPT_OUT, at=at, message_id=message_id)
    endings.skip_broadcasts(subscriber.id, NEWS)


def allow_digests(subscriber: Subscriber, message_id: str, at: datetime) -> None:
    """The platform's switch turned back: what it had taken away comes back, nothing else does."""
    is_restricted = subscriber.wants == Wants.RESTRICTED
    wants = subscriber.wants_before if is_restricted else subscriber.wants
    latest = consent.latest(subscriber)
    if wants != Wants.ALERTS_ONLY or latest != consent.Deed.PLATFORM_OPT_OUT:
        return
    if is_restricted:
        subscriber.wants_before, subscriber.opted_in_at = Wants.EVERYTHING, at
        subscriber.save()
    else:
        subscribers.opt_in(subscriber, Wants.EVERYTHING, at, subscriber.language)
    consent.record(subscriber, consent.Deed.PLATFORM_OPT_IN, at=at, message_id=message_id)


def refuse_everything(subscriber: Subscriber, message_id: str, at: datetime) -> None:
    """The person has blocked us: Stopp, without a farewell. One from before the person's own newer
    "Start" changes nothing."""
    if subscriber.opted_in_at is not None and at < subscriber.opted_in_at:
        return
    if subscriber.wants == Wants.RESTRICTED:
        # Counts from when the restriction is lifted.
        subscriber.wants_before, subscriber.opted_out_at = Wants.STOPPED, at
        subscriber.save()
    elif subscriber.wants in (*REACHED_BY_ALERTS, Wants.RETIRED):
        subscribers.opt_out(subscriber, at)
    else:
        return
    consent.record(subscriber, consent.Deed.BLOCKED, at=at, message_id=message_id)
    # No word of theirs: on another channel of theirs they stay readers.
    rows = links.family(subscriber)
    there = next((row for row in rows if row.wants in REACHED_BY_ALERTS), None)
    if there is not None:
        once.settle(rows, on=there)
    endings.skip_broadcasts(subscriber.id)


def _refuse_wording(refusal: Refusal) -> None:
    """A template is remembered, so that its readers get another. Free text has none, and a picture
    is the same in all of them: then the broadcast is held."""
    delivery = refusal.delivery
    if delivery.broadcast_id is None:
        return
    reason = f"{refusal.outcome} {refusal.code}".strip()
    log.warning(
        "wording refused broadcast=%s outcome=%s code=%s",
        delivery.broadcast_id,
        refusal.outcome,
        refusal.code,
    )
    wording = unpack(delivery.rendition.content) if delivery.rendition else None
    if refusal.outcome is Outcome.MEDIA or not isinstance(wording, TemplateMessage):
        holds.hold(delivery.broadcast_id, reason)
        return
    refused = holds.RefusedTemplate(delivery.channel, wording.name, wording.language, reason)
    holds.refuse(delivery.broadcast_id, refused)
    if state := _TEMPLATE_STATES.get(refusal.outcome):
        templates.note_refused(delivery.channel, wording.name, wording.language, state)


def _forget_upload(delivery: Delivery) -> None:
    content = delivery.rendition.content if delivery.rendition else delivery.content
    if content and content.get("picture"):
        media.forget(delivery.account, content["picture"])
