"""Plain language and other languages on the desk: posts, alerts, prepared texts, a person."""

from typing import Any

import pytest

from broadcasts import figures
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import posts, prepared, releases, unsent, voices
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Post, Written
from broadcasts.newsroom.releases import AlertRequest, RequestState
from broadcasts.newsroom.voices import Voice
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.test_subscribers import FIND, joined, look_up, slip_of
from tests.desk.visitor import Visitor, fields, heading
from tests.system import System

QUESTION = "Es gibt keine Fassung in einfacher Sprache. Geht sie so hinaus?"
PLAIN = {"plain_title": "Markt zu", "plain_text": "Der Markt ist zu."}
ENGLISH = {"en_title": "Market", "en_text": "Closed.", "en_link": "www.stadt.example/en"}
POST = {"title": "Markt", "text": "Gesperrt"}
STORM = {"severity": "danger", "title": "Sturm", "text": "Sturm ab 16 Uhr", "minutes": "90"}


# ------------------------------------------------------------------ posts


def test_it_keeps_the_versions_of_a_post_and_shows_them_again(desk: Open) -> None:
    press = desk(Role.PRESS)
    press.send("/posts/new", {**POST, **PLAIN, **ENGLISH})
    row = Post.get()
    assert voices.kept(row.voices) == {
        "plain": Voice("Markt zu", "Der Markt ist zu."),
        "en": Voice("Market", "Closed.", "https://www.stadt.example/en"),
    }
    page = press.get(f"/posts/{row.id}").text
    assert fields(page)["plain_text"].strip() == "Der Markt ist zu."
    assert '<details class="voices" open' in page
    assert "de_text" not in page, "the city's own language is the text itself"
    press.send(f"/posts/{row.id}", {"plain_title": "", "plain_text": ""})
    assert voices.kept(posts.get(row.id).voices).keys() == {"en"}


def test_it_folds_them_away_where_there_are_none(desk: Open) -> None:
    page = desk(Role.PRESS).get("/posts/new").text
    assert '<details class="voices" id="voices">' in page
    for name in ("Einfache Sprache", "Englisch", "Niederländisch"):
        assert f"<legend>{name}</legend>" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"plain_title": "T", "plain_text": "x" * 10_000}, "10.000 Zeichen, höchstens 3.000"),
        ({"plain_text": "Ohne Titel"}, "fehlt"),
        ({"en_title": "T", "en_text": "a\x07b"}, "die sich nicht zeigen lassen"),
        ({"nl_title": "T", "nl_link": "javascript:alert(1)"}, "ist keine Adresse"),
    ],
)
def test_it_says_beside_the_version_what_is_wrong_and_keeps_what_was_typed(
    desk: Open, typed: dict[str, str], said: str
) -> None:
    page = desk(Role.PRESS).send("/posts/new", {**POST, **typed})
    assert page.status_code == 422
    assert said in page.text
    assert '<details class="voices" open' in page.text
    assert not Post.select().exists()


def test_it_takes_no_version_in_a_made_up_language(desk: Open) -> None:
    made_up = {"xx_title": "T", "xx_text": "T", "de_title": "Falsch", "de_text": "Falsch"}
    desk(Role.PRESS).send("/posts/new", {**POST, **made_up})
    assert Post.get().voices == {}


def test_it_shows_the_version_that_is_looked_at_with_and_without_script(desk: Open) -> None:
    press = desk(Role.PRESS)
    typed = {**POST, **PLAIN, "looked_at": "plain"}
    token = fields(press.get("/posts/new").text)
    for answer in (
        press.http.post("/posts/preview", data={**token, **typed}),
        press.http.post("/posts/new", data={**token, **typed, "preview": "1"}),
    ):
        bubbles = answer.text.split('<div class="bubble">')[1:]
        assert len(bubbles) == 2
        assert all("Der Markt ist zu." in bubble for bubble in bubbles)
    answer = press.http.post("/posts/preview", data={**token, **typed, "looked_at": "<b>xx"})
    assert "Gesperrt" in answer.text
    assert "<b>xx" not in answer.text


