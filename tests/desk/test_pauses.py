"""A pause on the desk: seen and ended on the person's page, counted where readers are."""

import re
from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.newsroom import pausing
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import audit
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.test_subscribers import FIND, look_up, slip_of
from tests.system import System

pytestmark = pytest.mark.usefixtures("service")

DAY = timedelta(days=1)


def paused(service: System, number: int = 1) -> Subscriber:
    person, today = reader(number), clock.today(service.city.zone)
    pausing.begin(person, today + 9 * DAY, today)
    return person


def test_it_shows_until_when_and_ends_it(service: System, desk: Open) -> None:
    person = paused(service)
    visitor = desk(Role.PRIVACY)
    page = look_up(visitor)
    assert "keine Tagesnachrichten; Warnungen kommen weiterhin" in page
    assert "Pause beenden" in page
    answer = visitor.post(f"{FIND}/resume", {"slip": slip_of(page)})
    assert answer.status_code == 200
    assert "Pause beenden" not in answer.text
    assert Subscriber.get_by_id(person.id).paused_until is None
    evidence = Consent.get(Consent.deed == Deed.RESUMED).evidence
    assert evidence.endswith(": by hand")
    acts = [row.act for row in audit.AuditEntry.select().order_by(audit.AuditEntry.id)]
    assert acts[-1] == "pause ended by hand"


def test_it_ends_what_is_over_already_only_once(service: System, desk: Open) -> None:
    paused(service)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    for said in ("Erledigt", "diese Person hat keine Pause"):
        assert said in visitor.post(f"{FIND}/resume", {"slip": slip}).text
    assert Consent.select().where(Consent.deed == Deed.RESUMED).count() == 1


def test_it_says_that_a_pause_is_over_and_not_yet_told(service: System, desk: Open) -> None:
    paused(service)
    yesterday = clock.today(service.city.zone) - DAY
    Subscriber.update(paused_from=yesterday, paused_until=yesterday).execute()
    page = look_up(desk(Role.PRIVACY))
    assert "vorbei seit" in page
    assert "Pause beenden" not in page


@pytest.mark.parametrize("role", [Role.PRESS, Role.EMERGENCY, Role.ADMIN])
def test_it_is_for_data_protection_only(service: System, desk: Open, role: Role) -> None:
    person = paused(service)
    assert desk(role).post(f"{FIND}/resume", {"slip": "x"}).status_code == 403
    assert Subscriber.get_by_id(person.id).paused_until is not None


def test_it_counts_who_pauses(service: System, desk: Open) -> None:
    press = desk(Role.PRESS)
    assert "In Pause" not in press.get("/subscribers/").text
    paused(service, 1)
    reader(2)
    for path in ("/subscribers/", "/digest/"):
        figures = dict(re.findall(r"<dt>(.*?)</dt><dd>(\d+)", press.get(path).text))
        assert figures["In Pause"] == "1", path
