"""Topics and districts, over real HTTP: from what is typed to what the phone shows."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from broadcasts import clock
from broadcasts.people import selections
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber
from tests.bot.test_join import decoded, pixels
from tests.channels.email.server import running as mail_server
from tests.patience import wait_until
from tests.stories.test_email import confirmed, find, press, sign_up, text_of
from tests.stories.test_email import links as links_of
from tests.system import System, running
from tests.test_flow import Teller

SECTIONS = """
[topics.roads]
name = "Baustellen"
en = "Roadworks"

[topics.culture]
name = "Kultur"

[districts.north]
name = "Nordstadt"
"""


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, time='"23:57"', more=SECTIONS) as system:
        yield system


def test_each_gets_one_message_of_what_they_asked_for(
    city: System, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = Teller(city, capsys)
    everything, roads = teller.subscribe(1), teller.subscribe(2, "Start Baustelen")
    culture = teller.subscribe(3, "Start Kultur")

    # The list: one tap, then the numbers.
    culture.text("Themen")
    rows = culture.wait_for(2)[1].buttons
    assert [row["title"] for row in rows] == [
        "Baustellen",
        "✓ Kultur",
        "Nordstadt",
        "Alles bekommen",
    ]
    culture.tap("choose:north")
    assert "3 Nordstadt ✓" in culture.wait_for(3)[2].body
    culture.tap("choose:north")
    assert "3 Nordstadt ✓" not in culture.wait_for(4)[3].body
    culture.tap("choose:north")
    culture.wait_for(5)
    culture.text("2")
    assert "Kultur" in culture.wait_for(6)[5].body

    teller.run("post", "add", "Sperrung am Ring", "--topic", "Baustellen")
    teller.run("post", "add", "Konzert", "--topic", "culture")
    teller.run("post", "add", "Nur Norden", "--topic", "Kultur", "--district", "Nordstadt")
    assert "is not configured" in teller.run("post", "add", "X", "--topic", "Sport", status=1)

    preview = teller.run("digest", "preview")
    assert (preview["recipients"], preview["chosen_otherwise"]) == (3, 0)
    versions = {
        tuple(row["posts"]): row["recipients"]
        for row in preview["renditions"]
        if row["form"] == "window"
    }
    assert versions == {(1, 2, 3): 1, (1,): 1, (2, 3): 1}

    digest = teller.run("digest", "send")["broadcast_id"]
    first = everything.wait_for(2)[1].body
    assert all(title in first for title in ("Sperrung am Ring", "Konzert", "Nur Norden"))
    second, third = roads.wait_for(2)[1].body, culture.wait_for(7)[6].body
    assert "Sperrung am Ring" in second
    assert "Konzert" not in second
    assert "Konzert" in third
    assert "Sperrung" not in third
    teller.until_read(digest, 3)

    # "Aktuell" is what they have chosen, too.
    roads.text("Aktuell")
    assert "Konzert" not in roads.wait_for(3)[2].body

    found = {row["name"]: row["readers"] for row in teller.run("topics", "list")}
    assert found == {"roads": 1, "culture": 1, "north": 0}
    copy = teller.run("subscribers", "export", "whatsapp", "+49 176 04069002")
    assert copy["selection"] == ["roads"]


def test_an_alert_for_a_district_goes_to_it_and_its_all_clear_after_it(
    city: System, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = Teller(city, capsys)
    everything, north = teller.subscribe(1), teller.subscribe(2, "Start Nordstadt")
    culture = teller.subscribe(3, "Start Kultur")
    assert "is not configured" in teller.run(
        "alert", "send", "Gas", "--district", "Norstadt", "--yes", status=1
    )
    alert = teller.run(
        "alert", "send", "Gasgeruch", "--topic", "roads", "--district", "Nordstadt", "--yes"
    )
    assert (alert["recipients"], alert["chosen_otherwise"]) == (2, 1)
    assert "Gasgeruch" in everything.wait_for(2)[1].body
    assert "Gasgeruch" in north.wait_for(2)[1].body
    teller.until_read(alert["broadcast_id"], 2)
    north.text("Nur Kultur")
    north.wait_for(3)
    teller.run("alert", "clear", str(alert["broadcast_id"]), "Vorbei", "--yes")
    assert "Vorbei" in north.wait_for(4)[3].body
    assert len(culture.messages) == 1
    assert Subscriber.select().count() == 3


def test_a_template_paused_on_the_way_keeps_nobody_from_the_news(
    city: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """Meta has paused the one that a single reader's choice needs, and the notice has not come."""
    teller = Teller(city, capsys)
    everything, roads = teller.subscribe(1), teller.subscribe(2, "Start Baustellen")
    Subscriber.update(window_closes_at=clock.now()).execute()
    teller.run("post", "add", "Sperrung am Ring", "--topic", "Baustellen")
    teller.run("post", "add", "Konzert", "--topic", "Kultur")
    paused = city.sandbox.world.templates["digest_1", "de"]
    city.sandbox.call(lambda: paused.update(status="PAUSED"))
    digest = teller.run("digest", "send")["broadcast_id"]
    for phone in (everything, roads):
        shown = phone.wait_for(2)[1]
        assert (shown.template, "Konzert" in shown.body) == ("digest_2", True)
    teller.until_read(digest, 2)
    found = teller.run("broadcast", "show", str(digest))
    assert (found["held_reason"], found["failed"], found["skipped"]) == (None, 0, 0)
    (refused,) = found["refused"]
    assert (refused["name"], refused["reason"]) == ("digest_1", "template_paused 132015")


