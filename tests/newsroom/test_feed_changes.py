"""Items of a feed that change: the post follows, or a person decides."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock, db
from broadcasts.newsroom import feed_items, posts, proposals
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.feed_items import Taken
from broadcasts.newsroom.posts import Post, PostError, PostState, Written
from broadcasts.newsroom.proposals import CorrectionProposal
from broadcasts.saying import say
from tests.delivery.makers import sent
from tests.newsroom.makers import newsroom
from tests.newsroom.test_feed_items import all_posts, item, known, take

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path / "media")


def queue(room: Newsroom, post: Post) -> None:
    posts.queue(room, post.id, version=post.version, by="presse")


@pytest.mark.parametrize("is_queued", [False, True])
def test_it_changes_what_nobody_has_touched(room: Newsroom, is_queued: bool) -> None:
    known(room, item())
    (post,) = all_posts()
    if is_queued:
        queue(room, post)
        later = post.on + timedelta(days=3)
        posts.move(room, post.id, later, version=2, by="presse")
    assert take(room, [item(text="Neu")]) == Taken(changed=1)
    now = posts.get(post.id)
    assert (now.text, now.changed_by) == ("Neu", "feed presse")
    assert now.state == (PostState.QUEUED if is_queued else PostState.DRAFT)
    assert now.on == (later if is_queued else post.on)
    assert take(room, [item(text="Neu")]) == Taken()
    assert not CorrectionProposal.select().exists()


def touch(room: Newsroom, post: Post, text: str = "Von Hand") -> None:
    written = Written(post.title, text, post.link, post.on)
    posts.edit(room, post.id, written, version=post.version, by="presse")


def test_it_proposes_where_somebody_has_written(room: Newsroom) -> None:
    known(room, item())
    (post,) = all_posts()
    touch(room, post)
    assert take(room, [item(text="Neu")]) == Taken(proposed=1)
    assert posts.get(post.id).text == "Von Hand"
    assert take(room, [item(text="Noch neuer")]) == Taken(proposed=1)
    (proposal,) = proposals.waiting()
    assert (proposal.text, proposal.post.id, proposal.feed) == ("Noch neuer", post.id, "presse")
    proposals.take_over(room, proposal.id, by="presse")
    assert posts.get(post.id).text == "Noch neuer"
    assert take(room, [item(text="Am neuesten")]) == Taken(changed=1), "it is untouched again"


def test_it_proposes_a_correction_of_what_was_sent(room: Newsroom) -> None:
    known(room, item())
    Post.update(state=PostState.SENT).execute()
    before = posts.as_written(all_posts())
    assert take(room, [item(text="Doch am Sonntag")]) == Taken(proposed=1)
    assert posts.as_written(all_posts()) == before, "nothing is sent or changed by itself"
    (proposal,) = proposals.waiting()
    made = proposals.take_over(room, proposal.id, by="presse")
    assert (made.title, made.text) == ("Korrektur: Titel 1", "Doch am Sonntag")
    assert (made.state, made.author) == (PostState.DRAFT, "presse")
    assert proposals.waiting() == []
    assert take(room, [item(text="Doch am Sonntag")]) == Taken()


def test_it_drops_a_proposal_when_the_website_turns_back(room: Newsroom) -> None:
    known(room, item())
    Post.update(state=PostState.SENT).execute()
    take(room, [item(text="Neu")])
    assert take(room, [item()]) == Taken()
    assert proposals.waiting() == []


def test_it_proposes_again_when_the_website_turns_back_after_a_correction(room: Newsroom) -> None:
    """The archive says otherwise by then."""
    known(room, item())
    row = sent({})
    Post.update(state=PostState.SENT, broadcast=row).execute()
    take(room, [item(text="Neu")])
    (proposal,) = proposals.waiting()
    proposals.correct(proposal.id, "Neu", by="eva")
    assert proposals.waiting() == []
    assert take(room, [item()]) == Taken(proposed=1)
    (back,) = proposals.waiting()
    assert proposals.correction(back) == "Text 1"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"text": "Am Sonntag. Mit Musik."}, "Am Sonntag."),
        ({"text": "Am Samstag. Mit Musik.\n\nBei Regen im Saal."}, "Bei Regen im Saal."),
        ({"text": "Mit Musik."}, "Mit Musik."),
        ({"title": "Messe"}, "Messe"),
        ({"title": "Messe", "text": "Am Sonntag."}, "Messe\nAm Sonntag."),
        ({"link": "https://a.example/neu"}, "https://a.example/neu"),
        ({"text": ""}, "Titel 1"),
        ({}, "Am Samstag. Mit Musik."),
    ],
)
def test_it_says_in_a_correction_what_is_new(
    room: Newsroom, now: dict[str, str], said: str
) -> None:
    old = {"text": "Am Samstag. Mit Musik."}
    known(room, item(**old))
    (post,) = all_posts()
    words = item(**{**old, **now})
    proposals.propose(post, "presse", Written(words.title, words.text, words.link), clock.now())
    (proposal,) = proposals.waiting()
    assert proposals.correction(proposal) == said


def test_it_cuts_a_correction_that_would_be_too_long(room: Newsroom) -> None:
    known(room, item())
    Post.update(state=PostState.SENT).execute()
    take(room, [item(text="Wort " * 500)])
    (proposal,) = proposals.waiting()
    text = proposals.correction(proposal)
    assert text.endswith("Wort…")
    proposals.correct(proposal.id, text, by="eva")


def test_it_leaves_a_proposal_open_whose_correction_is_refused(room: Newsroom) -> None:
    known(room, item())
    Post.update(state=PostState.SENT).execute()
    take(room, [item(text="Neu")])
    (proposal,) = proposals.waiting()
    with pytest.raises(PostError), db.transaction():
        proposals.correct(proposal.id, "\x00", by="eva")
    assert proposals.count_waiting() == 1


def test_it_leaves_a_withdrawn_one_alone(room: Newsroom) -> None:
    known(room, item())
    posts.withdraw(all_posts()[0].id)
    assert take(room, [item(text="Neu")]) == Taken()
    assert (all_posts()[0].text, proposals.waiting()) == ("Text 1", [])


def test_it_proposes_when_the_digest_leaves_at_this_very_moment(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(room, item())

    def gone(*arguments: object, **more: object) -> Post:
        raise PostError(say("the text is empty"))

    monkeypatch.setattr(feed_items.posts, "edit", gone)
    assert take(room, [item(text="Neu")]) == Taken(proposed=1)


def test_it_lets_one_person_decide(room: Newsroom) -> None:
    known(room, item())
    Post.update(state=PostState.SENT).execute()
    take(room, [item(text="Neu")])
    (proposal,) = proposals.waiting()
    assert proposals.count_waiting() == 1
    proposals.dismiss(proposal.id, by="eva")
    assert proposals.count_waiting() == 0
    with pytest.raises(PostError, match="eva has decided"):
        proposals.take_over(room, proposal.id, by="presse")
    with pytest.raises(PostError, match="no such proposal"):
        proposals.dismiss(99, by="presse")
    assert len(all_posts()) == 1
    assert take(room, [item(text="Neu")]) == Taken()
    assert take(room, [item(text="Noch neuer")]) == Taken(proposed=1)
