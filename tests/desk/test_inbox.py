"""The inbox on the desk: reading, answering, who does what, and what is for few eyes."""

import re
from datetime import timedelta

import pytest

from bot.sandbox.attachments import photograph
from broadcasts import clock, db
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import received
from broadcasts.people import conversations, inbox
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import audit, rights
from tests.delivery.makers import reader
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, fields
from tests.fakes import FakeChannel
from tests.people.test_inbox import get, write
from tests.system import System

QUESTION = "Wann öffnet das Rathaus?"
IBAN = "DE02 1203 0000 0000 2020 51"


def asked(number: int = 1, text: str = QUESTION, *, ago: int = 1, kind: str = "text") -> int:
    """Somebody has written; their window is as it would be."""
    person = reader(number)
    conversation = write(person, text, ago=ago, kind=kind)
    closes = clock.now() - timedelta(minutes=ago) + timedelta(hours=24)
    Subscriber.update(window_closes_at=closes).where(Subscriber.id == person.id).execute()
    return conversation


def reply(visitor: Visitor, number: int, text: str = "Um acht.", **more: str) -> str:
    """Answers as the page of the conversation stands."""
    path = f"/inbox/{number}"
    page: str = visitor.send(path, {"text": text, **more}, to=f"{path}/answer").text
    return page


def typed(page: str) -> str:
    """What stands in the form; a browser takes the first line's end away, too."""
    return fields(page)["text"].removeprefix("\r\n")


# ------------------------------------------------------------------ the list


