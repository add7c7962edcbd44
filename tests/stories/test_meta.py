"""Messenger and Instagram over real HTTP: whoever is in reach gets it, the others wait."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.app import quiet_libraries
from bot.sandbox import MetaPhone
from bot.sandbox.meta.stage import MetaStage
from broadcasts import clock, journal
from broadcasts.channels.base import Address
from broadcasts.delivery import broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import GIVEN, WAITING, BroadcastKind, BroadcastState
from broadcasts.newsroom import alerts, answers, digests, posts, received
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.newsroom.received import Picture, PictureState
from broadcasts.people import subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.inbox import Conversation, Message
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import search
from broadcasts.privacy.search import Places
from tests.patience import wait_until
from tests.stories.telling import everything_stored
from tests.system import META_SECRET, META_TOKEN, System, running

KINDS = ("messenger", "instagram")
SECRET_WORDS = "Zypressenweg 17"
LONG_AGO = timedelta(hours=30)


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, meta=True, time='"23:57"') as made:
        yield made


def stage(system: System, kind: str) -> MetaStage:
    found: MetaStage = getattr(system.sandbox, kind)
    return found


def reader(system: System, kind: str, number: int, *, ago: timedelta | None = None) -> MetaPhone:
    """Somebody who has subscribed, now or a while ago; then their window is closed."""
    phone = stage(system, kind).phone(100 + number)
    if ago is None:
        phone.text("Start")
        phone.wait_for(1)
    else:
        phone.text("Start", at=(clock.now() - ago).timestamp())
        wait_until(lambda: subscribers.find(kind, address(phone)) is not None)
        system.settle()
    return phone


def address(phone: MetaPhone) -> Address:
    return Address(bsuid=phone.person.id)


def row(kind: str, phone: MetaPhone) -> Subscriber:
    person = subscribers.find(kind, address(phone))
    assert person is not None
    return person


def sent_digest(system: System, *, image: Path | None = None) -> Broadcast:
    room = system.city.newsroom
    written = Written("Markt & Musik", "Am Samstag", on=clock.today(room.zone))
    posts.add(room, written, image=image)
    digest = digests.send(room, now=clock.now(), allow_quiet=True)
    wait_until(lambda: broadcasts.get(digest.id).state == BroadcastState.FINISHED)
    return digest


def outcome(broadcast: Broadcast, kind: str, phone: MetaPhone) -> tuple[str, str | None]:
    found = Delivery.get(
        Delivery.broadcast == broadcast.id, Delivery.subscriber == row(kind, phone).id
    )
    return str(found.state), found.code


@pytest.mark.parametrize("kind", KINDS)
def test_it_gives_the_digest_to_open_windows_and_lets_the_rest_wait(
    system: System, kind: str
) -> None:
    anna, ben = reader(system, kind, 1), reader(system, kind, 2, ago=LONG_AGO)
    assert "automatischer Dienst" in anna.bodies[0]
    opt_ins = Consent.select().where(Consent.channel == kind, Consent.deed == Deed.OPT_IN)
    assert opt_ins.count() == 2
    before = len(ben.messages)

    digest = sent_digest(system)
    shown = anna.wait_for(2)[1]
    assert "Markt & Musik" in shown.body
    assert "*" not in shown.body
    assert [button["title"] for button in shown.buttons] == ["Morgen wieder"]
    assert outcome(digest, kind, anna)[0] == "sent"
    assert outcome(digest, kind, ben) == ("skipped", WAITING)
    assert len(ben.messages) == before

    # A tap opens the window for the next one; a message of any kind brings the one that waits.
    anna.tap("Morgen wieder")
    assert "jeden Tag" in anna.wait_for(3)[2].body
    ben.react()
    wait_until(lambda: any("Markt & Musik" in body for body in ben.bodies))
    assert outcome(digest, kind, ben) == ("skipped", GIVEN)
    # A thumb up, or a link followed, is no question: nothing else is said, and nobody has to look.
    ben.follow("rathaus-plakat")
    system.settle()
    assert len(ben.messages) == before + 1
    assert not Message.select().exists()
    assert all(not said["tag"] for said in stage(system, kind).accepted())


@pytest.mark.parametrize("kind", KINDS)
def test_it_warns_whoever_can_be_reached_and_tells_the_others_when_they_write(
    system: System, kind: str
) -> None:
    anna, ben = reader(system, kind, 1), reader(system, kind, 2, ago=LONG_AGO)
    draft = Draft(BroadcastKind.ALERT, "Sturm ab 16 Uhr")
    assert alerts.outlook(system.city.newsroom, draft, clock.now()).waiting == 1
    alert = alerts.send(system.city.newsroom, draft, clock.now())
    warning = anna.wait_for(2)[1]
    assert "Sturm ab 16 Uhr" in warning.body
    assert not warning.silent
    wait_until(lambda: broadcasts.get(alert.id).state == BroadcastState.FINISHED)
    assert outcome(alert, kind, ben) == ("skipped", WAITING)
    ben.text("Hallo")
    wait_until(lambda: any("Sturm" in body for body in ben.bodies))
    anna.text("Stopp")
    wait_until(lambda: row(kind, anna).wants == Wants.STOPPED)
    assert len(anna.wait_for(3)) == 3


def test_it_believes_the_provider_that_a_window_is_closed(system: System) -> None:
    anna = reader(system, "messenger", 1)
    anna.close_window()
    digest = sent_digest(system)
    assert outcome(digest, "messenger", anna) == ("skipped", WAITING)
    assert system.sandbox.messenger.world.refused == {"10/2018278": 1}
    anna.text("Hallo")
    wait_until(lambda: any("Markt & Musik" in body for body in anna.bodies))


@pytest.mark.parametrize("kind", KINDS)
def test_staff_may_answer_after_three_days_and_nothing_else_may(system: System, kind: str) -> None:
    anna = stage(system, kind).phone(101)
    anna.text("Wann öffnet das Bad?", at=(clock.now() - timedelta(days=3)).timestamp())
    wait_until(lambda: Message.select().exists())
    wait_until(lambda: not Delivery.select().where(Delivery.due_at.is_null(False)).exists())
    assert anna.messages == []
    (talk,) = list(Conversation.select())
    channels = system.city.channels
    answers.answer(channels, talk.id, "Um *8* Uhr.", version=talk.version, by="presse")
    assert anna.wait_for(1)[0].body == "Um 8 Uhr."
    (said,) = stage(system, kind).accepted()
    assert said["tag"] == "HUMAN_AGENT"


def test_it_sends_the_picture_before_the_digest(system: System, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "#cfe6f5").save(tmp_path / "markt.png")
    anna, ina = reader(system, "messenger", 1), reader(system, "instagram", 1)
    sent_digest(system, image=tmp_path / "markt.png")
    image, text = anna.wait_for(3)[1:]
    assert (image.kind, text.kind) == ("image", "text")
    assert "Markt & Musik" in text.body
    assert [bubble.kind for bubble in ina.wait_for(2)] == ["text", "text"]


def test_it_shows_staff_what_somebody_sent_and_drops_what_they_take_back(system: System) -> None:
    ina = reader(system, "instagram", 1)
    ina.image()
    wait_until(lambda: Picture.select().exists())
    received.fetch_due(system.city.channels, system.city.config.media_dir, clock.now())
    wait_until(lambda: Picture.get().state == PictureState.KEPT)
    mid = ina.text(SECRET_WORDS)
    wait_until(lambda: Message.select().where(Message.text == SECRET_WORDS).exists())
    ina.unsend(mid)
    wait_until(lambda: not Message.select().where(Message.text == SECRET_WORDS).exists())


def test_it_hears_its_own_messages_without_heeding_them(system: System) -> None:
    """Instagram sends us a copy of each; one more answer to it, and there would be no end."""
    ina = reader(system, "instagram", 1)
    ina.text("Hilfe")
    ina.wait_for(2)
    system.settle()
    assert system.sandbox.instagram.webhooks.delivered == 4
    assert len(ina.messages) == 2
    assert not Message.select().exists()
    assert not journal.count_strange()
    assert Subscriber.select().where(Subscriber.channel == "instagram").count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_forgets_a_person_without_a_trace(
    system: System, kind: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    anna = reader(system, kind, 1)
    mid = anna.text(SECRET_WORDS)
    anna.wait_for(2)
    stage(system, kind).world.refuse.append((100, None))
    anna.text("Hilfe")
    wait_until(lambda: stage(system, kind).world.refused["100"])
    odd = {"sender": {"id": anna.person.id}, "timestamp": 1, "message": {"text": SECRET_WORDS}}
    system.sandbox.call(lambda: stage(system, kind).webhooks.tell_event("messages", odd))
    wait_until(lambda: journal.count_strange())
    anna.text("Alle Daten löschen")
    wait_until(lambda: Subscriber.select().count() == 0)
    wait_until(lambda: "Quittung" in anna.bodies[-1])
    system.settle()
    wait_until(lambda: not Delivery.select().where(Delivery.address.is_null(False)).exists())
    values = anna.person.id, SECRET_WORDS, mid
    wait_until(lambda: not any(v.encode() in everything_stored(system) for v in values), 5.0)
    lines = "\n".join(
        f"{r.getMessage()} {r.exc_text or ''}"
        for r in caplog.records
        if not r.name.startswith(("asyncio", "bot.sandbox"))
    )
    for value in (*values, META_TOKEN, META_SECRET):
        assert value not in lines, value
    places = Places(folder=tmp_path, media=tmp_path / "media", logs=tmp_path / "logs")
    who = search.meant(system.city.channels, anna.person.id)
    assert [find for find in search.everywhere(places, who, ()) if find.rows] == []


def test_it_moves_a_reader_there_by_a_link(system: System) -> None:
    """Into a conversation that there is already, the link brings the code by itself."""
    ina, ben = stage(system, "instagram").phone(101), system.phone(2)
    ina.text("Hallo")
    ina.wait_for(1)
    ben.text("Start")
    ben.wait_for(1)
    ben.text("Umziehen")
    said = ben.wait_for(2)[-1].body
    assert re.search(r"https://m\.me/musterstadt\?text=[A-Z0-9]{7}", said)
    (code,) = re.findall(r"https://ig\.me/m/musterstadt\?ref=([A-Z0-9]{7})", said)
    ina.follow(code)
    ina.wait_for(2)
    assert row("instagram", ina).wants == Wants.EVERYTHING
    assert Subscriber.get(Subscriber.channel == "whatsapp").wants == Wants.STOPPED
