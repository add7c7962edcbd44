"""Short ways to the rows that delivery tests need."""

from collections.abc import Mapping
from datetime import date, timedelta

from broadcasts import clock
from broadcasts.channels.base import Account, Address, Outcome, TemplateMessage, Text
from broadcasts.delivery import audience, broadcasts
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Plan, Wording
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import NEWS, BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people import links, subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.fakes import FakeChannel

ACCOUNT = "4711"
CHANNELS = {"whatsapp": FakeChannel()}
SECOND = Account("second", "9001", "@stadt", 30, join="https://second.example/?text={text}")
BOTH = {**CHANNELS, "second": FakeChannel("second", (SECOND,), window=None)}
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


def on_second(number: int, wants: Wants = Wants.EVERYTHING) -> Subscriber:
    """A subscriber of another channel, in no way known to be anybody else."""
    at = clock.now() - timedelta(hours=1)
    address = Address(bsuid=f"second{number}")
    person = subscribers.create("second", SECOND.id, address, language="de", at=at)
    subscribers.heard_from(person, SECOND.id, at, None)
    if wants != Wants.NOTHING:
        subscribers.opt_in(person, wants, at, "de")
    return person


def linked(number: int, wants: Wants = Wants.EVERYTHING) -> tuple[Subscriber, Subscriber]:
    """One person: the row on WhatsApp, and the one on the second channel that they prefer."""
    one, other = reader(number, wants), on_second(number, wants)
    links.prefer(other, [one, other])
    return one, other


def plan(kind: BroadcastKind = BroadcastKind.DIGEST, on: date = DAY, **more: object) -> Plan:
    is_news = kind in NEWS
    values = {
        "kind": kind,
        "on": on,
        "audience": Audience.DIGEST_READERS if is_news else Audience.ALERT_READERS,
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
    return Plan(**{**values, **more})


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


def sent(
    counts: Mapping[DeliveryState, int],
    *,
    kind: BroadcastKind = BroadcastKind.DIGEST,
    state: BroadcastState = BroadcastState.RUNNING,
    **more: object,
) -> Broadcast:
    """A broadcast with so many deliveries in each state, of persons erased since."""
    now = clock.now()
    times = {"audience_at": now, "created_at": now, "expires_at": now + timedelta(hours=4)}
    values = {"kind": kind, "state": state, "on": DAY, "cut_off": 0, **times}
    row: Broadcast = Broadcast.create(
        **{"audience": Audience.DIGEST_READERS, "started_at": now, **values, **more}
    )
    for each, number in counts.items():
        failed = each is DeliveryState.FAILED
        for _ in range(number):
            Delivery.create(
                broadcast=row,
                channel="whatsapp",
                account=ACCOUNT,
                state=each,
                outcome=Outcome.UNREACHABLE if failed else None,
                code="131026" if failed else None,
                changed_at=now,
            )
    return row
