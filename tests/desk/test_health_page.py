"""What doctor and readiness say, on the desk; templates."""

import re

import pytest

from bot import health
from bot.desk.health import title
from broadcasts import figures
from broadcasts.delivery import templates
from broadcasts.newsroom import drafts
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.visitor import heading
from tests.system import System, beat_everywhere


def test_it_shows_every_check_with_its_state_in_words(service: System, desk: Open) -> None:
    beat_everywhere()
    health.ask(service.city)
    service.sandbox.set_template("digest_1", "de", "REJECTED")
    health.ask(service.city)
    page = desk(Role.PRIVACY).get("/health/").text
    assert "digest_1 (de) vom Anbieter abgelehnt, gebraucht für die Tagesnachricht" in page
    assert "→ Was jeweils zu tun ist" in page
    assert "alle laufen" in page
    assert "Der Anbieter wurde am" in page
    assert page.index("ansehen") < page.index("in Ordnung")


def test_it_calls_nothing_well_that_nobody_has_looked_at(service: System, desk: Open) -> None:
    visitor = desk(Role.PRIVACY)
    for path in ("/health/", "/health/live", "/"):
        page = visitor.get(path).text
        assert "es gibt noch keine, und es war noch keine fällig" in page
        assert "nicht geprüft" in page
    rows = re.findall(r"<li>(.*?)</li>", visitor.get("/health/live").text, re.DOTALL)
    for name in ("Sicherung", "Datenschutzerklärung"):
        (row,) = [row for row in rows if f"<strong>{name}</strong>" in row]
        assert "✓" not in row
        assert "nicht geprüft" in row


def test_it_asks_the_provider_on_request_and_not_while_the_page_waits(
    service: System, desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.ask(service.city)
    visitor = desk(Role.PRESS)
    service.sandbox.replace_token("another")
    assert "lehnt das Zugangstoken ab" not in visitor.get("/health/").text
    assert "Der Anbieter wird gefragt" in visitor.post("/health/check").text
    assert [row.staff for row in audit.newest(act="provider asked")] == ["press-de"]
    figures.finish()
    part = visitor.get("/health/live").text
    assert "der Anbieter lehnt das Zugangstoken ab (Code 190)" in part
    assert "<html" not in part


def test_it_says_whom_an_alert_would_reach(service: System, desk: Open) -> None:
    health.ask(service.city)
    reader(1)
    reader(2, window=False)
    visitor = desk(Role.EMERGENCY)
    visitor.get("/health/")
    figures.finish()
    page = visitor.get("/health/").text
    assert "Mit Vorlage" in page
    assert "von 10.000" in page
    assert "€" in page


def test_it_names_each_check() -> None:
    assert title("number.123") == "Sending number 123"
    assert title("whatsapp.token") == "Access token"
    assert title("clock") == "Clock"
    assert title("of.tomorrow") == "of.tomorrow"


# ------------------------------------------------------------------ templates


def test_it_lists_templates_and_says_what_to_do(service: System, desk: Open) -> None:
    service.sandbox.set_template("alert_2h", "de", "PAUSED")
    health.ask(service.city)
    page = desk(Role.PRESS).get("/health/templates").text
    assert heading(page) == "Vorlagen beim Anbieter"
    assert "Warnung, aufgegeben nach 2 Stunden" in page
    assert "Tagesnachricht mit 3 Beiträgen" in page
    assert "kommt nach 3 Stunden von selbst zurück" in page
    assert "Fehlende anlegen" not in page


def test_it_creates_what_is_missing_and_tells_of_it(service: System, desk: Open) -> None:
    service.sandbox.call(service.sandbox.world.templates.clear)
    health.ask(service.city)
    visitor = desk(Role.ADMIN)
    assert "fehlt beim Anbieter" in visitor.get("/health/templates").text
    assert "wird angelegt" in visitor.post("/health/templates/sync").text
    figures.finish()
    page = visitor.get("/health/templates").text
    wanted = list(drafts.all_drafts(service.city.newsroom, pictures=False))
    assert f"{len(wanted)} angelegt, 0 waren schon da" in page
    assert "keine app_id eingetragen" in page
    assert templates.is_approved("whatsapp", "alert_2h", "de")
    assert len(audit.newest(act="templates synced")) == 1


def test_it_says_why_none_could_be_created(service: System, desk: Open) -> None:
    service.sandbox.replace_token("another")
    visitor = desk(Role.ADMIN)
    visitor.post("/health/templates/sync")
    figures.finish()
    assert "der Anbieter lehnt das Zugangstoken ab" in visitor.get("/health/templates").text
