"""The past of the demonstration: weeks in which readers came and digests went out.

Owns: rows of a made-up history, and accounts for the desk. Never: in a real installation; nothing
but `stadtbote demo` calls it.
"""

import datetime as dt
import random
from dataclasses import dataclass

from bot.city import City
from broadcasts import clock, db
from broadcasts.channels.base import Outcome, Receipt, TemplateMessage, pack
from broadcasts.delivery import billing, tallies
from broadcasts.delivery.broadcasts import Audience, Broadcast, Form, Rendition
from broadcasts.delivery.events import DeliveryEvent
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import answers, prepared
from broadcasts.newsroom.alerts import Severity
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.people import growth, staff
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Conversation, Direction, Message
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure_log, keys

DAYS = 42

HEADLINES = (
    "Sperrmüll: neue Termine",
    "Bürgersprechstunde am Donnerstag",
    "Linie 5 fährt wieder über den Ring",
    "Stadtbücherei öffnet samstags",
    "Baumpflege in der Lindenallee",
    "Trinkwasser: Ergebnisse der Prüfung",
    "Flohmarkt auf dem Schulhof",
    "Anmeldung für die Kitas beginnt",
    "Glasfaser: Bauarbeiten im Norden",
    "Konzert im Stadtpark",
)

QUESTIONS = (
    ("Wann hat das Bürgerbüro am Samstag offen?", "Von 9 bis 12 Uhr, ohne Termin."),
    ("Ist der Weg am Fluss wieder frei?", "Ja, seit gestern."),
    ("Wo melde ich eine kaputte Laterne?", "Gern hier: Nennen Sie uns Straße und Nummer."),
    ("Kommt die Biotonne diese Woche?", "Ja, am Freitag."),
)

OUTCOMES = {
    DeliveryState.READ: 68,
    DeliveryState.DELIVERED: 27,
    DeliveryState.SENT: 3,
    DeliveryState.FAILED: 2,
}
"""State → its share in a hundred."""

DELAYS = {Receipt.SENT: 1, Receipt.DELIVERED: 60, Receipt.READ: 5400, Receipt.FAILED: 2}
"""Seconds until it is told, on the whole."""

CANNED = (
    ("Öffnungszeiten", "Das Rathaus hat montags bis freitags von 8 bis 12 Uhr offen."),
    ("Laterne aus", "Danke für den Hinweis! Wir haben ihn an die Stadtwerke weitergegeben."),
    ("Termin", "Einen Termin bekommen Sie unter https://www.musterstadt.example/termine"),
)

ASKED = (
    (9, "Fährt der Bus der Linie 5 am Feiertag?", "Ja, wie sonntags: jede Stunde."),
    (2, "Meine Kundennummer ist 4711-0815-9. Ist mein Antrag da?", ""),
    (1, "Danke für die schnelle Hilfe gestern!", ""),
)
"""Days ago, what somebody wrote, what was answered; the first is closed."""

STORM = 12
"""Days ago: the alert of the story."""

VOLUNTEERS = 40
"""Every so many-th reader has offered to get drills."""

CHUNK = 100
"""Rows in one statement."""


@dataclass(frozen=True)
class Account:
    name: str
    roles: tuple[Role, ...]
    who: str
    """As the demonstration introduces them."""


ACCOUNTS = (
    Account("presse", (Role.PRESS,), "Pressestelle"),
    Account("lage", (Role.EMERGENCY, Role.PRESS), "Krisenstab und Pressestelle"),
    Account("lage2", (Role.EMERGENCY,), "Krisenstab, zweite Person"),
    Account("datenschutz", (Role.PRIVACY,), "Datenschutz"),
    Account("verwaltung", (Role.ADMIN,), "Administration"),
)


def add_staff(city: City, password: str, secrets: dict[str, str]) -> None:
    """One account per role. `secrets`: name → secret of the one-time codes."""
    for account in ACCOUNTS:
        if staff.find(account.name) is not None:
            continue
        made, _ = staff.add(account.name, account.roles)
        staff.set_password(made, password)
        if made.needs_code:
            key = keys.fernet(city.config.secret_key, "codes")
            made.code_secret = key.encrypt(secrets[account.name].encode()).decode()
            made.save()


