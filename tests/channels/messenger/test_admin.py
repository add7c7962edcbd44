"""What an administrator asks of Meta: page, webhooks, token, files; how strict the stand-in is."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from bot.sandbox import MetaSettings, Sandbox, SandboxSettings
from bot.sandbox.attachments import photograph
from broadcasts.channels.base import Finding, MessageIn, Outcome, ProviderError
from tests.channels.messenger import samples

CITY = "https://bote.musterstadt.example"
MOST = 5 * 1024 * 1024


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    page = MetaSettings(token=samples.TOKEN, account=samples.PAGE)
    with Sandbox(settings, messenger=page) as running:
        yield running


def found(stand_in: Sandbox) -> dict[str, Finding]:
    return {one.id: one for one in samples.channel(stand_in.messenger.url).look(CITY)}


def test_it_asks_for_messages_once_it_is_told_to(stand_in: Sandbox) -> None:
    webhook = found(stand_in)["webhook"]
    assert not webhook.ok
    assert "messaging_postbacks" in webhook.detail
    said = samples.channel(stand_in.messenger.url).connect(f"{CITY}/")
    assert f"{CITY}/webhooks/messenger" in said
    assert found(stand_in)["webhook"].ok
    assert "Stadt Musterstadt" in found(stand_in)["page"].detail
    assert "app review" in found(stand_in)["review"].detail


def test_it_says_until_when_a_token_is_good(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.messenger.url)
    (state,) = channel.account_states()
    assert (state.account, state.token_until) == (samples.PAGE, None)
    stand_in.messenger.world.token_until = 1800000000
    (state,) = channel.account_states()
    assert state.token_until == datetime.fromtimestamp(1800000000, UTC)


def test_it_knows_a_bad_token_and_a_strangers_page(stand_in: Sandbox) -> None:
    stand_in.messenger.world.token = "another"
    for url, outcome in (
        (stand_in.messenger.url, Outcome.CREDENTIALS),
        (f"{stand_in.url}/nowhere", Outcome.NETWORK),
        ("http://127.0.0.1:9", Outcome.NETWORK),
    ):
        with pytest.raises(ProviderError) as caught:
            samples.channel(url).account_states()
        assert caught.value.outcome is outcome


# ------------------------------------------------------------------ what citizens send


def sent_picture(stand_in: Sandbox) -> str:
    """Where it lies, as the channel has read it from the webhook."""
    channel = samples.channel(stand_in.messenger.url)
    channel.connect(CITY)
    stand_in.messenger.phone(1).image()
    (event,) = channel.parse(
        {
            "object": "page",
            "entry": [{"id": samples.PAGE, "messaging": [stand_in.messenger.webhooks.pending[0]]}],
        }
    )
    assert isinstance(event, MessageIn)
    assert event.media is not None
    return event.media


def refused(stand_in: Sandbox, media: str, most: int = MOST) -> tuple[Outcome, str]:
    with pytest.raises(ProviderError) as caught:
        samples.channel(stand_in.messenger.url).fetch_media(media, most=most)
    return caught.value.outcome, caught.value.code


def test_it_fetches_a_picture_and_nothing_larger(stand_in: Sandbox) -> None:
    media = sent_picture(stand_in)
    channel = samples.channel(stand_in.messenger.url)
    assert channel.fetch_media(media, most=MOST) == photograph()
    assert refused(stand_in, media, most=500) == (Outcome.MEDIA, "too_large")
    stand_in.messenger.world.files.clear()
    assert refused(stand_in, media) == (Outcome.MEDIA, "404")


class Elsewhere:
    """A host that is not Meta's."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                with suppress(OSError):
                    self.send_response(200)
                    self.end_headers()

            def log_message(self, *parts: object) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/a.jpg"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    host = Elsewhere()
    yield host
    host.server.shutdown()
    host.server.server_close()