def test_it_lists_who_waits_with_the_time_left_and_no_number(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    asked(1, ago=60 * 23 + 30)
    asked(2, ago=60 * 22)
    asked(3, ago=60)
    asked(4, ago=60 * 30)
    page = visitor.get("/inbox/").text
    for said in (
        "4 Personen warten",
        "weniger als 1 Stunde",
        "weniger als 3 Stunden",
        "Antwort möglich: noch 22 Std. 59 Min.",
        "Fenster geschlossen",
        QUESTION,
        "Nummer endet auf 03",
    ):
        assert said in page, said
    assert re.findall(r'id="conversation-(\d)"', page) == ["1", "2", "3", "4"]
    assert "4917604069001" not in page.replace(" ", "")
    assert visitor.get("/inbox/live").text in page


def test_it_shows_that_somebody_is_restricted_in_the_list_and_beside_the_answer(
    desk: Open,
) -> None:
    visitor, number = desk(Role.PRESS), asked(1)
    assert "Art. 18" not in visitor.get("/inbox/").text + visitor.get(f"/inbox/{number}").text
    rights.restrict(Subscriber.get(), clock.now())
    assert "eingeschränkt (Art. 18 DSGVO)" in visitor.get("/inbox/").text
    page = visitor.get(f"/inbox/{number}").text
    assert "Antworten Sie nur auf das, was die Einschränkung betrifft" in page
    assert "nichts: eingeschränkt" in page
    assert "hat nie abonniert" not in page


def test_it_has_a_tab_for_each_kind(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    mine, closed, third = asked(1), asked(2), asked(3)
    visitor.post(f"/inbox/{mine}/assign", {"to": "press-de"})
    visitor.post(f"/inbox/{closed}/close")
    for tab, numbers in (
        ("open", {mine, third}),
        ("mine", {mine}),
        ("closed", {closed}),
        ("all", {mine, closed, third}),
        ("rubbish", {mine, third}),
    ):
        page = visitor.get(f"/inbox/?tab={tab}").text
        assert {int(n) for n in re.findall(r'id="conversation-(\d)"', page)} == numbers, tab


def test_it_goes_on_on_the_next_page(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = desk(Role.PRESS)
    monkeypatch.setattr(conversations.page, "__kwdefaults__", {"after": "", "limit": 2})
    for number in range(1, 4):
        asked(number, ago=number)
    first = visitor.get("/inbox/").text
    path = re.search(r'href="/desk(/inbox/\?tab=open&amp;after=[^"]+)"', first)
    assert path
    second = visitor.get(path[1].replace("&amp;", "&")).text
    assert re.findall(r'id="conversation-(\d)"', first + second) == ["3", "2", "1"]


# ------------------------------------------------------------------ answering


def test_it_answers_within_the_window(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    page = reply(visitor, number, "Um *acht*.\r\nJeden Tag.")
    assert "Die Antwort ist unterwegs" in page
    assert "Um <b>acht</b>." in page
    assert "wartet" in page
    delivery = Delivery.get()
    assert delivery.content["body"] == "Um *acht*.\nJeden Tag."
    row = get(number)
    assert (row.waiting_since, row.assigned_to) == (None, "press-de")
    (entry,) = audit.newest(act="answer sent")
    assert (entry.about, entry.detail) == (f"conversation {number}", {})


def test_it_answers_and_closes_at_once(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    reply(visitor, number, close="1")
    assert not get(number).is_open
    assert Delivery.select().count() == 1


@pytest.mark.parametrize(
    ("text", "said"), [(" ", "fehlt"), ("x" * 4097, "4.097 Zeichen, höchstens 4.096")]
)
def test_it_keeps_what_cannot_be_sent(desk: Open, text: str, said: str) -> None:
    visitor, number = desk(Role.PRESS), asked()
    page = reply(visitor, number, text)
    assert said in page
    assert typed(page) == text.strip()
    assert not Delivery.select().exists()


def test_it_says_why_somebody_cannot_be_written_to(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    number = asked(ago=60 * 25)
    page = visitor.get(f"/inbox/{number}").text
    assert "Dieser Person können Sie jetzt nicht schreiben" in page
    assert "nur innerhalb von 24 Stunden" in page
    assert 'id="answer"' not in page
    Subscriber.update(window_closes_at=None).execute()
    assert "Der Anbieter meldet" in visitor.get(f"/inbox/{number}").text


def test_it_keeps_what_was_typed_when_the_window_closed_meanwhile(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    opened = {**fields(visitor.get(f"/inbox/{number}").text), "text": "Um acht."}
    Subscriber.update(window_closes_at=clock.now()).execute()
    answer = visitor.http.post(f"/inbox/{number}/answer", data=opened)
    assert answer.status_code == 422
    assert "Ihr Text wurde nicht gesendet" in answer.text
    assert "Um acht." in answer.text
    assert not Delivery.select().exists()


def test_it_tells_the_second_of_two_who_answer_at_once(desk: Open) -> None:
    first, second = desk(Role.PRESS), desk(Role.EMERGENCY)
    number = asked()
    opened = fields(first.get(f"/inbox/{number}").text)
    reply(second, number, "Um neun.")
    page = first.http.post(f"/inbox/{number}/answer", data={**opened, "text": "Um acht."})
    assert page.status_code == 409
    assert "emergency-de hat geantwortet" in page.text
    assert "Um neun." in page.text
    assert typed(page.text) == "Um acht."
    assert Delivery.select().count() == 1
    first.http.post(f"/inbox/{number}/answer", data=fields(page.text))
    assert Delivery.select().count() == 2


def test_it_tells_when_the_person_wrote_again_meanwhile(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    opened = fields(visitor.get(f"/inbox/{number}").text)
    news = f"/inbox/{number}/news?version={opened['version']}"
    assert visitor.get(news).text.strip() == ""
    write(Subscriber.get(), "Hat sich erledigt.")
    assert "etwas Neues" in visitor.get(news).text
    page = visitor.http.post(f"/inbox/{number}/answer", data={**opened, "text": "Um acht."})
    assert page.status_code == 409
    assert "weitergeschrieben" in page.text
    assert "Hat sich erledigt." in page.text


def test_it_shows_what_became_of_an_answer(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    reply(visitor, number)
    for state, said in (("read", "zugestellt"), ("failed", "nicht angekommen: gescheitert")):
        Delivery.update(state=state).execute()
        page = visitor.get(f"/inbox/{number}").text
        assert said in page
        assert "gelesen" not in page
    assert "die Antwort kam nicht an" in visitor.get("/inbox/").text


def test_it_knows_no_such_conversation(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    assert visitor.get("/inbox/77").status_code == 404
    for act in ("answer", "assign", "close", "reopen", "identity", "show", "export"):
        assert visitor.post(f"/inbox/77/{act}").status_code == 404, act


# ------------------------------------------------------------------ whose work it is


def test_it_is_taken_given_closed_and_opened_again(desk: Open) -> None:
    visitor, _ = desk(Role.PRESS), desk(Role.EMERGENCY)
    number = asked()
    assert (
        "emergency-de kümmert sich"
        in visitor.post(f"/inbox/{number}/assign", {"to": "emergency-de"}).text
    )
    assert "kann keine Gespräche" in visitor.post(f"/inbox/{number}/assign", {"to": "x"}).text
    assert get(number).assigned_to == "emergency-de"
    visitor.post(f"/inbox/{number}/identity", {"checked": "1"})
    assert "✓ Identität geprüft" in visitor.get("/inbox/").text
    assert "Abgeschlossen" in visitor.post(f"/inbox/{number}/close").text
    assert "schon abgeschlossen" in visitor.post(f"/inbox/{number}/close").text
    row = get(number)
    assert (row.assigned_to, row.checked_at, row.closed_by) == ("", None, "press-de")
    assert "Wieder geöffnet" in visitor.post(f"/inbox/{number}/reopen").text
    acts = [entry.act for entry in audit.newest() if entry.about == f"conversation {number}"]
    assert acts == [
        "conversation opened again",
        "conversation closed",
        "identity checked",
        "conversation assigned",
    ]


def test_it_removes_the_identity_mark(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    visitor.post(f"/inbox/{number}/identity", {"checked": "1"})
    assert get(number).checked_by == "press-de"
    visitor.post(f"/inbox/{number}/identity", {"checked": "0"})
    assert get(number).checked_by == ""


@pytest.mark.parametrize(
    "act", [("assign", {"take": "1"}), ("identity", {"checked": "1"}), ("close", {}), ("show", {})]
)
def test_it_keeps_a_typed_answer_when_a_button_beside_it_is_pressed(
    desk: Open, act: tuple[str, dict[str, str]]
) -> None:
    visitor, number = desk(Role.PRESS), asked(text=f"Meine IBAN: {IBAN}")
    opened = visitor.get(f"/inbox/{number}").text
    name, values = act
    assert re.search(rf'form="answer" formaction="/desk/inbox/{number}/{name}[#"]', opened)
    given = {**fields(opened), "text": "Um acht.", **values}
    page = visitor.http.post(f"/inbox/{number}/{name}", data=given).text
    assert typed(page) == "Um acht."
    assert not Delivery.select().exists()
    visitor.http.post(f"/inbox/{number}/answer", data=fields(page))
    assert Delivery.get().content["body"] == "Um acht."


def test_it_shows_what_is_new_and_keeps_what_is_typed(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    opened = fields(visitor.get(f"/inbox/{number}").text)
    write(Subscriber.get(), "Hat sich erledigt.")
    given = {**opened, "text": "Um acht.", "insert": "1", "canned": ""}
    page = visitor.http.post(f"/inbox/{number}/answer", data=given).text
    assert "Hat sich erledigt." in page
    assert typed(page) == "Um acht."
    visitor.http.post(f"/inbox/{number}/answer", data=fields(page))
    assert Delivery.select().count() == 1


# ------------------------------------------------------------------ search


def test_it_searches_without_the_term_in_any_address(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked(text="Die Laterne in der ÄUẞEREN Gasse ist aus")
    asked(2, "Etwas anderes")
    answer = visitor.post("/inbox/search", {"term": "äuẞere"})
    assert re.findall(r'id="conversation-(\d)"', answer.text) == [str(number)]
    assert "Durchsucht wurde" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert str(answer.url).endswith("/inbox/search")
    assert visitor.get("/inbox/search").status_code == 405
    assert "mindestens 2 Zeichen" in visitor.post("/inbox/search", {"term": "x"}).text


@pytest.mark.parametrize("spelt", ["+49 176 04069001", "0049 17604069001", "(0176) 040690-01"])
def test_it_finds_a_person_by_any_spelling_of_the_number(desk: Open, spelt: str) -> None:
    visitor, number = desk(Role.PRESS), asked()
    page = visitor.post("/inbox/search", {"term": spelt}).text
    assert f'id="conversation-{number}"' in page


# ------------------------------------------------------------------ what is for few eyes


def test_it_covers_what_is_delicate_until_somebody_asks(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked(text=f"Meine IBAN: {IBAN}, danke")
    for path in ("/inbox/", f"/inbox/{number}"):
        assert IBAN not in visitor.get(path).text
    assert IBAN not in visitor.post("/inbox/search", {"term": IBAN}).text.split("</form>", 3)[-1]
    message = Message.get().id
    page = visitor.post(f"/inbox/{number}/show", {"message": str(message)}).text
    assert IBAN in page
    assert audit.newest(act="delicate parts shown")[0].about == f"conversation {number}"
    assert IBAN not in visitor.get(f"/inbox/{number}").text


def test_it_shows_the_number_only_in_the_conversation(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    assert "+4917604069001" in visitor.get(f"/inbox/{number}").text


def test_it_escapes_what_citizens_write(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked(text="<script>alert(1)</script> *fett*")
    for path in ("/inbox/", f"/inbox/{number}"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_it_gives_the_whole_conversation_as_a_file(service: System, desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked(text=f"Meine IBAN: {IBAN}")
    reply(visitor, number)
    visitor.post(f"/inbox/{number}/identity", {"checked": "1"})
    file = visitor.post(f"/inbox/{number}/export")
    assert file.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"gespraech-{number}.txt" in file.headers["content-disposition"]
    for said in (
        "Stadt Musterstadt",
        "+4917604069001",
        IBAN,
        "Die Person schrieb:",
        "press-de hat geantwortet (wartet):",
        "    Um acht.",
        "Identität geprüft am",
        "Europe/Berlin",
    ):
        assert said in file.text, said
    assert audit.newest(act="conversation exported")[0].about == f"conversation {number}"


def test_it_leaves_nothing_of_a_citizen_in_the_trail(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked(text=f"{QUESTION} {IBAN}")
    reply(visitor, number, "Liebe Frau Beispiel")
    for act in ("assign", "identity", "show", "export", "close", "reopen"):
        visitor.post(f"/inbox/{number}/{act}", {"checked": "1", "to": "press-de"})
    said = str([(row.about, row.detail) for row in audit.newest()])
    for word in ("Rathaus", "DE02", "Beispiel", "0406900"):
        assert word not in said


def test_it_shows_a_picture_to_staff_alone(service: System, desk: Open) -> None:
    visitor, stranger = desk(Role.PRESS), desk(Role.PRIVACY, Role.ADMIN)
    number = asked(text="So sieht es aus", kind="image")
    assert "wird beim Anbieter abgeholt" in visitor.get(f"/inbox/{number}").text
    channel = FakeChannel(files={"77": photograph()})
    media = service.city.config.media_dir
    received.fetch_due({"whatsapp": channel}, media, clock.now())
    picture = Picture.get()
    page = visitor.get(f"/inbox/{number}").text
    assert f'src="/desk/inbox/pictures/{picture.id}"' in page
    given = visitor.get(f"/inbox/pictures/{picture.id}")
    assert given.headers["content-type"] == "image/jpeg"
    assert given.headers["cache-control"] == "no-store"
    assert stranger.get(f"/inbox/pictures/{picture.id}").status_code == 403
    for path in (f"media/inbox/{picture.file}", f"media/inbox%2f{picture.file}", "media/inbox"):
        assert visitor.http.get(f"{service.url}/{path}").status_code == 404, path
    assert picture.file in visitor.post(f"/inbox/{number}/export").text
    with db.transaction():
        Message.update(kind="audio").execute()
        Picture.delete().execute()
    assert "[Sprachnachricht]" in visitor.get(f"/inbox/{number}").text
    inbox.path_of(media, picture.file).unlink()
    assert visitor.get(f"/inbox/pictures/{picture.id}").status_code == 404


def test_it_keeps_working_when_somebody_is_erased(desk: Open) -> None:
    visitor, number = desk(Role.PRESS), asked()
    reply(visitor, number)
    Subscriber.delete().execute()
    assert not Conversation.select().exists()
    assert visitor.get(f"/inbox/{number}").status_code == 404
    assert "Niemand wartet" in visitor.get("/inbox/").text