PREPARED = (
    (
        "Unwetter",
        Severity.DANGER,
        180,
        "Ab [Uhrzeit] wird [schwerer Sturm / Starkregen] erwartet. Bleiben Sie im Haus, schließen"
        " Sie Fenster und Türen und meiden Sie Parks, Wälder und Unterführungen. Mehr unter [Link]",
    ),
    (
        "Trinkwasser",
        Severity.CAUTION,
        720,
        "Das Trinkwasser in [Stadtteil] kann verunreinigt sein. Kochen Sie es drei Minuten lang ab,"
        " bevor Sie es trinken oder damit kochen. Wir melden uns bis [Uhrzeit] wieder. Mehr unter"
        " [Link]",
    ),
)


def prepare_texts() -> None:
    """For the page of alerts."""
    if not prepared.everything():
        for title, severity, minutes, text in PREPARED:
            prepared.keep(title=title, text=text, severity=severity, minutes=minutes, by="lage")


def numbers() -> list[str]:
    """Of readers whom nobody plays: all that are kept free for fiction and not on the phone
    page."""
    german = [f"49176040690{last:02}" for last in range(10, 100)]
    american = [f"1202555{last:04}" for last in range(100, 200)]
    return german + american


def tell(city: City) -> None:
    """Readers who joined over six weeks, a digest each day, one alert with its all-clear."""
    if Broadcast.select().exists():
        return  # `--dir` was used before: the story has been told
    dice = random.Random(7)
    account = next(iter(city.channels.values())).accounts[0]
    with db.transaction():
        people = _readers(dice, account.channel, account.id)
        today = clock.today(city.zone)
        for day in range(DAYS - 1, 0, -1):
            on = today - dt.timedelta(days=day)
            if day == STORM:
                _alert(on, people, city, dice)
            began = clock.at(on, dt.time(17, 0), city.zone)
            readers = [p for p in people if p.opted_in_at <= began and _gets(p, began)]
            sent = _broadcast(BroadcastKind.DIGEST, on, began, readers, dice, city)
            title = HEADLINES[day % len(HEADLINES)]
            Post.create(title=title, on=on, state=PostState.SENT, broadcast=sent, created_at=began)
        _conversations(people[: len(ASKED)])
        _questions(people[len(ASKED) :], city, dice)
        prepare_texts()
    growth.count(city.zone, clock.now(), erased=erasure_log.counted)
    tallies.catch_up(clock.now())


def _conversations(people: list[Subscriber]) -> None:
    """Canned answers, and what a few have written; the phone page's citizens write themselves."""
    for title, text in CANNED:
        answers.keep_canned(title, text, language="", by="presse")
    now = clock.now()
    for person, (days, question, answer) in zip(people, ASKED, strict=False):
        at = now - dt.timedelta(days=days, hours=3)
        said = at + dt.timedelta(minutes=40)
        asked = {"subscriber": person, "direction": Direction.IN, "kind": "text", "at": at}
        Message.create(**asked, text=question)
        if answer:
            own = {**asked, "direction": Direction.OUT, "at": said, "staff": "presse"}
            Message.create(**own, text=answer)
        Conversation.create(
            subscriber=person,
            last_at=said if answer else at,
            waiting_since=None if answer else at,
            due_by=at + dt.timedelta(days=1),
            closed_by="presse" if answer else "",
            closed_at=said if answer else None,
        )
        Subscriber.update(last_inbound_at=at, window_closes_at=at + dt.timedelta(days=1)).where(
            Subscriber.id == person.id
        ).execute()


def _gets(person: Subscriber, at: dt.datetime) -> bool:
    left = person.opted_out_at is not None and person.opted_out_at <= at
    return not left and person.wants != Wants.ALERTS_ONLY