def test_it_calls_no_other_host(stand_in: Sandbox, elsewhere: Elsewhere) -> None:
    assert refused(stand_in, elsewhere.url) == (Outcome.MEDIA, "strange_host")
    # Nor where Meta's own sends us on to it; a step on within Meta's is followed.
    media = sent_picture(stand_in)
    name = media.rpartition("/")[2].partition(".")[0]
    stand_in.messenger.world.moved["x"] = elsewhere.url
    stand_in.messenger.world.moved["y"] = f"./{name}.jpg"
    stand_in.messenger.world.moved["z"] = "z.jpg"
    at = f"{stand_in.messenger.url}/files"
    assert refused(stand_in, f"{at}/x.jpg") == (Outcome.MEDIA, "strange_host")
    assert refused(stand_in, f"{at}/z.jpg") == (Outcome.MEDIA, "sent_on")
    channel = samples.channel(stand_in.messenger.url)
    assert channel.fetch_media(f"{at}/y.jpg", most=MOST) == photograph()
    assert elsewhere.asked == []


# ------------------------------------------------------------------ the stand-in


def test_the_stand_in_is_strict(stand_in: Sandbox) -> None:
    phone = stand_in.messenger.phone(1)
    phone.text("Hallo")
    headers = {"Authorization": f"Bearer {samples.TOKEN}"}
    base = f"{stand_in.messenger.url}/v26.0/{samples.PAGE}"
    with httpx.Client(base_url=base, headers=headers) as http:

        def code(message: object, to: str = phone.person.id, **more: object) -> str:
            body = {"recipient": {"id": to}, "messaging_type": "UPDATE", "message": message}
            error = http.post("/messages", json={**body, **more}).json().get("error", {})
            return f"{error.get('code', 200)}/{error.get('error_subcode', '')}"

        assert code({"text": "x" * 1999}) == "200/"
        assert code({"text": "x" * 2000}) == "100/"
        assert code({"text": "😀" * 1000}) == "100/"
        assert code({"text": " "}) == "100/"
        assert code({"text": "x", "attachment": {}}) == "100/"
        assert code({"text": "x"}, to="7999") == "100/2018001"
        assert code({"text": "x"}, messaging_type=None) == "100/"
        assert code({"text": "x"}, tag="HUMAN_AGENT") == "100/"
        tagged = {"messaging_type": "MESSAGE_TAG"}
        assert code({"text": "x"}, tag="ACCOUNT_UPDATE", **tagged) == "100/"
        assert code({"text": "x"}, notification_type="LOUD") == "100/"
        reply = {"content_type": "text", "title": "A", "payload": "a"}
        assert code({"text": "x", "quick_replies": [reply] * 13}) == "200/"
        assert code({"text": "x", "quick_replies": [reply] * 14}) == "100/"
        assert code({"text": "x", "quick_replies": [{**reply, "title": "x" * 21}]}) == "100/"
        phone.close_window()
        assert code({"text": "x"}) == "10/2018278"
        assert code({"text": "x"}, tag="HUMAN_AGENT", **tagged) == "200/"
        stand_in.messenger.world.human_agent = False
        assert code({"text": "x"}, tag="HUMAN_AGENT", **tagged) == "10/"
        phone.block()
        phone.text("Hallo")
        assert code({"text": "x"}) == "551/1545041"


def test_the_stand_in_lets_nobody_go_too_fast() -> None:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    page = MetaSettings(token=samples.TOKEN, account=samples.PAGE, per_second=3)
    with Sandbox(settings, messenger=page) as running:
        running.messenger.phone(1).text("Hallo")
        url = f"{running.messenger.url}/v26.0/{samples.PAGE}/messages"
        body = {"recipient": {"id": "7000000000000001"}, "message": {"text": "x"}}
        codes = [
            httpx.post(
                url,
                json={**body, "messaging_type": "UPDATE"},
                headers={"Authorization": f"Bearer {samples.TOKEN}"},
            ).status_code
            for _ in range(4)
        ]
        assert codes == [200, 200, 200, 400]
        assert running.messenger.world.refused == {"613": 1}
