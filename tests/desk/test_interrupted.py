"""What was typed when the session had ended: it comes back to its writer, and to nobody else."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bot.desk import access, areas, interrupted, signin
from bot.desk.app import create_desk
from broadcasts import clock, db
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import answers, prepared, proposals
from broadcasts.newsroom import interrupted as store
from broadcasts.newsroom.alerts import Severity
from broadcasts.newsroom.corrections import Correction
from broadcasts.newsroom.interrupted import InterruptedForm
from broadcasts.newsroom.posts import Post, PostState, Written
from broadcasts.newsroom.releases import AlertRequest
from broadcasts.people import staff
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.test_alert_writing import sent
from tests.desk.test_corrections import post
from tests.desk.test_inbox import asked
from tests.desk.visitor import Visitor, account, fields
from tests.system import System

BACK = "Was Sie getippt hatten, steht wieder im Formular"
TEXT = "Sturm ab 16 Uhr\nBleiben Sie im Haus."

Wait = Callable[[], None]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Half an hour passes in which nobody does anything."""
    passed = [0.0]
    # Only for sessions: one-time codes go by the real clock.
    shifted = SimpleNamespace(time=lambda: time.time() + passed[0])
    monkeypatch.setattr(access, "time", shifted)
    monkeypatch.setattr(signin, "time", shifted)

    def wait() -> None:
        passed[0] += 31 * 60

    return wait


def typing(visitor: Visitor, path: str, **values: str) -> dict[str, str]:
    """The form of a page, filled in and not sent yet."""
    return {**fields(visitor.get(path).text), **values}


def again(visitor: Visitor, name: str) -> Any:
    return visitor.sign_in(name)


def pages(lage: Visitor, service: System) -> dict[str, tuple[str, str]]:
    """Page with a form → where it is sent, the field that is typed in."""
    alert = sent(service)
    text = prepared.keep(
        title="Rauch", text="Fenster zu", severity=Severity.DANGER, minutes=60, by="lage"
    )
    canned = answers.keep_canned("Zeiten", "Montag", language="", by="lage")
    number = asked(2)
    told = post()
    proposals.propose(told, "presse", Written("Markt", "Neu"), clock.now())
    return {
        "/feeds/": ("/feeds/correct", "text"),
        "/alerts/new": ("/alerts/new", "text"),
        "/alerts/new?drill=1": ("/alerts/new?drill=1", "text"),
        f"/alerts/{alert.id}/update": (f"/alerts/{alert.id}/update", "text"),
        f"/alerts/{alert.id}/clear": (f"/alerts/{alert.id}/clear", "text"),
        "/alerts/prepared/new": ("/alerts/prepared/new", "text"),
        f"/alerts/prepared/{text.id}": (f"/alerts/prepared/{text.id}", "text"),
        "/canned/new": ("/canned/new", "text"),
        f"/canned/{canned.id}": (f"/canned/{canned.id}", "text"),
        f"/inbox/{number}": (f"/inbox/{number}/answer", "text"),
        "/posts/new": ("/posts/new", "text"),
        f"/posts/{told.id}": (f"/posts/{told.id}/correction", "text"),
    }


def test_it_gives_every_form_back_filled_and_sends_nothing(
    service: System, desk: Open, idle: Wait
) -> None:
    reader(1)
    visitor = desk(Role.PRESS, Role.EMERGENCY)
    forms = pages(visitor, service)
    before = Delivery.select().count()
    for page, (to, field) in forms.items():
        filled = typing(visitor, page, **{field: TEXT})
        idle()
        answer = visitor.http.post(to, data=filled)
        assert answer.url.path == "/desk/sign-in", page
        assert "bleibt eine kurze Zeit aufgehoben" in answer.text
        staff.Staff.update(code_used=0).execute()  # else we should wait for the next code
        shown = again(visitor, "emergency-press-de")
        assert str(shown.url).endswith(page.partition("?")[0]), page
        assert BACK in shown.text, page
        back = fields(shown.text)
        assert back[field].strip().replace("\r\n", "\n") == TEXT, page
        assert back.get("drill", "") == filled.get("drill", "")
        assert not InterruptedForm.select().exists()
        assert BACK not in visitor.get(page).text
    assert Delivery.select().count() == before
    assert not AlertRequest.select().exists()
    assert not Post.select().where(Post.state == PostState.QUEUED).exists()
    assert not Correction.select().exists()
    assert answers.canned()[0].text == "Montag"


def test_it_sends_what_came_back_when_it_is_sent_once_more(desk: Open, idle: Wait) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    visitor.http.post(f"/inbox/{number}/answer", data=filled)
    page = again(visitor, "press-de")
    visitor.http.post(f"/inbox/{number}/answer", data=fields(page.text))
    assert Delivery.get().content["body"] == "Um acht."


def test_it_keeps_the_text_too_when_the_page_itself_noticed_first(desk: Open, idle: Wait) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    news = f"/inbox/{number}/news?version=1"
    assert visitor.get(news, headers={access.LIVE: "1"}).status_code == 401
    visitor.http.post(f"/inbox/{number}/answer", data=filled)
    assert "Um acht." in again(visitor, "press-de").text


def test_it_keeps_the_text_too_when_the_session_was_ended_elsewhere(
    service: System, desk: Open
) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    other = Visitor(service.city, service.url)
    other.sign_in("press-de")
    other.post("/sign-out")
    answer = visitor.http.post(f"/inbox/{number}/answer", data=filled)
    assert "an anderer Stelle beendet" in answer.text
    assert "Um acht." in again(visitor, "press-de").text


