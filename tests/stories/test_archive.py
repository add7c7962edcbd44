"""From what staff write to what everybody can read: the link in the message, the page behind it."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import feedparser
import httpx
import pytest
from PIL import Image

from broadcasts import clock, db
from broadcasts.delivery import endings
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import Draft, Severity
from broadcasts.newsroom.posts import Post
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from tests.desk.visitor import Visitor, fields, signed_in
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

HOME = "http://localhost"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, time='"23:57"', public_url=f'"{HOME}"') as made:
        yield made


def follow(system: System, message: str) -> httpx.Response:
    """Taps the archive's address in a message."""
    (link,) = re.findall(rf"{HOME}(/archiv/\S+)", message)
    return httpx.get(f"{system.url}{link}")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#cc3300").save(out, "PNG")
    return out.getvalue()


def write(press: Visitor, title: str, text: str, **files: bytes) -> None:
    today = clock.today(press.city.zone).isoformat()
    typed = {**fields(press.get("/posts/new").text), "title": title, "text": text, "on": today}
    uploads = {name: (f"{name}.png", data) for name, data in files.items()}
    assert "Eingereiht" in press.http.post("/posts/new", data=typed, files=uploads or None).text


def test_it_leads_from_a_message_to_the_whole_digest_and_its_correction(system: System) -> None:
    inside, outside = system.phone(1), system.phone(2)
    for phone in (inside, outside):
        phone.text("Start")
        phone.wait_for(1)
    Subscriber.update(window_closes_at=clock.now()).where(
        Subscriber.wa_id == "4917604069002"
    ).execute()
    press = signed_in(system.city, system.url, Role.PRESS)
    write(press, "Markt verlegt", "Am Samstag. " * 60, image=picture())
    for number in range(2, 8):
        write(press, f"Beitrag {number}", "Lang und breit. " * 60)
    today = f"/archiv/{clock.today(system.city.zone)}"
    assert httpx.get(f"{system.url}{today}").status_code == 404, "queued posts are nobody's yet"
    press.send("/digest/send", {})

    message = inside.wait_for(2)[1].body
    assert "Alles in voller Länge" in message
    page = follow(system, message)
    assert page.status_code == 200
    assert "Beitrag 7" in page.text
    (image,) = re.findall(r'<img src="(/media/[^"]+)"', page.text)
    assert httpx.get(f"{system.url}{image}").headers["content-type"] == "image/jpeg"
    template = outside.wait_for(2)[1].body
    assert "und 2 weitere: " in template
    assert str(follow(system, template).url).endswith(today)

    post = Post.get(Post.title == "Markt verlegt")
    press.send(
        f"/posts/{post.id}", {"text": "Erst *am Sonntag*."}, to=f"/posts/{post.id}/correction"
    )
    page = follow(system, message)
    assert "Erst <b>am Sonntag</b>." in page.text
    assert "mit Korrektur" in httpx.get(f"{system.url}/archiv/").text
    feed = feedparser.parse(httpx.get(f"{system.url}/archiv/feed.atom").content)
    assert "am Sonntag" in feed.entries[0].content[0].value
    found = httpx.get(f"{system.url}/archiv/suche", params={"q": "MARKT verlegt"}).text
    assert f'href="{today}#beitrag-{post.id}"' in found
    assert "press-de" not in page.text, "who wrote it is nobody's business"


def test_it_shows_an_alert_until_its_all_clear_and_nothing_that_never_left(system: System) -> None:
    phone = system.phone(1)
    phone.text("Start")
    phone.wait_for(1)
    newsroom = system.city.newsroom
    draft = Draft(
        BroadcastKind.ALERT, "Sturm ab 16 Uhr", title="Unwetter", severity=Severity.DANGER
    )
    warned = alerts.send(newsroom, draft, clock.now())
    warning = phone.wait_for(2)[1].body
    assert "/archiv" not in warning, "an alert spends no sign on a link"
    address = f"{system.url}/archiv/{warned.on}/warnung-{warned.id}"
    page = httpx.get(address)
    assert "Gilt bis" in page.text
    assert "🟠 Gefahr · " in page.text
    assert page.headers["cache-control"] == "public, no-cache"
    clear = alerts.follow_up(BroadcastKind.CLEAR, warned.id, "Der Sturm ist vorbei")
    alerts.send(newsroom, clear, clock.now())
    phone.wait_for(3)
    page = httpx.get(address)
    assert "Entwarnung gegeben" in page.text
    assert page.text.index("Der Sturm ist vorbei") < page.text.index("Sturm ab 16 Uhr")

    drill = Draft(BroadcastKind.ALERT, "Alle ins Haus", title="Probe", is_drill=True)
    held = alerts.send(newsroom, drill, clock.now())
    wrong = Draft(BroadcastKind.ALERT, "Falscher Alarm", title="Irrtum")
    with db.transaction():  # the sender has no chance
        started = alerts.send(newsroom, wrong, clock.now())
        endings.stop(started.id)
    for row in (held, started):
        hidden = f"{system.url}/archiv/{row.on}/warnung-{row.id}"
        assert httpx.get(hidden).status_code == 404
    of_year = f"/sitemap-{warned.on.year}.xml"
    everything = "".join(
        httpx.get(f"{system.url}{path}").text
        for path in ("/archiv/", "/archiv/feed.atom", "/archiv/suche?q=alarm", of_year)
    )
    assert f"warnung-{warned.id}" in everything
    for said in ("Probe", "Irrtum", f"warnung-{held.id}", f"warnung-{started.id}"):
        assert said not in everything
