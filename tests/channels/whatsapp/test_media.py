"""What citizens send along: where the token goes, how much is taken, what an answer means."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from bot.sandbox import Sandbox, SandboxSettings
from bot.sandbox.attachments import GOOD_FOR, photograph
from broadcasts.channels.base import Outcome, ProviderError
from broadcasts.channels.whatsapp import media
from broadcasts.channels.whatsapp.channel import WhatsApp
from tests.channels.whatsapp import samples

MOST = 5 * 1024 * 1024


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="token", app_secret="s", verify_token="v")
    with Sandbox(settings) as running:
        running.phone("+49 176 04069001").image("Laterne")
        yield running


@pytest.fixture
def picture(sandbox: Sandbox) -> str:
    (found,) = sandbox.world.media
    return found


def refused(channel: WhatsApp, picture: str, *, most: int = MOST) -> tuple[Outcome, str]:
    with pytest.raises(ProviderError) as caught:
        channel.fetch_media(picture, most=most)
    return caught.value.outcome, caught.value.code


def channel(sandbox: Sandbox) -> WhatsApp:
    return samples.channel(sandbox.url)


def test_it_fetches_a_picture(sandbox: Sandbox, picture: str) -> None:
    assert channel(sandbox).fetch_media(picture, most=MOST) == photograph()


def test_it_takes_no_more_than_it_was_told(sandbox: Sandbox, picture: str) -> None:
    assert refused(channel(sandbox), picture, most=500) == (Outcome.MEDIA, "too_large")


def test_it_stops_reading_where_more_comes_than_was_said(
    sandbox: Sandbox, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.attachments.len", lambda content: 1, raising=False)
    assert refused(channel(sandbox), picture, most=500) == (Outcome.MEDIA, "too_large")


def test_it_knows_what_is_gone(sandbox: Sandbox) -> None:
    assert refused(channel(sandbox), "404")[0] is Outcome.OUR_MISTAKE
    for odd in ("", "../me", "12/34", "x"):
        assert refused(channel(sandbox), odd) == (Outcome.MEDIA, "no_id")


def test_it_says_when_the_token_is_refused(sandbox: Sandbox, picture: str) -> None:
    sandbox.replace_token("another")
    assert refused(channel(sandbox), picture) == (Outcome.CREDENTIALS, "190")


def test_it_says_when_nobody_answers() -> None:
    assert refused(samples.channel(), "1")[0] is Outcome.NETWORK


def test_it_is_told_apart_when_the_provider_is_down(sandbox: Sandbox, picture: str) -> None:
    sandbox.faults.down = True
    assert refused(channel(sandbox), picture)[0] is Outcome.TRANSIENT


@pytest.mark.parametrize(
    ("url", "is_metas"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://scontent.whatsapp.net/x", True),
        ("https://graph.facebook.com/x", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://lookaside.fbsbx.com:8443/x", False),
        ("https://fbsbx.com.evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("https://evil.example/?fbsbx.com", False),
        ("https://user@evil.example/x", False),
        ("https://lookaside.fbsbx.com:99999/x", False),
        ("https://[lookaside.fbsbx.com/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_it_shows_its_token_to_nobody_but_the_provider(url: str, is_metas: bool) -> None:
    assert media._is_metas(url, "https://graph.facebook.com") is is_metas


def test_it_trusts_a_stand_in_with_itself_alone() -> None:
    assert media._is_metas("http://127.0.0.1:9/x", "http://127.0.0.1:9")
    assert not media._is_metas("http://127.0.0.1:10/x", "http://127.0.0.1:9")


class Endless(BaseHTTPRequestHandler):
    """Says where the file is, and refuses it in a hundred million words."""

    sent = 0

    def do_GET(self) -> None:
        about = json.dumps({"url": f"http://{self.headers['Host']}/file"}).encode()
        is_file = self.path == "/file"
        self.send_response(500 if is_file else 200)
        self.end_headers()
        self.wfile.write(about)
        with suppress(OSError):
            for _ in range(100 if is_file else 0):
                self.wfile.write(b" " * 1_000_000)
                Endless.sent += 1

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_it_reads_no_endless_refusal() -> None:
    with HTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=lambda: [server.handle_request() for _ in range(2)]).start()
        endless = samples.channel(f"http://127.0.0.1:{server.server_port}")
        assert refused(endless, "1") == (Outcome.TRANSIENT, "500")
    assert Endless.sent < 50


def test_it_finds_the_stand_in_as_strict_as_the_provider(sandbox: Sandbox, picture: str) -> None:
    with httpx.Client(headers={"Authorization": "Bearer token"}) as http:
        url = http.get(f"{sandbox.url}/v26.0/{picture}").json()["url"]
        assert http.get(url).content == photograph()
        assert http.get(url.replace("hash=", "hash=0")).status_code == 404
        assert httpx.get(url).status_code == 401
        sandbox.advance(GOOD_FOR + 1)
        assert http.get(url).status_code == 404
