"""What every channel must keep, run over its recorded payloads.

Owns: the contract. Each channel's test module subclasses `ChannelContract` and gives its samples.
"""

import copy
import itertools
import json
import random
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from broadcasts.channels.base import (
    Channel,
    Event,
    MessageIn,
    Outcome,
    PreferenceIn,
    ProviderError,
    StatusIn,
    Strange,
    WebhookError,
)

Payload = dict[str, Any]


class ChannelContract:
    channel: ClassVar[Channel]
    sign: ClassVar[Callable[[bytes], Mapping[str, str]]]
    """Headers that make a body genuine."""
    forge: ClassVar[Callable[[bytes], Mapping[str, str]]]
    """Headers that look so, and are not."""
    message: ClassVar[Payload]
    """One text."""
    opt_out: ClassVar[Payload | None]
    """The platform's own switch; None where it has none that we would hear of."""
    statuses: ClassVar[Mapping[str, Payload]]
    """sent, delivered, read, failed: of one message, with tracker "7:1". None, or only a late
    failed, where the channel tells no receipts."""
    batch: ClassVar[Callable[[list[Payload]], Payload] | None]
    """Several payloads as one POST; None where each comes in a POST of its own."""
    outcome: ClassVar[Callable[[Any], Outcome]]
    codes: ClassVar[Mapping[str, Any]]
    """rate limit, window closed (where there is a window), credentials: the provider's codes."""

    @property
    def samples(self) -> list[Payload]:
        found = [self.message, self.opt_out, *self.statuses.values()]
        return [sample for sample in found if sample is not None]

    def parse(self, payload: Any) -> list[Event]:
        return list(self.channel.parse(copy.deepcopy(payload)))

    def test_it_takes_a_genuine_body(self) -> None:
        raw = json.dumps(self.message).encode()
        self.channel.verify(type(self).sign(raw), raw)

    def test_it_refuses_a_body_without_a_signature(self) -> None:
        with pytest.raises(WebhookError) as caught:
            self.channel.verify({}, b"{}")
        assert caught.value.status == 401

    def test_it_refuses_a_forged_body(self) -> None:
        with pytest.raises(WebhookError) as caught:
            self.channel.verify(type(self).forge(b"{}"), b"{}")
        assert caught.value.status == 403

    def test_it_declares_what_its_samples_show(self) -> None:
        assert self.channel.tells_receipts == ("delivered" in self.statuses)
        assert (self.channel.window is not None) == ("window closed" in self.codes)
        assert all(account.channel == self.channel.kind for account in self.channel.accounts)

    def test_it_reads_a_text(self) -> None:
        (event,) = self.parse(self.message)
        assert isinstance(event, MessageIn)
        assert event.text == "Start"
        assert event.sender
        assert event.at.tzinfo is not None

    def test_it_gives_the_same_message_the_same_id(self) -> None:
        assert self.parse(self.message) == self.parse(self.message)

    def test_it_names_who_wrote(self) -> None:
        (event,) = self.parse(self.message)
        assert isinstance(event, MessageIn)
        assert set(self.channel.writers(self.message)) >= {
            part for part in (event.sender.wa_id, event.sender.bsuid) if part
        }

    def test_it_reads_every_event_of_a_batch(self) -> None:
        parts = [*self.samples, self.message]
        alone = [event for part in parts for event in self.parse(part)]
        assert len(alone) == len(parts)
        if (batch := type(self).batch) is not None:
            assert self.parse(batch(copy.deepcopy(parts))) == alone

    def test_it_reads_statuses_in_any_order(self) -> None:
        for order in itertools.permutations(self.statuses):
            parts = [copy.deepcopy(self.statuses[name]) for name in order]
            batch = type(self).batch
            events = (
                [event for part in parts for event in self.parse(part)]
                if batch is None
                else self.parse(batch(parts))
            )
            assert [e.receipt for e in events if isinstance(e, StatusIn)] == list(order)
            assert all(e.tracker == "7:1" for e in events if isinstance(e, StatusIn))

    def test_it_tells_why_something_failed(self) -> None:
        if "failed" not in self.statuses:
            return
        (event,) = self.parse(self.statuses["failed"])
        assert isinstance(event, StatusIn)
        assert event.outcome is not None
        assert event.code

    def test_it_reads_the_platforms_opt_out(self) -> None:
        if self.opt_out is None:
            return
        (event,) = self.parse(self.opt_out)
        assert isinstance(event, PreferenceIn)
        assert not event.wants_digests

    @pytest.mark.parametrize("rubbish", [None, [], 7, "x", {}, {"entry": 1}, {"entry": [1]}])
    def test_it_keeps_what_it_cannot_read(self, rubbish: Any) -> None:
        events = self.parse(rubbish)
        assert events
        assert all(isinstance(event, Strange) for event in events)
        self.channel.writers(rubbish)

    @pytest.mark.parametrize("odd", ["", "../1", "1/../../me", "https://example.org/x", "1?x"])
    def test_it_asks_nobody_for_a_file_with_an_odd_id(self, odd: str) -> None:
        with pytest.raises(ProviderError) as caught:
            self.channel.fetch_media(odd, most=1)
        assert caught.value.outcome is Outcome.MEDIA

    def test_it_tells_refusals_apart(self) -> None:
        outcome = type(self).outcome
        assert outcome(self.codes["rate limit"]) in (Outcome.SLOW_DOWN, Outcome.PAUSE)
        if self.channel.window is not None:
            assert outcome(self.codes["window closed"]) is Outcome.WINDOW_CLOSED
        assert outcome(self.codes["credentials"]) is Outcome.CREDENTIALS
        assert outcome(987654321) is Outcome.OUR_MISTAKE

    def test_it_survives_every_mutation(self) -> None:
        """Deletes and replaces at any depth: each item is an event or kept, nothing is raised."""
        dice = random.Random(7)
        for _ in range(600):
            payload = copy.deepcopy(dice.choice(self.samples))
            for _ in range(dice.randint(1, 3)):
                _mutate(payload, dice)
            self.parse(payload)
            self.channel.writers(payload)


def _mutate(payload: Any, dice: random.Random) -> None:
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                places.append((node, key))
                walk(value)
        elif isinstance(node, list):
            for index, value in enumerate(node):
                places.append((node, index))
                walk(value)

    walk(payload)
    if places:
        node, key = dice.choice(places)
        if dice.random() < 0.5 and isinstance(node, dict):
            del node[key]
        else:
            node[key] = dice.choice([None, 0, "", "x", [], {}, -1, [None], {"a": 1}, "9" * 30])
