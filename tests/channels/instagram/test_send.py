"""Sending to Instagram: bytes, tags, codes; against the stand-in over real HTTP."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from bot.sandbox import MetaPhone, MetaSettings, Sandbox, SandboxSettings
from broadcasts.channels.base import Address, Button, Outcome, Result, Text
from tests.channels.instagram import samples

CITY = "https://bote.musterstadt.example"


@pytest.fixture
def stand_in() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    account = MetaSettings(token=samples.TOKEN, account=samples.ACCOUNT)
    with Sandbox(settings, instagram=account) as running:
        yield running


@pytest.fixture
def anna(stand_in: Sandbox) -> MetaPhone:
    phone = stand_in.instagram.phone(101)
    phone.text("Hallo")
    return phone


def send(stand_in: Sandbox, *contents: Text) -> list[Result]:
    async def run() -> list[Result]:
        sender = samples.channel(stand_in.instagram.url).sender(seconds=0.5)
        to = Address(bsuid=samples.PERSON)
        try:
            return [await sender.send("x", to, content, tracker="1:1") for content in contents]
        finally:
            await sender.close()

    return asyncio.run(run())


def test_it_counts_bytes(stand_in: Sandbox, anna: MetaPhone) -> None:
    results = send(stand_in, Text("ä" * 500), Text("ä" * 501), Text("*a* 😀", silent=True))
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 3
    assert [len(body.encode()) for body in anna.bodies] == [1000, 1000, 2, 6]
    assert anna.bodies[-1] == "a 😀"
    # It knows no silent message, and says no kind of one.
    assert not anna.messages[-1].silent


def test_it_puts_buttons_below_the_last_part(stand_in: Sandbox, anna: MetaPhone) -> None:
    send(stand_in, Text("ä " * 400, (Button("tomorrow", "Morgen wieder"),)))
    assert [len(bubble.buttons) for bubble in anna.messages] == [0, 1]
    anna.tap("Morgen wieder")


def test_only_what_a_person_typed_has_a_tag(stand_in: Sandbox, anna: MetaPhone) -> None:
    stand_in.instagram.advance(3 * 86400)
    machine, typed = send(stand_in, Text("Markt"), Text("Guten Tag", by_staff=True))
    assert (machine.outcome, machine.code) == (Outcome.WINDOW_CLOSED, "10/2534022")
    assert typed.outcome is Outcome.ACCEPTED
    assert [said["tag"] for said in stand_in.instagram.accepted()] == ["HUMAN_AGENT"]


def test_it_knows_whom_it_cannot_reach(stand_in: Sandbox, anna: MetaPhone) -> None:
    anna.block()
    stand_in.instagram.world.refuse += [(100, 2534014), (200, 2534041), (613, 2534040)]
    results = send(stand_in, *[Text("Hallo")] * 4)
    assert [result.outcome for result in results] == [
        Outcome.UNREACHABLE,
        Outcome.ACCOUNT,
        Outcome.SLOW_DOWN,
        Outcome.UNREACHABLE,
    ]


def test_it_says_when_its_token_ends(stand_in: Sandbox) -> None:
    """Instagram Login has no way to ask: the day is written down."""
    url = stand_in.instagram.url
    (state,) = samples.channel(url, token_expires_on="2027-01-31").account_states()
    assert state.token_until == datetime(2027, 1, 31, tzinfo=UTC)
    assert samples.channel(url).account_states()[0].token_until is None


def test_it_goes_through_the_page_with_facebook_login() -> None:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    page = MetaSettings(token=samples.TOKEN, account="100200300400500")
    with Sandbox(settings, messenger=page) as running:
        running.messenger.world.token_until = 1800000000
        channel = samples.channel(running.messenger.url, through_page="100200300400500")
        (state,) = channel.account_states()
        assert state.account == samples.ACCOUNT
        assert state.token_until is not None
        channel.connect(CITY)
        assert running.messenger.world.fields == {"messages"}


def test_it_asks_for_messages(stand_in: Sandbox) -> None:
    channel = samples.channel(stand_in.instagram.url, token_expires_on="2027-01-31")
    assert [one.id for one in channel.look(CITY) if not one.ok] == ["webhook"]
    assert f"{CITY}/webhooks/instagram" in channel.connect(CITY)
    assert all(one.ok for one in channel.look(CITY))
    # Whoever has not written the day down is told to, and nothing stands still for it.
    (untold,) = (one for one in samples.channel(stand_in.instagram.url).look(CITY) if not one.ok)
    assert (untold.id, untold.stops) == ("token_end", False)


def test_the_stand_in_is_strict(stand_in: Sandbox, anna: MetaPhone) -> None:
    url = f"{stand_in.instagram.url}/v26.0/{samples.ACCOUNT}/messages"
    headers = {"Authorization": f"Bearer {samples.TOKEN}"}

    def code(text: str, **more: object) -> str:
        body = {"recipient": {"id": samples.PERSON}, "message": {"text": text}, **more}
        error = httpx.post(url, json=body, headers=headers).json().get("error", {})
        return f"{error.get('code', 200)}/{error.get('error_subcode', '')}"

    assert code("ä" * 500) == "200/"
    assert code("ä" * 500 + "a") == "100/"
    assert code("x", notification_type="SILENT_PUSH") == "100/"
    anna.close_window()
    assert code("x") == "10/2534022"


def test_the_stand_in_lets_people_take_messages_back(stand_in: Sandbox, anna: MetaPhone) -> None:
    (mine,) = anna.person.screen
    assert anna.unsend() == mine.id
    with pytest.raises(LookupError):
        anna.unsend()
    with pytest.raises(LookupError):
        stand_in.messenger.phone(1).unsend()
