"""Sending: against the stand-in over real HTTP; what each refusal and each silence means."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox import MetaPhone, MetaSettings, Sandbox, SandboxSettings
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
from broadcasts.channels.meta.transport import Gate, RefusedError, StrangerError, check
from tests.channels.messenger import samples

DAY = 24 * 3600.0


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    page = MetaSettings(token=samples.TOKEN, account=samples.PAGE)
    with Sandbox(settings, messenger=page) as running:
        yield running


@pytest.fixture
def anna(stand_in: Sandbox) -> MetaPhone:
    phone = stand_in.messenger.phone(101)
    phone.text("Hallo")
    return phone


def send(
    stand_in: Sandbox, *contents: Content, to: str = "7000000000000101", **more: object
) -> list[Result]:
    url = str(more.pop("url", stand_in.messenger.url))
    media = more.pop("media", Path())
    picture = more.pop("picture", None)

    async def run() -> list[Result]:
        sender = samples.channel(url, media, **more).sender(seconds=0.5)
        try:
            return [
                await sender.send(
                    samples.PAGE, Address(bsuid=to), content, tracker="1:1", media=picture
                )
                for content in contents
            ]
        finally:
            await sender.close()

    return asyncio.run(run())


def test_it_sends_a_text_with_quick_replies(stand_in: Sandbox, anna: MetaPhone) -> None:
    content = Text("*Markt* & _mehr_", (Button("tomorrow", "Morgen wieder"),), silent=True)
    (result,) = send(stand_in, content)
    (shown,) = anna.messages
    assert result == Result(Outcome.ACCEPTED, f"messenger.{shown.id}")
    # Messenger would show the marks themselves.
    assert shown.body == "Markt & mehr"
    assert shown.buttons == [{"id": "tomorrow", "title": "Morgen wieder"}]
    assert shown.silent
    (said,) = stand_in.messenger.accepted()
    assert said["tag"] == ""


def test_it_sends_a_long_text_as_several(stand_in: Sandbox, anna: MetaPhone) -> None:
    (result,) = send(stand_in, Text("wort " * 500, (Button("a", "A"),)))
    first, second = anna.messages
    assert result.provider_id == f"messenger.{first.id}"
    assert (first.buttons, len(second.buttons)) == ([], 1)


def test_it_sends_the_picture_before_the_text(
    stand_in: Sandbox, anna: MetaPhone, tmp_path: Path
) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "markt.jpg")

    async def upload() -> str:
        sender = samples.channel(stand_in.messenger.url, tmp_path).sender(seconds=0.5)
        try:
            return await sender.upload(samples.PAGE, "markt.jpg")
        finally:
            await sender.close()

    picture = asyncio.run(upload())
    content = Text("Markt", (Button("tomorrow", "Morgen wieder"),), picture="markt.jpg")
    (result,) = send(stand_in, content, picture=picture)
    image, text = anna.messages
    assert (image.kind, image.picture, image.silent) == ("image", picture, True)
    assert (text.body, text.silent, len(text.buttons)) == ("Markt", False, 1)
    assert result.provider_id == f"messenger.{text.id}"

    # Nothing has arrived: the picture alone is what is wrong.
    assert send(stand_in, content, picture="4711")[0].outcome is Outcome.MEDIA
    # The picture has: the whole must not simply be sent again.
    long_ago = replace(content, body="x" * 1999, buttons=(Button("a", "zu lang" * 9),))
    assert send(stand_in, long_ago, picture=picture)[0].outcome is Outcome.UNKNOWN


def test_it_refuses_what_is_no_picture(stand_in: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no picture")

    async def upload(name: str) -> str:
        sender = samples.channel(stand_in.messenger.url, tmp_path).sender(seconds=0.5)
        try:
            return await sender.upload(samples.PAGE, name)
        finally:
            await sender.close()

    for name in ("x.jpg", "gone.jpg"):
        with pytest.raises(ProviderError):
            asyncio.run(upload(name))


def test_only_what_a_person_typed_goes_into_a_closed_window(
    stand_in: Sandbox, anna: MetaPhone
) -> None:
    stand_in.messenger.advance(3 * DAY)
    by_hand = Text("Guten Tag", by_staff=True)
    machine, typed = send(stand_in, Text("Markt"), by_hand)
    assert (machine.outcome, machine.code) == (Outcome.WINDOW_CLOSED, "10/2018278")
    assert typed.outcome is Outcome.ACCEPTED
    (said,) = stand_in.messenger.accepted()
    assert said["tag"] == "HUMAN_AGENT"
    # Where Meta has not approved it, nothing has the tag.
    assert send(stand_in, by_hand, human_agent=False)[0].outcome is Outcome.WINDOW_CLOSED
    stand_in.messenger.advance(4 * DAY)
    assert send(stand_in, by_hand)[0].outcome is Outcome.WINDOW_CLOSED


@pytest.mark.parametrize(
    ("refusal", "outcome", "code"),
    [
        ((10, 1893063), Outcome.ACCOUNT, "10/1893063"),
        ((551, None), Outcome.UNREACHABLE, "551"),
        ((613, None), Outcome.SLOW_DOWN, "613"),
        ((190, 463), Outcome.CREDENTIALS, "190/463"),
        ((100, None), Outcome.OUR_MISTAKE, "100"),
        ((1, 1357046), Outcome.UNKNOWN, "1/1357046"),
        ((2, None), Outcome.TRANSIENT, "2"),
    ],
)
def test_it_tells_refusals_apart(
    stand_in: Sandbox,
    anna: MetaPhone,
    refusal: tuple[int, int | None],
    outcome: Outcome,
    code: str,
) -> None:
    stand_in.messenger.world.refuse.append(refusal)
    assert send(stand_in, Text("Hallo")) == [Result(outcome, code=code)]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("server_error", Outcome.TRANSIENT),
        ("too_fast", Outcome.SLOW_DOWN),
        ("reset_before", Outcome.UNKNOWN),
        ("lost_reply", Outcome.UNKNOWN),
        ("hang", Outcome.UNKNOWN),
    ],
)
def test_it_tells_what_went_wrong(
    stand_in: Sandbox, anna: MetaPhone, fault: str, outcome: Outcome
) -> None:
    stand_in.messenger.faults.plan(fault)
    assert send(stand_in, Text("Hallo"))[0].outcome is outcome


def test_it_knows_whom_it_cannot_reach(stand_in: Sandbox, anna: MetaPhone) -> None:
    assert send(stand_in, Text("Hallo"), to="7999")[0].outcome is Outcome.UNREACHABLE
    anna.block()
    assert send(stand_in, Text("Hallo"))[0].outcome is Outcome.UNREACHABLE
    stand_in.messenger.world.token = "another"
    assert send(stand_in, Text("Hallo"))[0].outcome is Outcome.CREDENTIALS


def test_it_takes_a_proxys_page_for_no_refusal(stand_in: Sandbox, anna: MetaPhone) -> None:
    nowhere = f"{stand_in.url}/nowhere"
    assert send(stand_in, Text("Hallo"), url=nowhere)[0].outcome is Outcome.NETWORK
    closed = "http://127.0.0.1:9"
    assert send(stand_in, Text("Hallo"), url=closed)[0].outcome is Outcome.NETWORK
    stand_in.messenger.faults.down = True
    assert send(stand_in, Text("Hallo"))[0].outcome is Outcome.TRANSIENT


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b'{"message_id": "m_1"}'), (200, b"[]"), (200, b"<html>"), (503, b'"error"')],
)
def test_it_believes_only_what_meta_says(status: int, body: bytes) -> None:
    with pytest.raises(StrangerError):
        check(status, body)


def test_it_reads_what_meta_refuses_with() -> None:
    error = b'{"error": {"code": 613, "error_subcode": 0, "message": "x"}}'
    with pytest.raises(RefusedError) as caught:
        check(400, error, "7")
    assert (caught.value.shown, caught.value.retry_after) == ("613", timedelta(seconds=7))


def test_it_has_no_templates(stand_in: Sandbox) -> None:
    (result,) = send(stand_in, TemplateMessage("digest_1", "de", ()))
    assert result.outcome is Outcome.OUR_MISTAKE


def test_it_never_begins_more_calls_in_a_second_than_allowed() -> None:
    async def run() -> float:
        gate, began = Gate(20), time.monotonic()
        await asyncio.gather(*(gate.passed() for _ in range(30)))
        return time.monotonic() - began

    assert 1.0 <= asyncio.run(run()) < 1.5