def _readers(dice: random.Random, channel: str, account: str) -> list[Subscriber]:
    now = clock.now()
    made = []
    for index, number in enumerate(numbers()):
        # Many in the first days, when the newspaper wrote about it; some each day since.
        days = DAYS - min(DAYS - 1, dice.expovariate(1 / 9) if index % 3 else dice.uniform(0, DAYS))
        joined = now - dt.timedelta(days=days, hours=dice.uniform(0, 9))
        left = joined + dt.timedelta(days=dice.uniform(2, 20)) if dice.random() < 0.08 else None
        left = left if left is not None and left < now else None
        is_alerts_only = dice.random() < 0.15 and not left
        wants = Wants.ALERTS_ONLY if is_alerts_only else Wants.EVERYTHING
        person = Subscriber.create(
            channel=channel,
            account=account,
            wa_id=number,
            wants=Wants.STOPPED if left else wants,
            language="de",
            created_at=joined,
            reader_since=None if left else joined,
            opted_in_at=joined,
            opted_out_at=left,
            last_inbound_at=left or joined,
            drills=left is None and index % VOLUNTEERS == 0,
        )
        Consent.create(
            subscriber=person,
            deed=Deed.ALERTS_ONLY if wants is Wants.ALERTS_ONLY else Deed.OPT_IN,
            channel=channel,
            wording="de-1",
            evidence="Vorführung",
            at=joined,
        )
        if left:
            Consent.create(
                subscriber=person,
                deed=Deed.OPT_OUT,
                channel=channel,
                wording="",
                evidence="Vorführung",
                at=left,
            )
        made.append(person)
    return made


def _broadcast(
    kind: BroadcastKind,
    on: dt.date,
    began: dt.datetime,
    readers: list[Subscriber],
    dice: random.Random,
    city: City,
    *,
    text: str = "",
    follows: int | None = None,
) -> Broadcast:
    """As it looks when everything is over."""
    ended = began + dt.timedelta(seconds=5)
    audience = Audience.DIGEST_READERS if kind is BroadcastKind.DIGEST else Audience.ALERT_READERS
    broadcast = Broadcast.create(
        kind=kind,
        state=BroadcastState.FINISHED,
        on=on,
        digest_on=on if kind is BroadcastKind.DIGEST else None,
        title="Unwetter" if text else "",
        text=text,
        audience=audience,
        audience_at=began,
        cut_off=max((p.id for p in readers), default=0),
        written_upto=max((p.id for p in readers), default=0),
        follows=follows,
        created_at=began,
        started_at=began,
        finished_at=ended,
        expires_at=began + dt.timedelta(hours=3),
    )
    _deliveries(broadcast, readers, dice)
    _bill(broadcast, city)
    return broadcast


def _bill(broadcast: Broadcast, city: City) -> None:
    """As the provider's receipts would have said."""
    month = broadcast.created_at.astimezone(city.zone).date().replace(day=1)
    kind = _price(broadcast.kind)
    events = (
        DeliveryEvent.select()
        .join(Delivery)
        .where(Delivery.broadcast == broadcast, DeliveryEvent.receipt == Receipt.DELIVERED)
    )
    billing.add({(month, next(iter(city.channels)), kind): events.count()})


def _price(kind: BroadcastKind) -> str:
    return "marketing" if kind is BroadcastKind.DIGEST else "utility"


def _rendition(broadcast: Broadcast, channel: str) -> Rendition:
    words = broadcast.text or "Neues aus der Stadt"
    name = "digest_1" if broadcast.kind is BroadcastKind.DIGEST else "alert_2h"
    made: Rendition = Rendition.create(
        broadcast=broadcast,
        channel=channel,
        language="de",
        form=Form.TEMPLATE,
        content=pack(TemplateMessage(name, "de", (("text", words),))),
        price_category=_price(broadcast.kind),
    )
    return made


