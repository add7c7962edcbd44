"""Topics and districts on the desk: what is ticked, and what is shown of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.releases import AlertRequest
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import Scope
from broadcasts.people.staff import Role
from tests.delivery.makers import reader
from tests.desk.visitor import Visitor, signed_in
from tests.stories.test_topics import SECTIONS
from tests.system import System, running


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[System]:
    more = {"public_url": '"http://localhost"', "more": SECTIONS}
    with running(tmp_path, database_url, loops=False, **more) as system:
        person = reader(2)
        reader(1)
        subscribers.select(person, selections.keep(Scope(("culture",))))
        yield system


def visit(service: System, *roles: Role) -> Visitor:
    return signed_in(service.city, service.url, *roles, language="de")


def test_it_ticks_what_a_post_is_about_and_shows_each_version(service: System) -> None:
    press = visit(service, Role.PRESS)
    assert "Nordstadt" in press.get("/posts/new").text
    press.send("/posts/new", {"title": "Sperrung", "topics": "roads", "districts": "north"})
    post = Post.get()
    assert post.scope == Scope(("roads",), ("north",))
    assert "Baustellen, Nordstadt" in press.get("/posts/").text
    form = press.get(f"/posts/{post.id}").text
    assert form.count("checked") == 2
    press.send(f"/posts/{post.id}", {"districts": ""})
    assert Post.get().scope == Scope(("roads",))
    press.send("/posts/new", {"title": "Konzert", "topics": "culture"})
    page = press.get("/digest/").text
    assert "Alle Beiträge" in page
    assert "Beiträge: Konzert" in " ".join(page.split())


def test_it_refuses_a_name_that_is_not_configured(service: System) -> None:
    press = visit(service, Role.PRESS)
    page = press.send("/posts/new", {"title": "X", "topics": "<script>"})
    assert page.status_code == 422
    assert "gibt es hier nicht" in page.text
    assert "<script>&" not in page.text
    assert "&lt;script&gt;" in page.text
    assert not Post.select().exists()


def test_the_second_person_sees_whom_an_alert_is_for(service: System) -> None:
    lage = visit(service, Role.EMERGENCY)
    typed = {"severity": "danger", "title": "Gas", "text": "Fenster zu", "minutes": "60"}
    page = lage.send("/alerts/new", {**typed, "topics": "roads"})
    asked = AlertRequest.get()
    assert asked.draft.scope == Scope(("roads",))
    assert "Nur für: Baustellen" in page.text
    assert "Haben andere Themen oder Stadtteile gewählt" in page.text


def test_it_counts_who_has_chosen_what(service: System) -> None:
    page = visit(service, Role.PRESS).get("/subscribers/").text
    rows = " ".join(page.split())
    assert '<th scope="row">Kultur</th><td class="figure-cell">1</td>' in rows
