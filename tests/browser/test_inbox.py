"""A citizen's telephone and the desk: a question, a picture, an answer, and everything erased."""

import re

import pytest

from broadcasts.newsroom import answers
from broadcasts.people import inbox
from broadcasts.people.inbox import Conversation, Picture
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.patience import wait_until
from tests.people.test_inbox import get
from tests.system import System

pytestmark = pytest.mark.long

QUESTION = "In der Gartenstraße ist eine Laterne aus."


def test_it_is_told_from_question_to_erasure(service: System, sign_in: SignIn) -> None:
    page, phone = sign_in(Role.PRESS), service.phone(1)
    phone.text(QUESTION)
    assert "kein Notruf" in phone.wait_for(1)[0].body
    phone.image("So sieht es aus")
    wait_until(lambda: Picture.select().where(Picture.state == "kept").exists())
    page.goto("/desk/inbox/")
    page.click("text=Gespräch 1")
    page.click("text=Bild: ansehen")
    width = "document.querySelector('.picture img').naturalWidth"
    page.wait_for_function(f"{width} > 0")
    assert page.evaluate(width) == 640
    page.fill("#text", "Danke, wir *kümmern* uns darum.")
    assert page.inner_text("[data-count=text]").startswith("noch 4065")
    page.click("button:text-is('Senden')")
    assert phone.wait_for(2)[1].body == "Danke, wir *kümmern* uns darum."
    wait_until(lambda: "zugestellt" in _again(page))
    # Somebody who writes again is seen at once, and closed comes open by it.
    phone.text("Sie leuchtet wieder!")
    page.wait_for_selector("text=Es ist etwas Neues gekommen.", timeout=15_000)
    page.fill("#text", "Schön!")
    page.click("text=Anzeigen, mein Text bleibt stehen")
    assert page.input_value("#text") == "Schön!"
    page.click("text=Ohne Antwort abschließen")
    assert not get(1).is_open
    phone.text("Danke!")
    wait_until(lambda: get(1).is_open)
    (name,) = inbox.files_of(get(1).subscriber)
    path = inbox.path_of(service.city.config.media_dir, name)
    assert path.exists()
    phone.text("Alle Daten löschen")
    wait_until(lambda: not Conversation.select().exists())
    assert not path.exists()
    page.goto("/desk/inbox/")
    page.wait_for_selector("text=Niemand wartet auf eine Antwort.")


def _again(page: object) -> str:
    page.reload()
    return str(page.inner_text(".thread"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible(service: System, sign_in: SignIn, language: str, width: int) -> None:
    page, phone = sign_in(*Role, language=language, width=width), service.phone(1)
    phone.text("Start")
    phone.text(f"{QUESTION} Meine Kundennummer ist 4711-0815-9.")
    phone.image("So sieht es aus")
    phone.voice()
    wait_until(lambda: Picture.select().where(Picture.state == "kept").exists())
    service.settle()
    answers.keep_canned("Laterne", "Danke für den Hinweis!", language="de", by="presse")
    for path in ("/desk/inbox/", "/desk/inbox/1", "/desk/canned/", "/desk/canned/new"):
        assert page.goto(path)
        check_accessible(page)
    page.goto("/desk/inbox/1")
    page.click(".person button[name=message]")
    assert "4711-0815-9" in page.inner_text(".thread")
    page.select_option("#canned", index=1)
    page.click("[name=insert]")
    assert page.input_value("#text") == "Danke für den Hinweis!"
    check_accessible(page)
    page.goto("/desk/inbox/")
    page.fill("#term", "laterne")
    page.click(".search button")
    assert re.search(r"/search$", page.url)
    check_accessible(page)
