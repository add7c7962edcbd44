"""What the stand-in does besides refusing: webhooks, faults, and an unmodified client."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pywa import WhatsApp
from pywa.types import templates as pywa_templates

from bot.sandbox import Sandbox
from tests.patience import wait_until
from tests.sandbox.asking import code, message, send, template


class Door(ThreadingHTTPServer):
    """Takes webhooks; answers `status` and remembers the bodies."""

    def __init__(self) -> None:
        self.status, self.posts = 200, list[tuple[bytes, str]]()
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.posts.append((body, self.headers["X-Hub-Signature-256"]))
                self.send_response(door.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        super().__init__(("127.0.0.1", 0), Handler)

    def items(self, kind: str) -> list[Any]:
        found = []
        for body, _ in self.posts:
            for change in json.loads(body)["entry"][0]["changes"]:
                found += change["value"].get(kind, [])
        return found

    def wait(self, kind: str, number: int) -> list[Any]:
        wait_until(lambda: len(self.items(kind)) >= number)
        return self.items(kind)


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    with Door() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        sandbox.set_webhook(f"http://127.0.0.1:{server.server_port}/")
        yield server
        server.shutdown()
        thread.join()


def test_it_signs_the_raw_bytes_and_escapes_umlauts(sandbox: Sandbox, door: Door) -> None:
    sandbox.phone("+49 176 04069001").text("Löschen 🛑")
    door.wait("messages", 2)
    for body, signature in door.posts:
        assert body.isascii()
        expected = hmac.new(b"s", body, hashlib.sha256).hexdigest()
        assert signature == f"sha256={expected}"


def test_it_brings_again_what_was_not_answered_200(sandbox: Sandbox, door: Door) -> None:
    door.status = 503
    sandbox.phone("+49 176 04069001").text("Start")
    door.wait("messages", 4)
    door.status = 200
    sandbox.wait_for(lambda: sandbox.webhooks.waiting == 0)


def test_it_reports_a_message_step_by_step(
    sandbox: Sandbox, http: httpx.Client, door: Door
) -> None:
    send(http, message(biz_opaque_callback_data="7:1"))
    found = door.wait("statuses", 3)
    assert [status["status"] for status in found] == ["sent", "delivered", "read"]
    assert {status["biz_opaque_callback_data"] for status in found} == {"7:1"}
    assert found[0]["pricing"]["category"] == "service"


def test_it_leaves_contacts_out_of_a_failure(
    sandbox: Sandbox, http: httpx.Client, door: Door
) -> None:
    door.wait("messages", 1)
    door.posts.clear()
    send(http, message(to="4917604069050"))
    door.wait("statuses", 1)
    value = json.loads(door.posts[-1][0])["entry"][0]["changes"][0]["value"]
    assert value["statuses"][0]["status"] == "failed"
    assert "contacts" not in value


@pytest.mark.parametrize(
    ("shape", "present", "absent"),
    [("phone", "from", "from_user_id"), ("bsuid", "from_user_id", "from")],
)
def test_it_tells_of_a_person_what_their_shape_says(
    sandbox: Sandbox, door: Door, shape: str, present: str, absent: str
) -> None:
    sandbox.phone("+49 176 04069007", shape=shape).text("Start")
    found = door.wait("messages", 2)[-1]
    assert present in found
    assert absent not in found


@pytest.mark.parametrize("kind", ["lost_reply", "reset_after"])
def test_it_loses_a_reply_on_request(sandbox: Sandbox, http: httpx.Client, kind: str) -> None:
    sandbox.faults.plan(kind)
    with pytest.raises(httpx.TransportError):
        send(http, message())
    assert len(sandbox.accepted()) == 1


def test_it_resets_before_accepting_on_request(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.plan("reset_before")
    with pytest.raises(httpx.TransportError):
        send(http, message())
    assert sandbox.accepted() == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("server_error", 0, 131000), ("too_fast", 0, 130429), ("code", 131016, 131016)],
)
def test_it_refuses_on_request(
    sandbox: Sandbox, http: httpx.Client, kind: str, value: float, expected: int
) -> None:
    sandbox.faults.plan(kind, 1, value)
    assert [code(send(http, message())) for _ in range(2)] == [expected, None]


def test_it_is_down_on_request(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.faults.down = True
    assert send(http, message()).status_code == 503
    sandbox.faults.clear()
    assert send(http, message()).status_code == 200


def test_it_doubles_and_loses_statuses_on_request(
    sandbox: Sandbox, http: httpx.Client, door: Door
) -> None:
    sandbox.faults.plan("status_lost")
    sandbox.faults.plan("status_double")
    send(http, message())
    found = door.wait("statuses", 3)
    assert [status["status"] for status in found] == ["delivered", "delivered", "read"]


def test_it_knows_no_other_faults(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        sandbox.faults.plan("meteor")


@pytest.fixture
def whatsapp(sandbox: Sandbox) -> Iterator[WhatsApp]:
    """pywa as it comes, pointed here by its public session."""
    with httpx.Client() as session:
        made = WhatsApp(phone_id="1234567890", token="t", waba_id="9876543210", session=session)
        session.base_url = httpx.URL(f"{sandbox.url}/v26.0")
        yield made


def test_it_serves_an_unmodified_pywa_client(
    sandbox: Sandbox, http: httpx.Client, whatsapp: WhatsApp
) -> None:
    whatsapp.send_message(to="4917604069001", text="Hallo")
    whatsapp.send_template(
        to="4917604069001",
        name="news",
        language=pywa_templates.TemplateLanguage.GERMAN,
        params=[pywa_templates.BodyText.params(post_1="Markt")],
    )
    shown = sandbox.phone("+49 176 04069001").wait_for(2)
    assert [bubble.body for bubble in shown] == ["Hallo", "Neues: Markt Bis morgen."]
    assert {row.name for row in whatsapp.get_templates()} == {"news", "alarm"}


def test_it_plays_the_phone_page(sandbox: Sandbox) -> None:
    with httpx.Client(base_url=sandbox.url) as page:
        assert "Übungsplatz" in page.get("/").text
        assert page.get("/static/phone.js").status_code == 200
        assert page.get("/static/../world.py").status_code == 404
        person = page.post("/sandbox/people", json={"number": "+49 176 04069009"}).json()
        page.post(f"/sandbox/people/{person['wa_id']}/text", json={"text": "Start"})
        chat = page.get(f"/sandbox/people/{person['wa_id']}").json()
        assert [bubble["body"] for bubble in chat["messages"]] == ["Start"]


def test_it_answers_a_separate_process(sandbox: Sandbox, http: httpx.Client) -> None:
    with httpx.Client(base_url=sandbox.url) as control:
        control.post("/sandbox/faults", json={"plan": {"code": [1, 131016]}})
        assert code(send(http, template())) == 131016
        send(http, template())
        assert control.get("/sandbox/accepted").json() == {"4917604069001": 1}
        assert control.get("/sandbox/state").json()["refused"] == {"131016": 1}
        control.post("/sandbox/settings", json={"token": "new"})
        assert code(send(http, template())) == 190
