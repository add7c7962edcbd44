"""A service notice from the desk to the phone: written at the weekend, read on Monday morning."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path

import feedparser
import httpx
import pytest

from broadcasts import clock
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastState
from broadcasts.people.consent import Consent
from broadcasts.people.staff import Role
from tests.desk.visitor import Visitor, fields, signed_in
from tests.patience import wait_until
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

HOME = "http://localhost"
SECTION = "\n[business_hours]\n"
BESIDE = "höchstens ein neuer am Tag, nur Montag bis Freitag von 08:30 bis 17:00 Uhr"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(
        tmp_path, database_url, time='"23:57"', public_url=f'"{HOME}"', more=SECTION
    ) as made:
        yield made


@pytest.fixture
def journey() -> Iterator[ExitStack]:
    """Who travels further before coming back."""
    with ExitStack() as stack:
        yield stack


def monday(system: System, wall: str) -> datetime:
    """Of a week that begins three days from now or later: nobody's window is open any more."""
    on = clock.today(system.city.zone) + timedelta(days=3)
    on += timedelta(days=-on.weekday() % 7)
    return clock.at(on, time.fromisoformat(wall), system.city.zone)


def write(press: Visitor, text: str) -> httpx.Response:
    typed = {"title": "Wasser abgestellt", "text": text, "link": "https://stadt.example/wasser"}
    page = press.send("/service-notices/", typed).text
    return press.http.post("/service-notices/send", data=fields(page))


def public(system: System, path: str) -> str:
    return httpx.get(f"{system.url}{path}").text


def test_it_is_written_on_saturday_and_read_on_monday(system: System, journey: ExitStack) -> None:
    phone, leaver = system.phone(1), system.phone(2)
    for one in (phone, leaver):
        one.text("Start")
        assert BESIDE in one.wait_for(1)[0].body, "whoever joins is told of it"
    assert {row.wording for row in Consent.select()} == {"de-2026-11-notices"}
    press = signed_in(system.city, system.url, Role.PRESS)
    opening = monday(system, "08:30")

    with clock.travel(opening - timedelta(hours=44)):  # Saturday, half past noon
        own = write(press, "Am Dienstag von 9 bis 12 Uhr.")
        assert "zurückgehalten bis Montag" in own.text
        assert "zurückgehalten bis Montag" in press.get("/").text
        row = Broadcast.get()
        page = f"/archiv/{row.on}/hinweis-{row.id}"
        leaver.text("Stopp", at=clock.now().timestamp())
        leaver.wait_for(2)
        wait_until(lambda: Broadcast.get().state == BroadcastState.HELD)
        for path in (page, "/archiv/", "/archiv/feed.atom", "/archiv/suche?q=Wasser"):
            assert "Wasser abgestellt" not in public(system, path), "nobody's yet"
    with clock.travel(opening - timedelta(seconds=5)):
        assert len(phone.messages) == 1

    journey.enter_context(clock.travel(opening))
    said = phone.wait_for(2)[1].body
    assert "Service-Hinweis · Stadt Musterstadt" in said
    assert "*Wasser abgestellt* Am Dienstag von 9 bis 12 Uhr. https://stadt.example" in said
    wait_until(lambda: Broadcast.get().state == BroadcastState.FINISHED)
    assert len(phone.messages) == 2
    assert len(leaver.messages) == 2, "who has gone meanwhile gets nothing"
    assert "zurückgehalten" not in press.get(f"/broadcasts/{row.id}").text

    shown = public(system, page)
    assert "Service-Hinweis vom" in shown
    assert 'href="https://stadt.example/wasser"' in shown
    assert f'href="{page}' in public(system, "/archiv/suche?q=wasser")
    feed = feedparser.parse(public(system, "/archiv/feed.atom"))
    assert feed.entries[0].title == "Service-Hinweis · Wasser abgestellt"
    assert page in public(system, f"/sitemap-{page[8:12]}.xml")
    assert httpx.get(f"{system.url}{page.replace('hinweis', 'warnung')}").status_code == 404


def test_it_leaves_nothing_after_closing_time_and_the_rest_in_the_morning(
    system: System, journey: ExitStack
) -> None:
    """One reader's row waits for the provider's pace when the hours end."""
    phones = [system.phone(number) for number in (1, 2)]
    for one in phones:
        one.text("Start")
        one.wait_for(1)
    press = signed_in(system.city, system.url, Role.PRESS)
    closing = monday(system, "17:00")
    with clock.travel(closing - timedelta(minutes=1)):
        write(press, "Das Bürgeramt zieht um.")
        for one in phones:
            one.wait_for(2)
        wait_until(lambda: Broadcast.get().state == BroadcastState.FINISHED)
        row = Broadcast.get()
        # As if a late refusal had brought one back just then.
        first = Delivery.get(Delivery.broadcast == row.id)
        back = Delivery.update(state="queued", due_at=closing, refusals=1, provider_id=None)
        Broadcast.update(state=BroadcastState.RUNNING, finished_at=None).execute()
        back.where(Delivery.id == first.id).execute()
    with clock.travel(closing):
        wait_until(lambda: Broadcast.get().state == BroadcastState.HELD)
        assert "zurückgehalten bis Dienstag" in press.get(f"/broadcasts/{row.id}").text
    assert sum(len(one.messages) for one in phones) == 4
    journey.enter_context(clock.travel(closing + timedelta(hours=15, minutes=30)))
    wait_until(lambda: Broadcast.get().state == BroadcastState.FINISHED)
    assert sum(len(one.messages) for one in phones) == 5, "once more, and only that one"


def test_it_promises_nothing_of_them_where_there_are_none(
    tmp_path: Path, database_url: str
) -> None:
    with running(tmp_path, database_url, public_url=f'"{HOME}"') as system:
        phone = system.phone(1)
        phone.text("Start")
        assert "Service-Hinweis" not in phone.wait_for(1)[0].body
        assert "Service-Hinweis" not in public(system, "/")


def test_it_is_told_of_in_the_question_whose_answer_is_the_consent(
    tmp_path: Path, database_url: str
) -> None:
    with running(tmp_path, database_url, double_opt_in="true", more=SECTION) as system:
        phone = system.phone(1)
        phone.text("Start")
        assert BESIDE in phone.wait_for(1)[0].body
        phone.text("Ja")
        assert BESIDE in phone.wait_for(2)[1].body
        phone.text("Nur Notfälle")
        assert "Service-Hinweis" not in phone.wait_for(3)[2].body


@pytest.mark.parametrize(
    ("path", "said"),
    [("/", BESIDE), ("/en", "only Monday to Friday from 08:30 to 17:00"), ("/nl", "hoogstens één")],
)
def test_it_stands_on_the_page_where_people_join(system: System, path: str, said: str) -> None:
    page = public(system, path)
    assert said in page