def _deliveries(broadcast: Broadcast, readers: list[Subscriber], dice: random.Random) -> None:
    began: dt.datetime = broadcast.created_at
    rendition = _rendition(broadcast, readers[0].channel) if readers else None
    outcomes = dice.choices(list(OUTCOMES), list(OUTCOMES.values()), k=len(readers))
    rows = [
        {
            "broadcast": broadcast.id,
            "subscriber": person.id,
            "channel": person.channel,
            "account": person.account,
            "state": state,
            "attempt": 1,
            "rendition": rendition,
            "sending_at": began + dt.timedelta(seconds=index / 40),
            "changed_at": began + dt.timedelta(seconds=index / 40),
            "outcome": Outcome.UNREACHABLE if state is DeliveryState.FAILED else Outcome.ACCEPTED,
            "code": "131026" if state is DeliveryState.FAILED else None,
        }
        for index, (person, state) in enumerate(zip(readers, outcomes, strict=True))
    ]
    for start in range(0, len(rows), CHUNK):
        Delivery.insert_many(rows[start : start + CHUNK]).execute()
    events = []
    for made in list(Delivery.select().where(Delivery.broadcast == broadcast)):
        events += [_event(made, step, broadcast.kind, dice) for step in _way_to(made.state)]
    for start in range(0, len(events), CHUNK):
        DeliveryEvent.insert_many(events[start : start + CHUNK]).execute()


def _event(
    made: Delivery, step: Receipt, kind: BroadcastKind, dice: random.Random
) -> dict[str, object]:
    return {
        "delivery": made.id,
        "attempt": 1,
        "receipt": step,
        "at": made.changed_at + dt.timedelta(seconds=dice.expovariate(1 / DELAYS[step])),
        "billable": step is not Receipt.FAILED,
        "category": _price(kind),
    }


def _way_to(state: DeliveryState) -> list[Receipt]:
    """Failed comes alone; read has been sent and delivered before."""
    if state is DeliveryState.FAILED:
        return [Receipt.FAILED]
    order = [Receipt.SENT, Receipt.DELIVERED, Receipt.READ]
    return order[: order.index(Receipt(str(state))) + 1]


def _alert(on: dt.date, people: list[Subscriber], city: City, dice: random.Random) -> None:
    began = clock.at(on, dt.time(14, 12), city.zone)
    readers = [p for p in people if p.opted_in_at <= began and not p.opted_out_at]
    text = "Ab 16 Uhr schwerer Sturm. Meiden Sie Parks und Wälder."
    alert = _broadcast(BroadcastKind.ALERT, on, began, readers, dice, city, text=text)
    over = "Der Sturm ist vorüber. Die Parks sind wieder offen."
    later = began + dt.timedelta(hours=5)
    _broadcast(BroadcastKind.CLEAR, on, later, readers, dice, city, text=over, follows=alert.id)


def _questions(people: list[Subscriber], city: City, dice: random.Random) -> None:
    """Some each day, most of them answered within hours, and closed."""
    now, last = clock.now(), dict[Subscriber, dt.datetime]()
    for day in range(DAYS - 1, 0, -1):
        on = now.astimezone(city.zone).date() - dt.timedelta(days=day)
        begin = clock.at(on, dt.time(8, 0), city.zone)
        known = [person for person in people if person.opted_in_at < begin]
        for person in dice.sample(known, min(len(known), dice.randint(0, 3))):
            asked = begin + dt.timedelta(hours=dice.uniform(0, 8))
            asks, answer = dice.choice(QUESTIONS)
            _said(person, Direction.IN, asks, asked)
            last[person] = asked
            if dice.random() < 0.9:
                last[person] += dt.timedelta(minutes=5 + dice.expovariate(1 / 90))
                _said(person, Direction.OUT, answer, last[person], staff="presse")
    for person, at in last.items():
        closed = {"last_at": at, "due_by": at, "closed_at": at, "closed_by": "presse"}
        Conversation.create(subscriber=person, **closed)


def _said(
    person: Subscriber, direction: Direction, text: str, at: dt.datetime, *, staff: str = ""
) -> None:
    own = {"direction": direction, "kind": "text", "text": text, "at": at, "staff": staff}
    Message.create(subscriber=person, **own)
