"""A template that the provider refuses on the way: who gets what instead, and who must wait."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import Outcome, Result, TemplateMessage, Text
from broadcasts.delivery import broadcasts, holds, policy, statuses, wire
from broadcasts.delivery.broadcasts import Broadcast, Form, Wording
from broadcasts.delivery.holds import RefusedTemplate
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import Scope
from tests.delivery.makers import CHANNELS, broadcast, deliveries, reader, states
from tests.delivery.test_sender import run
from tests.delivery.test_statuses import BERLIN, FAILED, status
from tests.fakes import FakeSender, Sent

pytestmark = pytest.mark.usefixtures("database")

ROADS = Scope(("roads",))
PARTS = (ROADS, Scope(("culture",)))
PAUSED = RefusedTemplate("whatsapp", "digest_1", "de", "template_paused 132015")


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
    return broadcast(on=clock.today(BERLIN), scopes=PARTS, wordings=words)


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


@pytest.mark.parametrize("kind", [BroadcastKind.DIGEST, BroadcastKind.ALERT])
def test_it_goes_on_when_just_that_template_is_approved_again(kind: BroadcastKind) -> None:
    reader(1, window=False)
    held = broadcast(kind, wordings=(wording("one"),))
    sender = FakeSender(answer=refusing("one de"))
    run(sender, lambda: broadcasts.get(held.id).state == BroadcastState.HELD)
    assert holds.template_approved("whatsapp", "two", "de") == 0
    assert holds.template_approved("whatsapp", "one", "en") == 0
    assert broadcasts.get(held.id).state == BroadcastState.HELD
    assert holds.template_approved("whatsapp", "one", "de") == 1
    assert broadcasts.get(held.id).refused is None
    run(FakeSender(), lambda: states(held) == ["sent"])


def test_it_takes_no_approval_for_the_end_of_a_mistake() -> None:
    """A template that does not fit its values is approved all the time."""
    digest = in_editions()
    unfit = RefusedTemplate("whatsapp", "digest_2", "de", "wrong_template 132000")
    holds.refuse(digest.id, unfit)
    holds.hold_refused(digest.id)
    assert holds.template_approved(*unfit.key) == 0
    holds.all_approved(lambda *key: True)
    assert holds.unpack(broadcasts.get(digest.id).refused) == [unfit]
    assert broadcasts.get(digest.id).state == BroadcastState.HELD


def test_it_hears_of_an_approval_by_looking() -> None:
    """The provider's notice was lost."""
    digest = in_editions()
    holds.refuse(digest.id, PAUSED)
    holds.hold_refused(digest.id)
    holds.all_approved(lambda *key: False)
    assert broadcasts.get(digest.id).state == BroadcastState.HELD
    holds.all_approved(lambda *key: key == PAUSED.key)
    assert broadcasts.get(digest.id).state == BroadcastState.WRITING


def test_it_holds_nothing_that_has_just_been_approved() -> None:
    digest = in_editions()
    holds.refuse(digest.id, PAUSED)
    holds.template_approved(*PAUSED.key)
    assert not holds.hold_refused(digest.id)
    assert broadcasts.get(digest.id).state == BroadcastState.RUNNING


def test_it_holds_at_once_where_the_picture_is_unfit() -> None:
    """It is the same in every version."""
    digest = in_editions()
    sender = FakeSender(answer=refusing("digest_1 de", "digest_2 de", outcome=Outcome.MEDIA))
    Delivery.update(attempt=policy.MOST_MEDIA_TRIES - 1).execute()
    run(sender, lambda: broadcasts.get(digest.id).state == BroadcastState.HELD)
    assert broadcasts.get(digest.id).refused is None


def test_it_gives_another_version_after_a_late_refusal() -> None:
    """It was accepted, and then refused by a status: that proves that it did not arrive."""
    digest = in_editions()
    run(FakeSender(), lambda: states(digest) == ["sent"] * 2)
    late = deliveries(digest)[1]
    statuses.apply([status(late, FAILED, outcome=Outcome.TEMPLATE_PAUSED)], BERLIN)
    assert states(digest) == ["sent", "queued"]
    again = FakeSender()
    run(again, lambda: states(digest) == ["sent"] * 2)
    assert accepted(again) == {"2": ["digest_2 de"]}


def test_it_tries_anew_what_comes_back_after_the_end() -> None:
    digest = in_editions()
    holds.refuse(digest.id, PAUSED)
    broadcasts.mark_finished(digest.id, clock.now())
    assert broadcasts.reopen(digest.id)
    assert broadcasts.get(digest.id).refused is None


def test_it_keeps_to_ones_own_language_before_the_part() -> None:
    subscribers.select(reader(1, window=False, language="en"), selections.keep(ROADS))
    words = [
        wording(name, edition, language)
        for language in ("de", "en")
        for name, edition in (("digest_2", ""), ("digest_1", "0"))
    ]
    digest = broadcast(scopes=PARTS, wordings=words)
    holds.refuse(digest.id, RefusedTemplate("whatsapp", "digest_1", "en", "template_paused 1"))
    (content,) = taken(digest, clock.now())
    assert (content.name, content.language) == ("digest_2", "en")


def taken(row: Broadcast, now: datetime) -> list[Any]:
    """What goes on the wire."""
    rows = [one.id for one in deliveries(row)]
    Delivery.update(leased_by="w", due_at=clock.now() + timedelta(seconds=30)).execute()
    terms = wire.terms(CHANNELS["whatsapp"])
    found = wire.take(rows, worker="w", renditions=Renditions("de"), terms=terms, now=now)
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
    other = RefusedTemplate("whatsapp", "digest_2", "de", "wrong_template 132001")
    for one in (PAUSED, other, PAUSED):
        holds.refuse(digest.id, one)
    assert holds.unpack(broadcasts.get(digest.id).refused) == [PAUSED, other]


def test_it_resumes_nothing_that_nothing_keeps() -> None:
    digest = in_editions()
    assert not holds.resume(digest.id)
    holds.refuse(digest.id, PAUSED)
    assert holds.resume(digest.id)
    assert not holds.resume(digest.id)
