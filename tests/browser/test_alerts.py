"""An alert from one person's keyboard over another's word to the citizens' phones."""

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from broadcasts import clock
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, prepared, releases
from broadcasts.newsroom.alerts import Draft, Severity
from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.privacy import keys
from tests.browser.conftest import SignIn, check_accessible
from tests.system import System

pytestmark = pytest.mark.long

PUT, RELEASE = "Der zweiten Person vorlegen", "Freigeben und jetzt senden"


def join(system: System, last: int, *more: str) -> None:
    phone = system.phone(last)
    for number, word in enumerate(("Start", *more), start=1):
        phone.text(word)
        phone.wait_for(number)


def write(page: Page, text: str) -> None:
    """With the script: what would happen appears while typing."""
    page.fill("#text", text)
    expect(page.locator("#outlook .bubble")).to_contain_text(text)
    page.get_by_role("button", name=PUT).click()
    expect(page.get_by_role("heading", name="Wartet auf eine zweite Person")).to_be_visible()


def release(page: Page) -> None:
    """Whoever waits on the first page is shown it without loading the page again."""
    page.get_by_role("link", name="Ansehen und entscheiden").click(timeout=15_000)
    page.get_by_role("button", name=RELEASE).click()
    page.wait_for_url("**/desk/broadcasts/*")


def hear(page: Page) -> None:
    """Whoever has written it is told of its release without loading the page again."""
    expect(page.locator("main")).to_contain_text("von einer zweiten Person freigegeben")
    expect(page.get_by_role("link", name="Zum Verlauf der Sendung")).to_be_visible()
    expect(page.get_by_text("Wartet auf eine zweite Person")).to_have_count(0)


def test_it_goes_from_one_hand_through_another_to_the_phones(
    service: System, sign_in: SignIn
) -> None:
    join(service, 1)
    writer, second = sign_in(Role.EMERGENCY), sign_in(Role.EMERGENCY)
    second.goto("/desk/alerts/")
    writer.goto("/desk/alerts/new")
    writer.select_option("#severity", "danger")
    writer.fill("#title", "Unwetter")
    write(writer, "Ab 16 Uhr schwerer Sturm")
    assert len(service.phone(1).bodies) == 1
    release(second)
    hear(writer)
    service.phone(1).wait_for(2)
    assert "🟠 Gefahr · Unwetter" in service.phone(1).bodies[-1]
    expect(second.locator("main")).to_contain_text("1 von 1", timeout=15_000)
    for link, text, number in (
        ("Neuer Stand", "Der Sturm wird stärker", 3),
        ("Entwarnung", "Der Sturm ist vorüber", 4),
    ):
        writer.goto("/desk/broadcasts/1")
        writer.get_by_role("link", name=link, exact=True).click()
        write(writer, text)
        second.goto("/desk/alerts/")
        release(second)
        hear(writer)
        service.phone(1).wait_for(number)
        assert text in service.phone(1).bodies[-1]
    expect(
        second.get_by_role("heading", name="Diese Warnung und was darauf folgte")
    ).to_be_visible()
    assert second.get_by_role("link", name="Neuer Stand", exact=True).count() == 0


def code_of(system: System, name: str) -> str:
    """Of the coming half minute: the present one's was used to sign in."""
    kept = staff.get(name).code_secret
    assert kept
    secret = keys.fernet(system.city.config.secret_key, "codes").decrypt(kept.encode()).decode()
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))


def test_it_breaks_the_glass_and_all_staff_are_told(service: System, sign_in: SignIn) -> None:
    join(service, 1)
    writer, press = sign_in(Role.EMERGENCY), sign_in(Role.PRESS)
    writer.goto("/desk/alerts/new")
    write(writer, "Gasaustritt am Markt")
    writer.get_by_text("Niemand sonst ist erreichbar").click()
    writer.fill("#reason", "Die Kollegin ist nicht erreichbar")
    writer.fill("#code", code_of(service, "emergency-de-0"))
    writer.get_by_role("button", name="Allein freigeben und jetzt senden").click()
    writer.wait_for_url("**/desk/broadcasts/1")
    service.phone(1).wait_for(2)
    press.goto("/desk/posts/")
    notice = press.get_by_text("allein freigegeben, ohne eine zweite Person: Warnung 1")
    expect(notice).to_contain_text("Die Kollegin ist nicht erreichbar")
    press.get_by_role("button", name="Zur Kenntnis genommen").click()
    press.wait_for_url("**/desk/posts/")
    expect(notice).to_have_count(0)


def test_it_holds_a_drill_with_volunteers_only(service: System, sign_in: SignIn) -> None:
    join(service, 1)
    join(service, 2, "Probealarm")
    writer, second = sign_in(Role.EMERGENCY), sign_in(Role.EMERGENCY)
    second.goto("/desk/alerts/")
    writer.goto("/desk/alerts/")
    writer.get_by_role("link", name="Probealarm schreiben").click()
    write(writer, "Alle ins Haus")
    expect(writer.locator("h1")).to_contain_text("PROBEALARM")
    release(second)
    expect(second.locator("h1")).to_contain_text("PROBEALARM")
    service.phone(2).wait_for(3)
    assert service.phone(2).bodies[-1].startswith("PROBEALARM")
    assert len(service.phone(1).bodies) == 1


def a_busy_day(system: System) -> list[str]:
    """Everything the pages can show at once; gives their addresses."""
    room, by = system.city.newsroom, "a.anders"
    for number, (title, level) in enumerate(
        (("Unwetter", Severity.DANGER), ("Trinkwasser", Severity.CAUTION)), start=1
    ):
        prepared.keep(
            title=title, text="Ab [Uhrzeit] …", severity=level, minutes=60 * number, by=by
        )
    storm = Draft(BroadcastKind.ALERT, "Ab 16 Uhr Sturm", "Unwetter", severity=Severity.DANGER)
    with clock.travel(clock.now() - timedelta(hours=5)):
        alerts.send(room, storm, clock.now())
    open_one = alerts.send(room, storm, clock.now())
    asked = [releases.ask(room, storm, by=by) for _ in range(2)]
    releases.refuse(asked[1], by="b.berg", reason="Die Uhrzeit fehlt")
    releases.remind(clock.now())
    return [
        "/desk/alerts/",
        "/desk/alerts/new?prepared=1",
        "/desk/alerts/new?drill=1",
        f"/desk/alerts/{open_one.id}/update",
        f"/desk/alerts/{open_one.id}/clear",
        *(f"/desk/alerts/requests/{one.id}" for one in asked),
        "/desk/alerts/prepared/",
        "/desk/alerts/prepared/1",
        f"/desk/broadcasts/{open_one.id}",
        "/desk/broadcasts/",
    ]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible(service: System, sign_in: SignIn, language: str, width: int) -> None:
    join(service, 1)
    page = sign_in(Role.EMERGENCY, language=language, width=width)
    for path in a_busy_day(service):
        page.goto(path)
        check_accessible(page)
