"""Subscribers and statistics as a browser shows them, in both languages, on a telephone, too."""

import json
import zipfile

import pytest

from bot import jobs, story
from broadcasts import figures
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber, Wants
from tests.browser.conftest import SignIn, check_accessible
from tests.system import System

pytestmark = pytest.mark.long


@pytest.fixture
def past(service: System) -> System:
    story.tell(service.city)
    jobs.count_growth(service.city)
    return service


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_its_figures_are_accessible(
    past: System, sign_in: SignIn, language: str, width: int
) -> None:
    page = sign_in(Role.PRESS, language=language, width=width)
    page.goto("/desk/statistics/")
    figures.finish()
    for path in ("/desk/statistics/", "/desk/subscribers/", "/desk/subscribers/?by=week"):
        page.goto(path)
        for folded in page.locator("main summary").all():
            folded.click()
        assert page.locator("svg.chart").count() >= 2
        check_accessible(page)


@pytest.mark.parametrize("language", ["de", "en"])
def test_one_person_is_looked_up_opted_out_copied_and_erased(
    past: System, sign_in: SignIn, language: str
) -> None:
    person = Subscriber.select().where(Subscriber.wants == Wants.EVERYTHING).first()
    page = sign_in(Role.PRIVACY, language=language, width=360)
    page.goto("/desk/subscribers/person")
    check_accessible(page)
    page.fill("#address", f"+{person.wa_id}")
    page.click("main form button")
    assert f"+{person.wa_id}" in page.inner_text("main")
    check_accessible(page)
    with page.expect_download() as started:
        page.click("form[action$='/export'] button")
    with zipfile.ZipFile(started.value.path()) as copy:
        assert json.loads(copy.read("daten.json"))["wa_id"] == person.wa_id
    page.fill("#reason", "am Schalter")
    page.click("form[action$='/opt-out'] button")
    assert Subscriber.get_by_id(person.id).wants == Wants.STOPPED
    page.click("form[action$='/ask-erasure'] button")
    check_accessible(page)
    page.click("form[action$='/erase'] button")
    check_accessible(page)
    assert Subscriber.get_or_none(Subscriber.id == person.id) is None
    assert str(person.wa_id) not in page.content()
    assert str(person.wa_id) not in page.url
