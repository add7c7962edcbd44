"""Digests and alerts of a city whose readers have chosen topics: what goes, and to how many."""

from datetime import date

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import audience
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import digests, posts, proposals, subjects
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import Post, PostState, Written
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import Scope
from broadcasts.settings import SubjectSettings
from tests.delivery.makers import reader
from tests.newsroom.makers import approve, local, newsroom

pytestmark = pytest.mark.usefixtures("database")

DAY = "2026-11-24"
TOPICS = {"roads": SubjectSettings(name="Baustellen"), "culture": SubjectSettings(name="Kultur")}


def room_with(*topics: str) -> Newsroom:
    room = newsroom(topics=TOPICS)
    with clock.travel(local(DAY, "09:00", room.zone)):
        for topic in topics:
            written = Written(f"Von {topic}", on=date.fromisoformat(DAY), topics=(topic,))
            posts.add(room, written)
    return room


def choosing(number: int, scope: Scope) -> None:
    subscribers.select(reader(number, window=False), selections.keep(scope))


def test_a_template_that_is_missing_for_a_few_keeps_nobody_from_the_digest() -> None:
    """Meta has paused it; the sender gives them the whole one."""
    room, now = room_with("roads", "culture"), local(DAY, "17:00")
    approve(room, "digest_2")
    reader(1, window=False)
    choosing(2, Scope(("roads",)))
    found = digests.preview(room, date.fromisoformat(DAY), now)
    assert (found.recipients, found.unreachable) == (2, 0)
    assert sum(number for row, number, _ in found.renditions if not row.edition) == 2
    assert "digest_1" in " ".join(str(warning) for warning in found.warnings)
    sent = digests.send(room, now=now)
    audience.write_all_waiting(room.channels)
    assert Delivery.select().where(Delivery.broadcast == sent).count() == 2


def test_an_old_post_comes_anew_for_what_there_is_by_now() -> None:
    """Its note is the name that readers see by now, or of a topic that the city has no more: then
    nobody is left out by it."""
    with clock.travel(local(DAY, "09:00")):
        noted = posts.add(newsroom(), Written("Sperrung", topics=("Baustellen",)), by="presse")
        gone = posts.add(newsroom(), Written("Frage", topics=("Haustiere",)), by="presse")
        room = room_with()
        assert posts.duplicate(room, noted.id, by="presse").scope == Scope(("roads",))
        assert posts.duplicate(room, gone.id, by="presse").scope == Scope()


def test_a_note_from_before_there_were_topics_leaves_nobody_out() -> None:
    """Queued in a city without topics: one note is a topic by now, the other never became one."""
    with clock.travel(local(DAY, "09:00")):
        for title, note in (("Sperrung", "Baustellen"), ("Frage", "Haustiere")):
            posts.add(newsroom(), Written(title, on=date.fromisoformat(DAY), topics=(note,)))
    choosing(1, Scope(("roads",)))
    choosing(2, Scope(("culture",)))
    room, now = room_with(), local(DAY, "17:00")
    approve(room, "digest_1", "digest_2")
    found = digests.preview(room, date.fromisoformat(DAY), now)
    assert (found.recipients, found.chosen_otherwise) == (2, 0)
    assert "“Frage”: not configured, and so not heeded: Haustiere" in found.warnings
    assert not any("Sperrung" in warning for warning in found.warnings)
    sent = digests.send(room, now=now)
    assert sent.scopes == [Scope(("roads",)), Scope()]
    asked = digests.current(room, "whatsapp", "de", now, choice=Scope(("culture",)))
    assert isinstance(asked, Text)
    assert ("Frage" in asked.body, "Sperrung" in asked.body) == (True, False)


def test_a_city_that_has_given_up_its_topics_leaves_nobody_out() -> None:
    room_with("roads")
    choosing(1, Scope(("culture",)))
    found = digests.preview(newsroom(), date.fromisoformat(DAY), local(DAY, "17:00"))
    assert (found.recipients, found.chosen_otherwise) == (1, 0)


@pytest.mark.parametrize(
    ("kept", "means", "unheeded"),
    [
        # Who has chosen what is given up gets it as before.
        (Scope(("roads", "gone")), Scope(("gone", "roads")), []),
        (Scope(("gone",)), Scope(), ["gone"]),
        (Scope(("Baustellen",), ("Nord",)), Scope(("roads",)), ["Nord"]),
        (Scope(("gone",), ("Nord",)), Scope(), ["gone", "Nord"]),
        (Scope(), Scope(), []),
    ],
)
def test_it_leaves_nobody_out_by_what_is_given_up(
    kept: Scope, means: Scope, unheeded: list[str]
) -> None:
    settings = newsroom(topics=TOPICS).settings
    assert subjects.by_now(settings, kept) == means
    assert subjects.not_configured(settings, kept) == unheeded


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_correction_is_taken_over_whose_topic_is_there_no_more(was_sent: bool) -> None:
    with clock.travel(local(DAY, "09:00")):
        post = posts.add(newsroom(), Written("Frage", topics=("Haustiere",)), by="presse")
        proposals.propose(post, "presse", Written("Antwort"), clock.now())
        if was_sent:
            Post.update(state=PostState.SENT).execute()
        (proposal,) = proposals.waiting()
        taken = proposals.take_over(room_with(), proposal.id, by="presse")
    assert ("Antwort" in taken.title, taken.scope) == (True, Scope())