def test_it_keeps_the_versions_of_a_draft(desk: Open) -> None:
    press = desk(Role.PRESS)
    token = fields(press.get("/posts/new").text)
    press.http.post("/posts/draft", data={**token, **POST, **PLAIN, "form": "post new"})
    kept = unsent.find("press-de", "post new")
    assert kept is not None
    assert kept.content["plain_text"] == "Der Markt ist zu."
    assert fields(press.get("/posts/new").text)["plain_title"] == "Markt zu"


def test_it_overwrites_no_version_that_somebody_else_has_changed(
    service: System, desk: Open
) -> None:
    press = desk(Role.PRESS)
    press.send("/posts/new", {**POST, **PLAIN})
    row = Post.get()
    mine = fields(press.get(f"/posts/{row.id}").text)
    theirs = Written("Markt", "Gesperrt", on=row.on, voices={"plain": Voice("Neu", "Anders.")})
    posts.edit(service.city.newsroom, row.id, theirs, version=row.version, by="eva")
    answer = press.http.post(f"/posts/{row.id}", data={**mine, "plain_text": "Meins."})
    assert answer.status_code == 409
    assert "Anders." in answer.text
    assert voices.kept(posts.get(row.id).voices)["plain"].text == "Anders."


def test_it_previews_the_digest_in_plain_words_where_somebody_reads_them(
    service: System, desk: Open
) -> None:
    press = desk(Role.PRESS)
    reader(1)
    reader(2, language="plain")
    press.send("/posts/new", {**POST, **PLAIN})
    figures.finish()
    page = press.get("/digest/").text
    assert "<h2>Einfache Sprache" in page
    assert "<h2>Englisch" not in page
    assert "Der Markt ist zu." in page


def test_it_counts_readers_of_plain_words_by_that_name(desk: Open) -> None:
    reader(1, language="plain")
    press = desk(Role.PRESS)
    press.get("/subscribers/")
    figures.finish()
    assert '<th scope="row">Einfache Sprache</th>' in press.get("/subscribers/").text


# ------------------------------------------------------------------ alerts


@pytest.fixture
def lage(service: System, desk: Open) -> Visitor:
    reader(1)
    reader(2, language="plain")
    return desk(Role.EMERGENCY)


def write(lage: Visitor, path: str = "/alerts/new", **more: str) -> Any:
    return lage.send(path, {**STORM, **more})


def asked_for(service: System, **more: Any) -> AlertRequest:
    draft = Draft(BroadcastKind.ALERT, "Sturm ab 16 Uhr", title="Sturm", **more)
    return releases.ask(service.city.newsroom, draft, by="a.anders")


def test_it_asks_before_an_alert_without_plain_words_and_one_click_answers(lage: Visitor) -> None:
    answer = write(lage)
    assert QUESTION in answer.text
    assert "Fassung ergänzen" in answer.text
    assert '<details class="voices" open' in answer.text
    assert not AlertRequest.select().exists()
    typed = {**STORM, **{k: v for k, v in fields(answer.text).items() if k != "severity"}}
    answer = lage.http.post("/alerts/new", data={**typed, "without_plain": "1"})
    assert heading(answer.text) == "Warnung: Sturm"
    assert AlertRequest.get().text == "Sturm ab 16 Uhr"


def test_it_asks_nothing_where_there_is_a_version(lage: Visitor) -> None:
    answer = write(lage, plain_text="Es kommt ein Sturm.", en_text="A storm is coming.")
    asked = AlertRequest.get()
    assert str(answer.url).endswith(f"/alerts/requests/{asked.id}")
    assert voices.kept(asked.voices)["plain"] == Voice("", "Es kommt ein Sturm.")
    figures.finish()
    page = lage.get(f"/alerts/requests/{asked.id}").text
    assert QUESTION not in page
    for said in ("Es kommt ein Sturm.", "A storm is coming.", "Sturm ab 16 Uhr"):
        assert said in page


