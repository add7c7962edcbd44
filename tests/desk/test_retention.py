"""What was deleted, on the desk: by night and rule, and who waits for the template."""

from dataclasses import fields
from datetime import date

from bot.desk import retention as pages
from broadcasts import figures
from broadcasts.people.staff import Role
from broadcasts.privacy import leaving, retention
from broadcasts.settings import RetentionSettings
from tests.desk.conftest import Open
from tests.desk.visitor import heading
from tests.system import System


def test_it_shows_each_night(service: System, desk: Open) -> None:
    visitor = desk(Role.PRIVACY)
    page = visitor.get("/deleted/").text
    assert heading(page) == "Was gelöscht wurde"
    assert "Noch ist keine Nacht vergangen." in page
    retention.note(date(2026, 11, 3), "stopped", 2, done=True)
    retention.note(date(2026, 11, 3), "closed", 0, done=True)
    retention.note(date(2026, 11, 4), "closed", 0, done=True)
    page = visitor.get("/deleted/").text
    assert page.index("4. November") < page.index("3. November")
    assert 'Abgemeldete</th><td class="figure-cell">2</td>' in page
    assert "Nichts war fällig." in page


def test_it_says_how_long_what_is_kept(service: System, desk: Open) -> None:
    page = desk(Role.ADMIN).get("/deleted/").text
    for said in (
        *("7 Tage nach Abschluss", "höchstens 90 Tage", "13 Monate", "3 Jahre nach ihrem Ende"),
        *("30 Tage nach „Stopp“", "30 Tage nach ihrer letzten Nachricht"),
        *("60 bis 90 Tage; dass gelöscht wurde, auf Dauer", "60 Tage"),
    ):
        assert f"<td>{said}</td>" in page
    assert "Löschprotokoll: mit Schlüssel gebildete Prüfsumme" in page
    assert "Prüfsumme der Adresse nach einer Abmeldung" in page


def test_it_says_who_cannot_be_asked(service: System, desk: Open) -> None:
    visitor = desk(Role.PRIVACY)
    assert "nicht genehmigt" not in visitor.get("/deleted/").text
    figures.keep(leaving.WAITING, 3)
    page = visitor.get("/deleted/").text
    assert "nicht genehmigt ist: 3" in page


def test_it_has_words_for_every_rule_and_clock() -> None:
    assert {field.name for field in fields(RetentionSettings)} == set(pages.KEPT_FOR)
    assert {rule.name for rule in retention.RULES} | {retention.ASKED} == set(pages.RULES)
