"""A template that the provider refuses on the way: who gets what instead, and who must wait."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome, Result, TemplateMessage, Text
from broadcasts.delivery import audience, broadcasts, holds, wire
from broadcasts.delivery.broadcasts import Broadcast, Form, Wording
from broadcasts.delivery.holds import Refused
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import Scope
from tests.delivery.makers import BOTH, broadcast, deliveries, on_second, plan, reader, states
from tests.delivery.test_sender import run
from tests.fakes import FakeSender, Sent

pytestmark = pytest.mark.usefixtures("database")

ROADS = Scope(("roads",))
PARTS = (ROADS, Scope(("culture",)))
PAUSED = Refused("whatsapp", "digest_1", "de", "template_paused 132015")


def wording(name: str, edition: str = "", language: str = "de") -> Wording:
    content = TemplateMessage(name, language, (("post_1", "Neues"),))
    return Wording("whatsapp", language, Form.TEMPLATE, content, "marketing", edition)


def refusing(*names: str, outcome: Outcome = Outcome.TEMPLATE_PAUSED) -> Callable[[Sent], Result]:
    """A provider that sends no template of these names (with its language)."""

    def answer(sent: Sent) -> Result:
        content = sent.content
        if isinstance(content, TemplateMessage) and f"{content.name} {content.language}" in names:
            return Result(outcome, code="132015")
        return Result(Outcome.ACCEPTED, f"wamid.{sent.address.wa_id}")

    return answer


def accepted(sender: FakeSender, *refused: str) -> dict[str, list[str]]:
    """Number → the templates that left for it."""
    found: dict[str, list[str]] = {}
    for sent in sender.sent:
        assert isinstance(sent.content, TemplateMessage)
        name = f"{sent.content.name} {sent.content.language}"
        if name not in refused:
            found.setdefault(str(sent.address.wa_id)[-1], []).append(name)
    return found


def in_editions() -> Broadcast:
    """To one who gets all of it, and one who has chosen a part."""
    reader(1, window=False)
    subscribers.select(reader(2, window=False), selections.keep(ROADS))
    words = (wording("digest_2"), wording("digest_1", "0"))
    return broadcast(scopes=PARTS, wordings=words)


@pytest.mark.parametrize("outcome", [Outcome.TEMPLATE_PAUSED, Outcome.WRONG_TEMPLATE])
def test_it_gives_the_whole_where_a_part_is_refused(outcome: Outcome) -> None:
    digest = in_editions()
    sender = FakeSender(answer=refusing("digest_1 de", outcome=outcome))
    run(sender, lambda: states(digest) == ["sent"] * 2)
    assert accepted(sender, "digest_1 de") == {"1": ["digest_2 de"], "2": ["digest_2 de"]}
    (noted,) = holds.unpack(broadcasts.get(digest.id).refused)
    assert str(noted) == "digest_1 (de)"
    assert noted.reason == f"{outcome} 132015"


def test_it_gives_the_citys_language_where_another_is_refused() -> None:
    reader(1, window=False)
    reader(2, window=False, language="en")
    digest = broadcast(wordings=(wording("digest_1"), wording("digest_1", language="en")))
    sender = FakeSender(answer=refusing("digest_1 en"))
    run(sender, lambda: states(digest) == ["sent"] * 2)
    assert accepted(sender, "digest_1 en") == {"1": ["digest_1 de"], "2": ["digest_1 de"]}


def test_it_holds_a_digest_when_nothing_else_is_left_and_tries_anew_when_told() -> None:
    digest = in_editions()
    sender = FakeSender(answer=refusing("digest_1 de", "digest_2 de"))
    run(sender, lambda: broadcasts.get(digest.id).state == BroadcastState.HELD)
    assert states(digest) == ["queued"] * 2
    assert str(broadcasts.get(digest.id).held_reason).startswith("template_paused")
    assert holds.resume(digest.id)
    assert broadcasts.get(digest.id).refused is None
    again = FakeSender()
    run(again, lambda: states(digest) == ["sent"] * 2)
    assert accepted(again) == {"1": ["digest_2 de"], "2": ["digest_1 de"]}


def test_it_holds_no_alert_because_of_one_channel() -> None:
    """Whoever can be reached is; the rest is tried again, and goes when the template is approved
    once more."""
    reader(1)
    reader(2, window=False)
    on_second(3)
    words = (
        *plan(BroadcastKind.ALERT).wordings,
        Wording("second", "de", Form.WINDOW, Text("Sturm"), "free"),
    )
    started = broadcasts.start(plan(BroadcastKind.ALERT, wordings=words))
    audience.write_all_waiting(BOTH)
    holds.refuse(started.id, Refused("whatsapp", "alert_1", "de", "template_paused 132015"))
    now = clock.now()
    assert [type(content) for content in taken(started, now)] == [Text, Text]
    assert broadcasts.get(started.id).state == BroadcastState.RUNNING
    waiting = deliveries(started)[1]
    assert (waiting.state, waiting.leased_by) == ("queued", None)
    assert waiting.due_at == now + wire.TEMPLATE_WAIT
    holds.template_approved()
    (late,) = taken(started, waiting.due_at)
    assert isinstance(late, TemplateMessage)


def taken(row: Broadcast, now: datetime) -> list[object]:
    """What goes on the wire, channel after channel."""
    found: list[object] = []
    for channel in BOTH.values():
        rows = [one.id for one in deliveries(row) if one.channel == channel.kind]
        Delivery.update(leased_by="w", due_at=clock.now() + timedelta(seconds=30)).where(
            Delivery.id.in_(rows), Delivery.state == "queued"
        ).execute()
        found += wire.take(
            rows, worker="w", renditions=Renditions("de"), terms=wire.terms(channel), now=now
        )
    return [one.content for one in found]


def test_it_skips_whom_no_wording_was_ever_for() -> None:
    """A refused template of others is no reason to wait."""
    reader(1, window=False)
    digest = broadcast(wordings=(Wording("whatsapp", "de", Form.WINDOW, Text("frei"), "service"),))
    holds.refuse(digest.id, PAUSED)
    assert taken(digest, clock.now()) == []
    assert states(digest) == ["skipped"]


def test_it_notes_each_template_once() -> None:
    digest = in_editions()
    other = Refused("whatsapp", "digest_2", "de", "wrong_template 132001")
    for one in (PAUSED, other, PAUSED):
        holds.refuse(digest.id, one)
    assert holds.unpack(broadcasts.get(digest.id).refused) == [PAUSED, other]


def test_it_resumes_nothing_that_nothing_keeps() -> None:
    digest = in_editions()
    assert not holds.resume(digest.id)
    holds.refuse(digest.id, PAUSED)
    assert holds.resume(digest.id)
    assert not holds.resume(digest.id)