DETAILS = "Ihre Angaben ändern, Kopie Ihrer Daten, alles löschen"


def test_the_join_page_leads_to_a_topic_on_each_channel(tmp_path: Path, database_url: str) -> None:
    with (
        mail_server() as mails,
        running(
            tmp_path,
            database_url,
            time='"23:57"',
            more=SECTIONS,
            telegram="polling",
            email=mails.port,
        ) as system,
    ):
        shown = httpx.get(f"{system.url}/").text
        links = re.findall(r'href="([^"]+)"', shown)
        (chat,) = [link for link in links if "wa.me" in link and "Baustellen" in link]
        (start,) = [link for link in links if "t.me" in link and link.endswith("=roads")]
        (form,) = [link for link in links if link.endswith("choose=roads")]
        codes = [link for link in links if "-roads.svg" in link]
        drawn = [decoded(pixels(httpx.get(f"{system.url}{code}").text)) for code in codes]
        assert drawn == [[chat], [start], [f"https://bote.musterstadt.example{form}"]]
        assert len(shown.encode()) < 30_000

        # Typed in by the link, as the phone does it.
        phone, bot = system.phone(1), system.telegram(2)
        phone.text(unquote(chat.partition("text=")[2]))
        bot.text(f"/start {start.rpartition('=')[2]}")
        assert "Sie bekommen: Baustellen" in phone.wait_for(1)[0].body
        assert "Sie bekommen: Baustellen" in bot.wait_for(1)[0].body

        # By e-mail: ticked already, confirmed, changed on the page of one's details.
        page = httpx.get(f"{system.url}{form}").text
        assert 'value="roads" checked' in page
        assert "Sie bekommen: Baustellen" in text_of(confirmed(system, mails, choose="roads"))
        details = links_of(system, mails.taken[-1])[
            "Ihre Angaben ändern, Kopie Ihrer Daten, alles löschen"
        ]
        assert 'value="roads" checked' in httpx.get(details).text
        press(details, called="", wants="everything", choose="north")
        wait_until(lambda: selections.read(find().selection_id) == Scope((), ("north",)))

        # A form of anybody's says nothing of a reader, and a made-up name nothing at all.
        sign_up(system, choose="culture")
        press(details, called="", wants="everything", choose="'; DROP TABLE subscriber")
        wait_until(lambda: selections.read(find().selection_id) == Scope())
        assert httpx.get(f"{system.url}/qr/whatsapp-0-nothing.svg").status_code == 404
