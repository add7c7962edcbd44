"""Sending: the exact request, and what each answer of the provider or the network means."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from broadcasts.channels.base import (
    Address,
    Button,
    Content,
    Outcome,
    ProviderError,
    Result,
    TemplateMessage,
    Text,
)
from broadcasts.channels.whatsapp import errors
from broadcasts.channels.whatsapp.send import WhatsAppSender
from broadcasts.channels.whatsapp.settings import WhatsAppSecrets, WhatsAppSettings
from tests.channels.whatsapp.samples import ACCOUNT, BSUID, WA_ID

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SOMEBODY = Address(WA_ID)
OK = {"messages": [{"id": "wamid.new"}]}


class Provider:
    """A server that answers as told and remembers what it was asked."""

    def __init__(self, answer: Handler) -> None:
        self._answer = answer
        self.requests: list[tuple[dict[str, str], Any]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        is_json = request.content_type == "application/json"
        self.requests.append((dict(request.headers), json.loads(raw) if is_json else raw))
        return await self._answer(request)


def answering(body: Any = OK, status: int = 200, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        if isinstance(body, bytes):
            return web.Response(body=body, status=status, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return answer


def send(
    provider: Provider,
    *contents: Content,
    address: Address = SOMEBODY,
    tokens: tuple[str, ...] = ("token",),
    seconds: float = 0.3,
    media: str | None = None,
    use: Callable[[WhatsAppSender], Awaitable[Any]] | None = None,
) -> list[Any]:
    """Sends through a real connection; gives the results."""
    left = list(tokens)

    def secrets() -> WhatsAppSecrets:
        token = left.pop(0) if len(left) > 1 else left[0]
        return WhatsAppSecrets(token=token, app_secret="s", verify_token="v")

    async def run() -> list[Any]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", provider.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        settings = WhatsAppSettings(
            phone_id=ACCOUNT, waba_id="1", number="+49 176 04069000", graph_url=url
        )
        sender = WhatsAppSender(settings, secrets, Path(__file__).parent, seconds=seconds)
        try:
            if use is not None:
                return [await use(sender)]
            return [
                await sender.send(ACCOUNT, address, content, tracker="7:1", media=media)
                for content in contents
            ]
        finally:
            await sender.close()
            await runner.cleanup()

    return asyncio.run(run())


def request_of(content: Content, **more: Any) -> Any:
    provider = Provider(answering())
    send(provider, content, **more)
    return provider.requests[0][1]


def test_it_sends_a_text() -> None:
    assert request_of(Text("Hallo")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": WA_ID,
        "type": "text",
        "text": {"body": "Hallo", "preview_url": False},
        "biz_opaque_callback_data": "7:1",
    }


def test_it_sends_to_a_user_id_as_recipient() -> None:
    sent = request_of(Text("Hallo"), address=Address(None, BSUID))
    assert sent["recipient"] == BSUID
    assert "to" not in sent


def test_it_prefers_the_number_of_a_person_with_both() -> None:
    sent = request_of(Text("Hallo"), address=Address(WA_ID, BSUID))
    assert (sent["to"], sent.get("recipient")) == (WA_ID, None)


def test_it_asks_for_a_preview_of_a_link() -> None:
    assert request_of(Text("Siehe https://stadt.example"))["text"]["preview_url"] is True


def test_it_sends_a_picture_with_its_caption() -> None:
    sent = request_of(Text("Markt", picture="a.jpg"), media="77")
    assert sent["image"] == {"id": "77", "caption": "Markt"}


def test_it_sends_buttons() -> None:
    sent = request_of(Text("Gehen?", (Button("stop:yes", "Ja"), Button("stop:no", "Nein"))))
    assert sent["interactive"]["action"]["buttons"][0] == {
        "type": "reply",
        "reply": {"id": "stop:yes", "title": "Ja"},
    }


def test_it_sends_buttons_below_a_picture() -> None:
    sent = request_of(Text("Gehen?", (Button("a", "Ja"),), picture="a.jpg"), media="77")
    assert sent["interactive"]["header"] == {"type": "image", "image": {"id": "77"}}


def test_it_sends_a_template_with_named_values_and_picture() -> None:
    content = TemplateMessage("digest_1_image", "de", (("post_1", "Neues"),), "a.jpg")
    sent = request_of(content, media="77")["template"]
    assert (sent["name"], sent["language"]["code"]) == ("digest_1_image", "de")
    header, body = sent["components"]
    assert header["parameters"] == [{"type": "image", "image": {"id": "77"}}]
    assert body["parameters"] == [{"type": "text", "parameter_name": "post_1", "text": "Neues"}]


def test_it_goes_to_the_versioned_path_with_the_token() -> None:
    provider = Provider(answering())
    send(provider, Text("a"))
    assert provider.requests[0][0]["Authorization"] == "Bearer token"


def test_it_uses_a_replaced_token_at_once() -> None:
    provider = Provider(answering())
    send(provider, Text("a"), Text("b"), tokens=("old", "old", "new"))
    used = [headers["Authorization"] for headers, _ in provider.requests]
    assert used == ["Bearer old", "Bearer new"]


def result(handler: Handler) -> Result:
    (found,) = send(Provider(handler), Text("a"))
    assert isinstance(found, Result)
    return found


def test_it_takes_the_id_of_an_accepted_message() -> None:
    assert result(answering()) == Result(Outcome.ACCEPTED, "wamid.new")


def test_it_notes_a_message_that_is_held() -> None:
    held = {"messages": [{"id": "x", "message_status": "held_for_quality_assessment"}]}
    assert result(answering(held)).held


@pytest.mark.parametrize("code", sorted(set(errors.OUTCOMES) - set(range(201, 299))))
def test_it_decides_on_the_code(code: int) -> None:
    found = result(answering({"error": {"code": code, "message": "no"}}, 400))
    assert (found.outcome, found.code) == (errors.OUTCOMES[code], str(code))


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        ({"error": {"code": 424242, "message": "?"}}, 400, Outcome.OUR_MISTAKE),
        ({"error": {"code": 424242, "message": "?"}}, 500, Outcome.TRANSIENT),
        (b"<html>502</html>", 502, Outcome.UNKNOWN),
        (b"<html>504</html>", 504, Outcome.UNKNOWN),
        (b"<html>503</html>", 503, Outcome.TRANSIENT),
        (b"<html>429</html>", 429, Outcome.SLOW_DOWN),
        (b"<html>401</html>", 401, Outcome.CREDENTIALS),
        (b"<html>404</html>", 404, Outcome.OUR_MISTAKE),
        (b"not json", 200, Outcome.UNKNOWN),
        ({}, 200, Outcome.UNKNOWN),
        ([], 200, Outcome.UNKNOWN),
    ],
)
def test_it_reads_every_other_answer(body: Any, status: int, outcome: Outcome) -> None:
    assert result(answering(body, status)).outcome is outcome


def test_it_takes_the_wait_the_provider_asks_for() -> None:
    body = {"error": {"code": 4, "message": "slow"}}
    found = result(answering(body, 400, **{"Retry-After": "7"}))
    assert found.retry_after is not None
    assert found.retry_after.total_seconds() == 7


def test_it_does_not_know_after_a_lost_reply() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    provider = Provider(cut)
    (found,) = send(provider, Text("a"))
    assert found.outcome is Outcome.UNKNOWN
    assert len(provider.requests) == 1  # and never tries again by itself


def test_it_does_not_know_after_a_time_out() -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    assert result(hang).outcome is Outcome.UNKNOWN


def test_it_knows_that_nothing_left_without_a_connection() -> None:
    settings = WhatsAppSettings(
        phone_id="1", waba_id="1", number="+49 176 04069000", graph_url="http://127.0.0.1:1"
    )
    secrets = WhatsAppSecrets(token="t", app_secret="s", verify_token="v")

    async def run() -> Result:
        sender = WhatsAppSender(settings, lambda: secrets, Path(), seconds=2)
        try:
            return await sender.send("1", Address(WA_ID), Text("a"), tracker="1:1")
        finally:
            await sender.close()

    assert asyncio.run(run()).outcome is Outcome.NETWORK


def upload(handler: Handler, path: str = "test_send.py") -> Any:
    (found,) = send(Provider(handler), use=lambda sender: sender.upload(ACCOUNT, path))
    return found


def test_it_uploads_a_picture() -> None:
    assert upload(answering({"id": "77"})) == "77"


@pytest.mark.parametrize(
    ("body", "status", "path", "outcome"),
    [
        ({"error": {"code": 131053, "message": "no"}}, 400, "test_send.py", Outcome.MEDIA),
        ({"error": {"code": 190, "message": "no"}}, 401, "test_send.py", Outcome.CREDENTIALS),
        ({}, 200, "test_send.py", Outcome.TRANSIENT),
        ({"id": "77"}, 200, "missing.jpg", Outcome.MEDIA),
    ],
)
def test_it_says_why_an_upload_failed(body: Any, status: int, path: str, outcome: Outcome) -> None:
    with pytest.raises(ProviderError) as caught:
        upload(answering(body, status), path)
    assert caught.value.outcome is outcome
