"""A reader chooses plain language; staff write for them; each telephone shows its own version."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broadcasts import clock
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from tests.channels.email.server import MailServer
from tests.channels.email.server import running as mail_server
from tests.desk.visitor import Visitor, fields, signed_in
from tests.stories.test_email import confirmed, find, links, text_of
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

HOME = "http://localhost"
POST = {"title": "Sperrung", "text": "Die Brücke ist für Kraftfahrzeuge gesperrt."}
PLAIN = {"plain_title": "Brücke zu", "plain_text": "Autos dürfen nicht über die Brücke."}
ENGLISH = {"en_title": "Bridge closed", "en_text": "No cars on the bridge."}


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def system(tmp_path: Path, database_url: str, mails: MailServer) -> Iterator[System]:
    more = {"time": '"23:57"', "public_url": f'"{HOME}"'}
    with running(tmp_path, database_url, email=mails.port, **more) as made:
        yield made


def joined(system: System, last: int, *words: str) -> None:
    phone = system.phone(last)
    for number, word in enumerate(("Start", *words), start=1):
        phone.text(word)
        phone.wait_for(number)


def write(press: Visitor) -> None:
    today = clock.today(press.city.zone).isoformat()
    typed = {**fields(press.get("/posts/new").text), **POST, **PLAIN, **ENGLISH, "on": today}
    assert "Eingereiht" in press.http.post("/posts/new", data=typed).text


def test_it_reaches_each_phone_in_the_version_of_its_reader(system: System) -> None:
    joined(system, 1, "Einfache Sprache")
    joined(system, 2, "English")
    joined(system, 3, "Nederlands")
    joined(system, 4, "Leichte Sprache")
    outside = Subscriber.wa_id == "4917604069004"
    Subscriber.update(window_closes_at=clock.now()).where(outside).execute()
    press = signed_in(system.city, system.url, Role.PRESS)
    write(press)
    press.send("/digest/send", {})
    plain, english, dutch, template = (system.phone(n).wait_for(3)[2] for n in (1, 2, 3, 4))
    assert "Autos dürfen nicht über die Brücke." in plain.body
    assert "Kraftfahrzeuge" not in plain.body
    assert "No cars on the bridge." in english.body
    assert "Kraftfahrzeuge" in dutch.body
    assert (template.template, template.language) == ("digest_1", "de")
    assert "Autos dürfen nicht über die Brücke." in template.body

    system.phone(1).text("Aktuell")
    assert "Autos dürfen nicht" in system.phone(1).wait_for(4)[3].body
    system.phone(2).text("Today")
    assert "No cars" in system.phone(2).wait_for(4)[3].body


def test_it_lets_everybody_read_the_versions_in_the_archive(system: System) -> None:
    joined(system, 1)
    press = signed_in(system.city, system.url, Role.PRESS)
    write(press)
    press.send("/digest/send", {})
    path = f"{system.url}/archiv/{clock.today(system.city.zone)}"
    page = httpx.get(path).text
    assert "Kraftfahrzeuge" in page
    (link,) = re.findall(r'<a href="([^"]+)" lang="de" hreflang="de">Einfache Sprache</a>', page)
    plain = httpx.get(f"{system.url}{link}").text
    assert '<html lang="de">' in plain
    assert '<p class="as-written" lang="de">Autos dürfen nicht über die Brücke.</p>' in plain
    assert "Nicht in einfacher Sprache" in plain
    english = httpx.get(f"{path}/en").text
    assert '<p class="as-written" lang="en">No cars on the bridge.</p>' in english
    assert '<p class="as-written" lang="de">Die Brücke' in httpx.get(f"{path}/nl").text
    assert 'lang="en">Bridge closed</a>' in httpx.get(f"{system.url}/archiv/en").text
    feed = httpx.get(f"{system.url}/archiv/feed.atom").text
    assert "Kraftfahrzeuge" in feed
    assert "No cars" not in feed
    for typed in ("xx", "<script>", "plain&sprache=plain"):
        assert httpx.get(f"{path}?sprache={typed}").status_code == 200
    assert "Kraftfahrzeuge" in httpx.get(f"{path}?sprache=<script>").text


def test_it_warns_each_phone_in_its_version_after_one_question(system: System) -> None:
    joined(system, 1, "Einfache Sprache")
    joined(system, 2, "English")
    writer = signed_in(system.city, system.url, Role.EMERGENCY)
    second = signed_in(system.city, system.url, Role.EMERGENCY, Role.ADMIN)
    typed = {"severity": "danger", "title": "Sturm", "text": "Sturm ab 16 Uhr", "minutes": "60"}
    asked = writer.send("/alerts/new", typed)
    assert "Geht sie so hinaus?" in asked.text
    kept = {name: value for name, value in fields(asked.text).items() if name not in typed}
    added = {"plain_text": "Es kommt ein Sturm.", "en_text": "A storm is coming."}
    page = writer.http.post("/alerts/new", data={**kept, **typed, **added})
    number = str(page.url).rpartition("/")[2]
    assert "Freigeben und jetzt senden" in second.get(f"/alerts/requests/{number}").text
    second.post(f"/alerts/requests/{number}/release")
    plain, english = (system.phone(last).wait_for(3)[2].body for last in (1, 2))
    assert "Es kommt ein Sturm." in plain
    assert "A storm is coming." in english
    system.phone(1).text("Aktuell")
    assert "Es kommt ein Sturm." in system.phone(1).wait_for(4)[3].body
    page_in_plain = f"/archiv/{clock.today(system.city.zone)}/warnung-1?sprache=plain"
    assert "Es kommt ein Sturm." in httpx.get(f"{system.url}{page_in_plain}").text


def test_it_lets_a_mail_reader_choose_and_writes_to_them_in_the_citys_language(
    system: System, mails: MailServer
) -> None:
    welcome = confirmed(system, mails)
    found = links(system, welcome).items()
    details = next(link for label, link in found if label.startswith("Ihre Angaben"))
    assert '<button class="other" name="do" value="plain" lang="de">' in httpx.get(details).text
    httpx.post(details, data={"do": "plain"})
    third = mails.wait_for(3)[2]
    assert "in einfacher Sprache" in text_of(third)
    assert "Abmelden:" in text_of(third)
    html = third.mail.get_body(("html",))
    assert html is not None
    assert '<html lang="de">' in html.get_content()
    assert find().language == "plain"
    page = httpx.get(details).text
    assert '<html lang="de">' in page
    assert 'value="german"' in page


def test_it_tells_in_words_what_is_kept(system: System) -> None:
    joined(system, 1, "Einfache Sprache")
    system.phone(1).text("Meine Daten")
    message = system.phone(1).wait_for(3)[2].body
    (link,) = re.findall(rf"{HOME}(/kopie/\S+)", message)
    assert '<html lang="de">' in httpx.get(f"{system.url}{link}").text