def test_it_keeps_each_window_of_a_browser(desk: Open, idle: Wait) -> None:
    visitor = desk(Role.PRESS)
    for number in (1, 2):
        asked(number)
    forms = {n: typing(visitor, f"/inbox/{n}", text=f"An {n}.") for n in (1, 2)}
    idle()
    for number, filled in forms.items():
        visitor.http.post(f"/inbox/{number}/answer", data=filled)
    assert "An 2." in again(visitor, "press-de").text
    assert "An 1." in visitor.get("/inbox/1").text


def test_it_takes_a_form_that_stood_open_while_its_writer_signed_in_again(
    desk: Open, idle: Wait
) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    visitor.get("/")
    again(visitor, "press-de")
    assert visitor.http.post(f"/inbox/{number}/answer", data=filled).status_code == 200
    assert Delivery.select().count() == 1


def test_it_shows_nothing_to_another_person_at_the_same_browser(
    service: System, desk: Open, idle: Wait
) -> None:
    account(service.city, "kollege", Role.PRESS)
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    visitor.http.post(f"/inbox/{number}/answer", data=filled)
    assert InterruptedForm.select().count() == 1
    assert again(visitor, "kollege").url.path == "/desk/"
    assert not InterruptedForm.select().exists()
    assert "Um acht." not in visitor.get(f"/inbox/{number}").text
    assert visitor.http.post(f"/inbox/{number}/answer", data=filled).status_code == 400
    visitor.post("/sign-out")
    again(visitor, "press-de")
    assert "Um acht." not in visitor.get(f"/inbox/{number}").text


def test_it_shows_nothing_to_the_same_person_at_another_browser(
    service: System, desk: Open, idle: Wait
) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    visitor.http.post(f"/inbox/{number}/answer", data=filled)
    other = Visitor(service.city, service.url)
    other.sign_in("press-de")
    assert "Um acht." not in other.get(f"/inbox/{number}").text


def test_it_keeps_nothing_without_the_token_of_the_page(desk: Open, idle: Wait) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.", csrf_token="geraten")
    idle()
    assert visitor.http.post(f"/inbox/{number}/answer", data=filled).status_code == 400
    assert not InterruptedForm.select().exists()


def test_it_keeps_nothing_of_strangers(service: System) -> None:
    stranger = Visitor(service.city, service.url)
    stranger.post("/posts/new", {"title": "x", "text": "y"})
    assert not InterruptedForm.select().exists()


def test_it_says_that_a_chosen_picture_was_not_kept(desk: Open, idle: Wait) -> None:
    visitor = desk(Role.PRESS)
    filled = typing(visitor, "/posts/new", title="Markt", text="Samstag")
    filled.pop("image", None)
    idle()
    visitor.http.post("/posts/new", data=filled, files={"image": ("markt.jpg", b"x")})
    page = again(visitor, "press-de").text
    assert "Wählen Sie sie bitte noch einmal aus" in page
    assert fields(page)["title"] == "Markt"


def test_it_keeps_it_encrypted_and_for_less_than_an_hour(desk: Open, idle: Wait) -> None:
    visitor, number = desk(Role.PRESS), asked()
    filled = typing(visitor, f"/inbox/{number}", text="Um acht.")
    idle()
    visitor.http.post(f"/inbox/{number}/answer", data=filled)
    row = InterruptedForm.get()
    assert "acht" not in row.content
    assert "inbox" not in row.mark + row.content
    with clock.travel(clock.now() + store.KEPT_FOR):
        page = again(visitor, "press-de").text
    assert "nicht mehr aufgehoben" in page
    assert "Um acht." not in page


def test_it_cleans_up_what_nobody_has_asked_for(database: str) -> None:
    store.keep("a", 1, "…")
    store.forget_old(clock.now() + store.KEPT_FOR)
    assert not InterruptedForm.select().exists()


def test_it_leaves_nothing_when_a_person_is_erased(service: System) -> None:
    person = reader(1)
    store.keep("a", 1, "…")
    media = service.city.config.media_dir
    with db.transaction():
        erasure.erase(person, key=service.city.key, before=clock.now(), media=media)
    assert not InterruptedForm.select().exists()
    assert not Subscriber.select().exists()


NOTHING_TYPED = {
    *("account.change_password", "account.set_code"),  # secrets are never kept
    *("person.find", "person.show", "person.opt_out", "person.export", "person.erase"),
    *("person.correct", "person.restrict", "person.lift", "person.object_to_reading"),
    *("person.take_objection_back", "person.resume", "proofs.receipt", "proofs.look"),
    "person.ask_erasure",  # whom somebody looks for is kept nowhere
    "inbox.search",
    *("posts.move", "posts.withdraw", "posts.duplicate", "posts.preview", "posts.keep_draft"),
    *("posts.drop_draft", "digest.send", "digest.try_out", "notices.mark_seen"),
    *("alerts.release", "alerts.writing.preview", "alerts.texts.drop", "canned.drop"),
    *("broadcasts.stop", "broadcasts.resume", "health.check", "health.sync"),
    *("staff.disable", "staff.reset", "audit.check", "posts.queue"),
    *("feeds.fetch", "feeds.take_over", "feeds.dismiss"),
}
"""What is sent by these can be pressed again in a second."""


def test_it_has_decided_on_every_form(service: System) -> None:
    """A new form of the desk needs its line in `interrupted.PAGES`, or here."""
    desk, rules = create_desk(service.city), areas.rules()
    sent_to = {
        rule.endpoint
        for rule in desk.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and rules[rule.endpoint] != access.PUBLIC
    }
    assert sent_to == {*interrupted.PAGES, *NOTHING_TYPED}
    assert not set(interrupted.PAGES) & NOTHING_TYPED
    assert set(interrupted.PAGES.values()) <= set(rules)
