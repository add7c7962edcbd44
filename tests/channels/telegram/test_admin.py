"""What an administrator asks of Telegram: bot, webhook, files, fetching."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from bot.sandbox import Sandbox, SandboxSettings, TelegramSettings
from broadcasts.channels.base import Finding, Outcome, ProviderError
from tests.channels.telegram import samples

CITY = "https://bote.musterstadt.example"


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    with Sandbox(settings, telegram=TelegramSettings(token=samples.TOKEN)) as running:
        yield running


def webhook(found: list[Finding]) -> Finding:
    return next(one for one in found if one.id == "webhook")


def test_it_registers_its_door(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.url)
    assert not webhook(channel.look(CITY)).ok
    channel.connect(CITY)
    assert webhook(channel.look(CITY)).ok
    assert stand_in.updates.url == f"{CITY}/webhooks/telegram/{channel.path()}"
    assert channel.path() not in str(channel.look(CITY))
    assert stand_in.updates.allowed == ["message", "callback_query", "my_chat_member"]


def test_it_says_what_keeps_telegram_away(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.url)
    channel.connect("http://127.0.0.1:9")
    stand_in.telegram_phone(555000111).text("Start")
    stand_in.wait_for(lambda: stand_in.updates.last_error is not None)
    found = webhook(channel.look("http://127.0.0.1:9"))
    assert not found.ok
    assert "Connection refused" in found.detail
    assert "1 updates" in found.detail


def test_it_knows_another_bots_token(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.url)
    assert next(f for f in channel.look(CITY) if f.id == "bot").ok
    stand_in.telegram.token = "110201543:AAanotherbotanotherbotanotherbot"
    with pytest.raises(ProviderError) as caught:
        channel.account_states()
    assert caught.value.outcome is Outcome.CREDENTIALS


def test_it_fetches_a_picture_and_nothing_larger(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.url)
    stand_in.telegram_phone(555000111).photo()
    (file_id,) = stand_in.telegram.files
    assert channel.fetch_media(file_id, most=10**6).startswith(b"\xff\xd8")
    for media, most in ((file_id, 100), ("AgACAgIAAxU999", 100)):
        with pytest.raises(ProviderError) as caught:
            channel.fetch_media(media, most=most)
        assert caught.value.outcome is Outcome.MEDIA


def test_it_fetches_updates_and_confirms_them(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.url, receive="polling")
    channel.connect(CITY)
    assert webhook(channel.look(CITY)).ok
    phone, poller = stand_in.telegram_phone(555000111), channel.poller()
    assert poller is not None
    phone.text("Start")
    first = poller.fetch(None)
    assert len(first.updates) == 1
    # Not confirmed: it comes again.
    phone.text("Hilfe")
    again = poller.fetch(None)
    assert again.updates[0] == first.updates[0]
    assert len(poller.fetch(first.upto).updates) == 1
    threading.Timer(0.1, poller.cancel).start()
    assert poller.fetch(again.upto).updates == ()
    poller.close()


def test_it_cannot_fetch_while_a_webhook_is_set(stand_in: Sandbox) -> None:
    samples.channel(stand_in.url).connect(CITY)
    poller = samples.channel(stand_in.url, receive="polling").poller()
    assert poller is not None
    with pytest.raises(ProviderError) as caught:
        poller.fetch(None)
    assert caught.value.code == "409"
    poller.close()


def test_the_stand_in_is_strict(stand_in: Sandbox) -> None:
    phone = stand_in.telegram_phone(555000111)
    phone.text("Start")
    with httpx.Client(base_url=f"{stand_in.url}/bot{samples.TOKEN}") as http:

        def code(method: str, **body: object) -> int:
            said = http.post(f"/{method}", json={"chat_id": 555000111, **body}).json()
            return said.get("error_code", 200)

        assert code("sendMessage", text="x" * 4097) == 400
        assert code("sendMessage", text="<b>offen", parse_mode="HTML") == 400
        assert code("sendMessage", text="a & b", parse_mode="HTML") == 400
        assert code("sendMessage", text="x", chat_id=5) == 400
        assert code("sendPhoto", photo="nothing") == 400
        assert code("sendNothing") == 404
        assert code("sendMessage", text="a" * 4096) == 200
        # Twice within a second to one person: nothing at all is taken for a while.
        assert code("sendMessage", text="b") == 429
        assert http.get("/getMe").json()["ok"]
        long = {"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]}
        assert code("sendMessage", text="x", reply_markup=long) == 400
    for token, expected in (("1:x", 404), ("110201543:" + "x" * 35, 401)):
        assert httpx.get(f"{stand_in.url}/bot{token}/getMe").status_code == expected