def test_it_asks_nothing_where_nobody_has_chosen_plain_words(service: System, desk: Open) -> None:
    reader(1)
    write(desk(Role.EMERGENCY))
    assert AlertRequest.get().is_waiting


def test_it_asks_the_second_person_on_the_button_itself(service: System, lage: Visitor) -> None:
    asked = asked_for(service)
    path = f"/alerts/requests/{asked.id}"
    lage.get(path)
    figures.finish()
    page = lage.get(path).text
    assert QUESTION in page
    assert "Jetzt ohne einfache Sprache senden" in page
    assert "Freigeben und jetzt senden" not in page
    answer = lage.post(f"{path}/release")
    assert answer.status_code == 422, "somebody who has not seen the question"
    assert not Broadcast.select().exists()
    lage.post(f"{path}/release", {"without_plain": "1"})
    assert releases.get(asked.id).state == RequestState.RELEASED


def test_it_releases_all_versions_with_one_click(service: System, lage: Visitor) -> None:
    asked = asked_for(service, voices={"plain": Voice("", "Es kommt ein Sturm.")})
    lage.post(f"/alerts/requests/{asked.id}/release")
    assert voices.kept(Broadcast.get().voices) == {"plain": Voice("", "Es kommt ein Sturm.")}


def test_it_leads_the_second_person_to_the_form_to_add_the_version(
    service: System, lage: Visitor
) -> None:
    asked = asked_for(service, voices={"en": Voice("", "A storm is coming.")})
    answer = lage.post(
        f"/alerts/requests/{asked.id}/refuse", {"reason": "Fassung fehlt.", "again": "1"}
    )
    assert releases.get(asked.id).state == RequestState.REFUSED
    assert heading(answer.text) == "Warnung schreiben"
    assert fields(answer.text)["en_text"].strip() == "A storm is coming."
    assert fields(answer.text)["text"].strip() == "Sturm ab 16 Uhr"


def test_it_says_beside_a_version_of_an_alert_what_is_wrong(lage: Visitor) -> None:
    answer = write(lage, plain_text="x" * 10_000)
    assert answer.status_code == 422
    assert "zu lang" in answer.text
    assert not AlertRequest.select().exists()


def test_it_starts_from_a_prepared_text_with_its_versions(lage: Visitor) -> None:
    typed = {"title": "Sturm", "text": "Sturm ab [Uhrzeit]", "plain_text": "Es kommt [was]."}
    lage.send("/alerts/prepared/new", {**typed, "severity": "danger", "minutes": "60"})
    (row,) = prepared.everything()
    assert (
        fields(lage.get(f"/alerts/prepared/{row.id}").text)["plain_text"].strip()
        == "Es kommt [was]."
    )
    found = fields(lage.get(f"/alerts/new?prepared={row.id}").text)
    assert found["plain_text"].strip() == "Es kommt [was]."
    answer = write(lage, f"/alerts/new?prepared={row.id}", plain_text="Es kommt [was].")
    assert "Noch nicht ausgefüllt: [was]" in answer.text


# ------------------------------------------------------------------ a person


def test_it_sets_plain_words_for_a_person_who_asks_on_the_telephone(desk: Open) -> None:
    joined(1)
    visitor = desk(Role.PRIVACY)
    slip = slip_of(look_up(visitor))
    page = visitor.post(f"{FIND}/correct", {"slip": slip, "language": "plain"}).text
    assert Subscriber.get().language == "plain"
    assert "Einfache Sprache" in page
    answer = visitor.post(f"{FIND}/correct", {"slip": slip, "language": "xx"})
    assert (answer.status_code, Subscriber.get().language) == (422, "plain")
