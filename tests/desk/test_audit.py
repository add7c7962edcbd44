"""The audit trail on the desk: filtered, checked, as a file; quick however long it is."""

import ast
import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.desk import acts_detail
from bot.desk import audit as pages
from bot.desk.acts import ACTS
from broadcasts import clock, db, figures
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from broadcasts.privacy.audit import AuditEntry, Filter
from tests.desk.conftest import Open
from tests.system import System

ROOT = Path(__file__).parent.parent.parent


def write(service: System, staff: str, act: str, at: datetime | None = None) -> AuditEntry:
    with clock.travel(at or clock.now()):
        return audit.record(service.city.audit_key, staff, act, "post 7", n=1)


def test_it_filters_by_act_staff_and_days_of_the_city(service: System, desk: Open) -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # the 2nd in Berlin
    write(service, "eva", "post added", late)
    write(service, "ola", "post added")
    write(service, "eva", "post withdrawn")
    visitor = desk(Role.ADMIN)

    def shown(query: str) -> list[str]:
        page = visitor.get(f"/audit/?{query}").text.partition("<tbody>")[2]
        return [word for word in ("eva", "ola") for _ in range(page.count(f">{word}</td>"))]

    assert shown("act=post+added") == ["eva", "ola"]
    assert shown("staff=eva") == ["eva", "eva"]
    assert shown("staff=eva&act=post+withdrawn") == ["eva"]
    assert shown("act=post+added&until=2026-11-02") == ["eva"]
    assert shown("act=post+added&until=2026-11-01") == []
    assert shown("act=post+added&since=2026-11-02&until=2026-11-02") == ["eva"]
    assert shown("act=post+added&since=nonsense&before=x") == ["eva", "ola"]
    assert shown("until=9999-12-31&since=0001-01-01&act=post+added") == ["eva", "ola"]


def test_it_shows_acts_in_words_and_goes_on_page_by_page(
    service: System, desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ON_A_PAGE", 2)
    rows = [write(service, "eva", "post added") for _ in range(4)]
    visitor = desk(Role.PRIVACY)
    page = visitor.get("/audit/?staff=eva").text
    assert "hat einen Beitrag eingereiht" in page
    assert f'href="/desk/audit/?before={rows[2].id}&amp;staff=eva"' in page
    page = visitor.get(f"/audit/?before={rows[2].id}&staff=eva").text
    assert f">{rows[0].id}</td>" in page
    assert "Ältere" not in page


def test_it_says_whether_the_trail_is_whole(service: System, desk: Open) -> None:
    entry = write(service, "eva", "post added")
    visitor = desk(Role.ADMIN)
    assert "wurde hier noch nicht geprüft" in visitor.get("/audit/").text
    visitor.post("/audit/check")
    figures.finish()
    number = AuditEntry.select().count()
    assert f"Das Protokoll ist vollständig: {number} Einträge" in visitor.get("/audit/live").text
    AuditEntry.update(staff="ola").where(AuditEntry.id == entry.id).execute()
    visitor.post("/audit/check")
    figures.finish()
    assert f"Eintrag {entry.id} ist nicht mehr so" in visitor.get("/audit/live").text


def test_it_gives_what_is_shown_as_a_file(
    service: System, desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    rows = [write(service, "eva", "post added") for _ in range(5)]
    write(service, "=eva", "post added")
    visitor = desk(Role.PRIVACY)
    answer = visitor.get("/audit/export.csv?act=post+added")
    found = list(csv.reader(answer.text.lstrip("\ufeff").splitlines(), delimiter=";"))
    assert found[0] == ["number", "at", "staff", "act", "about", "detail"]
    assert [row[0] for row in found[2:]] == [str(row.id) for row in reversed(rows)]
    assert found[1][2] == "'=eva"
    assert found[2][2:] == ["eva", "post added", "post 7", '{"n": 1}']
    (entry,) = audit.newest(act="audit trail exported")
    assert entry.detail == {"filter": {"act": "post added"}}


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(staff="eva"),
        Filter(act="post added"),
        Filter(staff="eva", act="post added"),
        Filter(act="post added", since=clock.now(), until=clock.now()),
    ],
)
@pytest.mark.sqlite
def test_it_reads_no_more_than_it_shows(service: System, wanted: Filter) -> None:
    first = write(service, "eva", "post added")
    query = AuditEntry.select().where(*audit._conditions(wanted, first.id))
    sql, values = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).sql()
    plan = [row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert all("SEARCH" in step and "INDEX" in step for step in plan), plan


PLACES = {"note": (0,), "record": (2,), "_act": (1, 2), "_go": (1,), "_note": (1,)}
"""Function that writes into the trail → where its act may stand."""


def calls() -> Iterator[tuple[ast.Call, list[ast.expr]]]:
    for path in [*(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                places = PLACES.get(name, ())
                found = [node.args[place] for place in places if len(node.args) > place]
                if any(isinstance(one, ast.Constant) and one.value in ACTS for one in found):
                    yield node, found


def acts() -> Iterator[str]:
    """What the code writes into the trail, as far as it stands there in so many words."""
    for path in [*(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            places = {**PLACES, "_note": ()}.get(name, ())
            for word in (node.args[place] for place in places if len(node.args) > place):
                if isinstance(word, ast.Constant) and isinstance(word.value, str):
                    yield word.value


def test_it_has_words_for_every_act() -> None:
    assert set(acts()) == set(ACTS)


def test_it_has_words_for_every_detail_and_thing() -> None:
    details = {word.arg for call, _ in calls() for word in call.keywords if word.arg}
    assert details - {"staff", "then"} <= set(acts_detail.DETAILS)
    things = {
        str(part.values[0].value).strip()
        for call, _ in calls()
        for part in call.args
        if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant)
    }
    assert things <= set(acts_detail.ABOUT)


def test_it_shows_details_in_words(service: System, desk: Open) -> None:
    key = service.city.audit_key
    audit.record(key, "eva", "receipt checked", found=True)
    audit.record(key, audit.COMMAND_LINE, "alert written", "alert request 3", kind="clear")
    audit.record(key, "unknown", "sign-in failed", wrong="password")
    audit.record(key, "eva", "broadcast stopped", "broadcast 49")
    audit.record(key, "eva", "staff roles changed", "ola", before=["press"], roles=["privacy"])
    audit.record(key, "eva", "audit trail exported", filter={"act": "post added", "staff": "ola"})
    audit.record(key, "eva", "post moved", "post 7", on="2026-11-03")
    page = desk(Role.ADMIN).get("/audit/").text
    for said in (
        "gefunden: ja",
        "Art: Entwarnung",
        ">Antrag 3</td>",
        ">Befehlszeile</td>",
        "falsch: Passwort",
        ">Sendung 49</td>",
        "vorher: Pressestelle; Rollen: Datenschutz",
        "Filter: Handlung: hat einen Beitrag eingereiht; wer: ola",
        "für: 03.11.2026",
    ):
        assert said in page, said
