"""A copy of everything held of one person (Art. 15 and 20 GDPR).

Owns: what belongs into it. Never: anybody else's data; which of the staff wrote, took or checked
something is theirs. A test holds it to the tables.
"""

from typing import Any

from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import inbox, links, selections
from broadcasts.people.consent import Consent
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import copies, link_codes


def export(person: Subscriber) -> dict[str, Any]:
    """Ready for JSON; `wa_id` as digits, pictures by the names of their files."""
    messages = list(_of(Message, person))
    pictures = inbox.pictures_of(row.id for row in messages)
    return {
        "channel": person.channel,
        "account": person.account,
        "wa_id": person.wa_id,
        "bsuid": person.bsuid,
        "wants": str(person.wants),
        "language": person.language,
        "created_at": _iso(person.created_at),
        "reader_since": _iso(person.reader_since),
        "opted_in_at": _iso(person.opted_in_at),
        "opted_out_at": _iso(person.opted_out_at),
        "last_inbound_at": _iso(person.last_inbound_at),
        "window_closes_at": _iso(person.window_closes_at),
        "acknowledged_at": _iso(person.acknowledged_at),
        "selection": list(selections.read(person.selection_id).names),
        "drills": person.drills,
        "unreachable_days": person.unreachable_days,
        "unreachable_on": _iso(person.unreachable_on),
        "in_touch_on": _iso(person.in_touch_on),
        "asked_at": _iso(person.asked_at),
        "restricted_at": _iso(person.restricted_at),
        "wants_before": person.wants_before and str(person.wants_before),
        "objected_at": _iso(person.objected_at),
        "called": person.called,
        "paused_from": _iso(person.paused_from),
        "paused_until": _iso(person.paused_until),
        "note": person.note,
        "linked_on": [row.channel for row in links.others(person)],
        "prefers": _channel_of(person.prefers),
        "link_code_until": _iso(link_codes.open_until(person)),
        "copy_link_until": _iso(copies.open_until(person)),
        "evidence": evidence_of(person),
        "conversation": next((_conversation(row) for row in _of(Conversation, person)), None),
        "messages": [_message(row, pictures.get(row.id)) for row in messages],
        "deliveries": [_delivery(row) for row in _of(Delivery, person)],
    }


def _channel_of(subscriber_id: int | None) -> str | None:
    """A linked row's own data is in its own copy: who looks one up has shown to be that one."""
    row = Subscriber.get_or_none(Subscriber.id == subscriber_id)
    return None if row is None else row.channel


def evidence_of(person: Subscriber) -> list[dict[str, Any]]:
    """What proves their consents, oldest first."""
    return [_consent(row) for row in _of(Consent, person)]


def _of(table: Any, person: Subscriber) -> Any:
    return table.select().where(table.subscriber == person).order_by(table.id)


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat()


def _consent(row: Consent) -> dict[str, Any]:
    return {
        "deed": str(row.deed),
        "channel": row.channel,
        "wording": row.wording,
        "message_id": row.message_id,
        "keyword": row.keyword,
        "evidence": row.evidence,
        "at": _iso(row.at),
    }


def _conversation(row: Conversation) -> dict[str, Any]:
    return {
        "last_at": _iso(row.last_at),
        "waiting_since": _iso(row.waiting_since),
        "due_by": _iso(row.due_by),
        "is_assigned": bool(row.assigned_to),
        "checked_at": _iso(row.checked_at),
        "closed_at": _iso(row.closed_at),
        "is_rating_asked": row.is_rating_asked,
    }


def _message(row: Message, picture: Picture | None) -> dict[str, Any]:
    return {
        "direction": str(row.direction),
        "kind": row.kind,
        "text": row.text,
        "media": row.media,
        "at": _iso(row.at),
        "delivery_id": row.delivery_id,
        "picture": picture
        and {
            "file": f"{inbox.FOLDER}/{picture.file}",
            "state": str(picture.state),
            "tries": picture.tries,
            "due_at": _iso(picture.due_at),
            "why": picture.why,
        },
    }


def _delivery(row: Delivery) -> dict[str, Any]:
    broadcast, rendition = row.broadcast, row.rendition
    events = DeliveryEvent.select().where(DeliveryEvent.delivery == row)
    return {
        "id": row.id,
        "kind": str(broadcast.kind) if broadcast else "answer",
        "on": _iso(broadcast.on) if broadcast else None,
        "title": broadcast.title if broadcast else None,
        "content": rendition.content if rendition else row.content,
        "state": str(row.state),
        "attempt": row.attempt,
        "sending_at": _iso(row.sending_at),
        "changed_at": _iso(row.changed_at),
        "message_id": row.provider_id,
        "code": row.code,
        "events": [
            {
                "receipt": str(event.receipt),
                "attempt": event.attempt,
                "at": _iso(event.at),
                "code": event.code,
                "category": event.category,
            }
            for event in events.order_by(DeliveryEvent.id)
        ],
    }
