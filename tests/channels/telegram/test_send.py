"""Sending: against the stand-in over real HTTP; what each refusal and each silence means."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox import Sandbox, SandboxSettings, TelegramPhone, TelegramSettings
from broadcasts.channels.base import Address, Button, Content, Outcome, Result, Text
from tests.channels.telegram import samples

ANNA = Address(bsuid="555000111")


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    telegram = TelegramSettings(token=samples.TOKEN, person_seconds=0.0)
    with Sandbox(settings, telegram=telegram) as running:
        yield running


@pytest.fixture
def anna(stand_in: Sandbox) -> TelegramPhone:
    phone = stand_in.telegram_phone(555000111)
    phone.person.started = True
    return phone


def send(
    api_url: str, *contents: Content, address: Address = ANNA, media: Path = Path()
) -> list[Result]:
    async def run() -> list[Result]:
        sender = samples.channel(api_url, media).sender(seconds=0.5)
        try:
            return [
                await sender.send("MusterstadtBot", address, content, tracker="1:1")
                for content in contents
            ]
        finally:
            await sender.close()

    return asyncio.run(run())


def test_it_sends_a_text_with_buttons(stand_in: Sandbox, anna: TelegramPhone) -> None:
    content = Text("*Markt* & <mehr>", (Button("stop:yes", "Ja, abmelden"),), silent=True)
    (result,) = send(stand_in.url, content)
    (shown,) = anna.messages
    assert result == Result(Outcome.ACCEPTED, f"telegram.555000111.{shown.id}")
    assert shown.body == "*Markt* & <mehr>"
    assert shown.buttons == [{"id": "stop:yes", "title": "Ja, abmelden"}]
    assert shown.silent


def test_it_brings_a_picture_once(stand_in: Sandbox, anna: TelegramPhone, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "markt.jpg")
    content = Text("Markt", picture="markt.jpg")
    results = send(stand_in.url, content, content, media=tmp_path)
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 2
    assert len({bubble.picture for bubble in anna.messages}) == 1
    assert len(stand_in.telegram.files) == 1


def test_it_brings_a_picture_anew_whose_id_is_no_longer_good(
    stand_in: Sandbox, anna: TelegramPhone, tmp_path: Path
) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "markt.jpg")

    async def run() -> list[Outcome]:
        sender = samples.channel(stand_in.url, tmp_path).sender(seconds=0.5)
        outcomes = []
        for _ in range(3):
            content = Text("Markt", picture="markt.jpg")
            result = await sender.send("b", ANNA, content, tracker="1:1")
            outcomes.append(result.outcome)
            if len(outcomes) == 1:
                stand_in.call(stand_in.telegram.files.clear)
        await sender.close()
        return outcomes

    assert asyncio.run(run()) == [Outcome.ACCEPTED, Outcome.MEDIA, Outcome.ACCEPTED]


@pytest.mark.parametrize(
    ("fault", "value", "outcome"),
    [
        ("too_fast", 7, Outcome.PAUSE),
        ("server_error", 0, Outcome.TRANSIENT),
        ("code", 403, Outcome.BLOCKED),
        ("code", 400, Outcome.OUR_MISTAKE),
        ("code", 401, Outcome.CREDENTIALS),
        ("code", 404, Outcome.CREDENTIALS),
        ("code", 502, Outcome.UNKNOWN),
        ("code", 418, Outcome.OUR_MISTAKE),
        ("lost_reply", 0, Outcome.UNKNOWN),
        ("hang", 0, Outcome.UNKNOWN),
    ],
)
def test_it_tells_what_went_wrong(
    stand_in: Sandbox, anna: TelegramPhone, fault: str, value: float, outcome: Outcome
) -> None:
    stand_in.telegram_faults.plan(fault, 1, value)
    (result,) = send(stand_in.url, Text("Hallo"))
    assert result.outcome is outcome
    after = timedelta(seconds=7) if fault == "too_fast" else None
    assert result.retry_after == after


def test_it_knows_whom_it_cannot_reach(stand_in: Sandbox, anna: TelegramPhone) -> None:
    (stranger,) = send(stand_in.url, Text("Hallo"), address=Address(bsuid="555000999"))
    assert stranger.outcome is Outcome.UNREACHABLE
    anna.person.blocked = True
    assert send(stand_in.url, Text("Hallo"))[0].outcome is Outcome.BLOCKED
    stand_in.telegram.token = "1:x"
    assert send(stand_in.url, Text("Hallo"))[0].outcome is Outcome.CREDENTIALS


def test_it_takes_a_proxys_page_for_no_refusal(stand_in: Sandbox) -> None:
    assert send(f"{stand_in.url}/nowhere", Text("Hallo"))[0].outcome is Outcome.NETWORK
    assert send("http://127.0.0.1:9", Text("Hallo"))[0].outcome is Outcome.NETWORK
    stand_in.telegram_faults.down = True
    assert send(stand_in.url, Text("Hallo"))[0].outcome is Outcome.NETWORK
