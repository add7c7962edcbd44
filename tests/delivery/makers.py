"""Short ways to the rows that delivery tests need."""

from datetime import date, timedelta

from broadcasts import clock
from broadcasts.channels.base import Address, TemplateMessage, Text
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Plan, Wording
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.fakes import FakeChannel

ACCOUNT = "4711"
CHANNELS = {"whatsapp": FakeChannel()}
DAY = date(2026, 11, 24)


def reader(
    number: int, wants: Wants = Wants.EVERYTHING, *, window: bool = True, language: str = "de"
) -> Subscriber:
    """A subscriber with the number +49 176 040690xx."""
    at = clock.now() - timedelta(hours=1)
    address = Address(wa_id=f"49176040690{number:02}")
    person = subscribers.create("whatsapp", ACCOUNT, address, language=language, at=at)
    if window:
        subscribers.heard_from(person, ACCOUNT, at, timedelta(hours=24))
    subscribers.opt_in(person, wants, at, language)
    return person


def plan(kind: BroadcastKind = BroadcastKind.DIGEST, on: date = DAY, **more: object) -> Plan:
    is_digest = kind is BroadcastKind.DIGEST
    values = {
        "kind": kind,
        "on": on,
        "audience": Audience.DIGEST_READERS if is_digest else Audience.ALERT_READERS,
        "expires_at": clock.now() + timedelta(hours=4),
        "wordings": (
            Wording("whatsapp", "de", Form.WINDOW, Text(f"{kind} frei"), "service"),
            Wording(
                "whatsapp",
                "de",
                Form.TEMPLATE,
                TemplateMessage(f"{kind}_1", "de", (("post_1", "Neues"),)),
                "marketing",
            ),
        ),
    }
    return Plan(**{**values, **more})  # type: ignore[arg-type]


def broadcast(
    kind: BroadcastKind = BroadcastKind.DIGEST, on: date = DAY, **more: object
) -> Broadcast:
    """A broadcast whose rows are all written."""
    started = broadcasts.start(plan(kind, on, **more))
    audience.write_all_waiting(CHANNELS)
    return broadcasts.get(started.id)


def deliveries(of: Broadcast) -> list[Delivery]:
    return list(Delivery.select().where(Delivery.broadcast == of.id).order_by(Delivery.id))


def states(of: Broadcast) -> list[str]:
    return [str(row.state) for row in deliveries(of)]
