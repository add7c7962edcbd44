"""Items of a feed: in once, whatever date, id or address they bear; changed where nobody minds."""

import dataclasses
import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from broadcasts import clock
from broadcasts.newsroom import feed_items, feeds, posts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.feed_items import FeedItem, LostError, Taken
from broadcasts.newsroom.feed_reading import Item
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.privacy import restoring
from broadcasts.settings import FeedSettings
from tests.newsroom.makers import newsroom

pytestmark = pytest.mark.usefixtures("database")
SETTINGS = FeedSettings(url="https://a.example/feed")
CONFIGURED = {"presse": SETTINGS}


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path / "media")


def item(number: int = 1, **more: str) -> Item:
    made = {
        "title": f"Titel {number}",
        "text": f"Text {number}",
        "link": f"https://a.example/{number}",
        "guid": f"id {number}",
        "picture": "",
        "published_at": f"2026-11-{number:02}T09:00:00+00:00" if number < 31 else "",
    }
    return Item(**{**made, **more})


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#cc3300").save(out, "PNG")
    return out.getvalue()


def take(
    room: Newsroom,
    items: Sequence[Item],
    *,
    settings: FeedSettings = SETTINGS,
    name: str = "presse",
    pictures: dict[str, bytes] | None = None,
    later: timedelta = timedelta(0),
) -> Taken:
    """As the job does, whenever it is."""
    now = clock.now() + later
    feeds.ensure({name: settings}, now)
    feeds.ask_now([name], now)
    feed = feeds.claim({name: settings}, now)
    assert feed is not None
    get = (pictures or {}).get
    taken = feed_items.take(room, feed, settings, items, picture=get, now=now)
    feeds.succeeded(feed, settings, digest="of these bytes")
    return taken


def known(room: Newsroom, *items: Item, **more: Any) -> Taken:
    """A feed that is no new one."""
    take(room, [], **more)
    return take(room, items, **more)


def all_posts() -> list[Post]:
    return list(Post.select().order_by(Post.id))


# ------------------------------------------------------------------ in once


def test_it_makes_a_draft_of_each_new_item(room: Newsroom) -> None:
    assert known(room, item(2), item(1)) == Taken(new=2)
    first, second = all_posts()
    assert (first.title, first.text, first.link) == ("Titel 1", "Text 1", "https://a.example/1")
    assert (first.state, first.author, first.version) == (PostState.DRAFT, "feed presse", 1)
    assert second.title == "Titel 2"
    assert feed_items.came_in() == {"presse": 2}
    assert take(room, [item(2), item(1)]) == Taken()


def test_it_queues_where_the_operator_says_so(room: Newsroom) -> None:
    known(room, item(), settings=dataclasses.replace(SETTINGS, queue=True))
    (post,) = all_posts()
    assert (post.state, post.on) == (PostState.QUEUED, posts.next_day(room))


def test_it_queues_nothing_that_may_be_old_news(room: Newsroom) -> None:
    """Of a new feed, and after a restore: what came in since the backup is not known any more."""
    settings = dataclasses.replace(SETTINGS, queue=True)
    take(room, [item(1)], settings=settings)
    take(room, [item(1), item(2)], settings=settings)
    restoring.hold_back(clock.now())
    take(room, [item(1), item(2), item(3)], settings=settings)
    take(room, [item(1), item(2), item(3), item(4)], settings=settings)
    draft, queued = PostState.DRAFT, PostState.QUEUED
    assert [post.state for post in all_posts()] == [draft, queued, draft, queued]


@pytest.mark.parametrize(
    "again",
    [
        {"published_at": "2027-01-01T00:00:00+00:00"},
        {"guid": "another"},
        {"guid": ""},
        {"link": "http://www.a.example/1/"},
        {"link": "https://a.example/neu/1"},
        {"link": ""},
        {"link": "https://a.example/neu/1", "guid": "another"},
        {"guid": "another", "title": "Neuer Titel"},
        {"link": "https://a.example/neu/1", "text": "Neuer Text"},
    ],
)
def test_it_knows_an_item_again(room: Newsroom, again: dict[str, str]) -> None:
    """Re-dated, re-identified, moved, and one of these together with a change."""
    known(room, item())
    for _ in range(2):
        assert take(room, [item(**again)]).new == 0
        assert len(all_posts()) == FeedItem.select().count() == 1
    # By whatever it is now, too.
    assert take(room, [item(**{"title": "Später", **again})]).new == 0


def test_it_knows_one_without_address_and_id_by_its_words(room: Newsroom) -> None:
    bare = item(link="", guid="")
    known(room, bare)
    assert take(room, [bare], later=timedelta(days=300)) == Taken()
    assert take(room, [dataclasses.replace(bare, text="Anders")]) == Taken(new=1)


def test_it_takes_next_months_meeting_for_another_one(room: Newsroom) -> None:
    known(room, item())
    again = item(link="https://a.example/2", guid="id 2")
    assert take(room, [again, item()]) == Taken(new=1), "both are there: one has not moved"
    FeedItem.delete().execute()
    take(room, [item()])
    assert take(room, [again], later=timedelta(days=30)) == Taken(new=1)


def test_it_does_not_trust_an_address_or_id_that_several_have(room: Newsroom) -> None:
    home = {"link": "https://a.example/", "guid": "id"}
    known(room, item(1, **home), item(2, **home))
    assert [post.title for post in all_posts()] == ["Titel 1", "Titel 2"]
    assert take(room, [item(3, **home), item(2, **home)]) == Taken(new=1)
    assert len(all_posts()) == 3


def test_it_takes_what_stands_twice_once(room: Newsroom) -> None:
    assert known(room, item(), item(guid="another")) == Taken(new=1)


def test_it_takes_from_two_feeds_once(room: Newsroom) -> None:
    known(room, item())
    assert known(room, item(guid="other"), item(2), name="rathaus") == Taken(new=1)
    assert take(room, [item(guid="other", text="Neu"), item(2)], name="rathaus") == Taken()
    assert len(all_posts()) == 2


@pytest.mark.parametrize("newest", [0, 2])
def test_it_brings_in_the_newest_few_of_a_new_feed(room: Newsroom, newest: int) -> None:
    settings = dataclasses.replace(SETTINGS, newest=newest, queue=True)
    old = [item(number) for number in range(1, 21)]
    assert take(room, old, settings=settings) == Taken(new=newest)
    assert [post.title for post in all_posts()] == ["Titel 19", "Titel 20"][:newest]
    assert take(room, [*old, item(21)], settings=settings) == Taken(new=1)


def test_it_takes_the_first_of_a_new_feed_without_dates(room: Newsroom) -> None:
    take(room, [item(number, published_at="") for number in range(1, 9)])
    assert [post.title for post in all_posts()] == ["Titel 3", "Titel 2", "Titel 1"]


def test_it_begins_anew_at_another_address(room: Newsroom) -> None:
    known(room, item())
    other = dataclasses.replace(SETTINGS, url="https://a.example/new", newest=1)
    assert take(room, [item(number) for number in range(1, 9)], settings=other) == Taken(new=1)


def test_it_queues_no_flood(room: Newsroom) -> None:
    """A new website: everything has another address and other words."""
    settings = dataclasses.replace(SETTINGS, queue=True)
    flood = [item(number) for number in range(1, 31)]
    assert known(room, *flood, settings=settings) == Taken(new=feed_items.MOST_NEW)
    assert {post.state for post in all_posts()} == {PostState.DRAFT}
    remark = feeds.known()["presse"].said
    assert remark is not None
    assert "30 items were new at once" in remark
    assert take(room, [*flood, item(31)], settings=settings) == Taken(new=1)
    assert feeds.known()["presse"].said is None


def test_it_minds_nothing_that_disappears(room: Newsroom) -> None:
    known(room, item(1), item(2))
    before = posts.as_written(all_posts())
    assert take(room, []) == take(room, [item(2)]) == take(room, [item(1), item(2)]) == Taken()
    assert posts.as_written(all_posts()) == before


def test_it_notes_what_can_be_no_post(room: Newsroom) -> None:
    assert known(room, item(title="\x07")) == Taken()
    assert take(room, [item(title="\x07")]) == Taken()
    assert (len(all_posts()), FeedItem.select().count()) == (0, 1)


def test_it_keeps_nothing_that_is_another_workers_by_now(room: Newsroom) -> None:
    take(room, [])
    now = clock.now()
    feeds.ask_now(["presse"], now)
    slow = feeds.claim(CONFIGURED, now)
    assert slow is not None
    after = now + feeds.LEASE + timedelta(seconds=1)
    assert feeds.claim(CONFIGURED, after)
    with pytest.raises(LostError):
        feed_items.take(room, slow, SETTINGS, [item()], picture=lambda url: None, now=after)
    assert (all_posts(), FeedItem.select().count()) == ([], 0)


# ------------------------------------------------------------------ pictures


def test_it_keeps_a_picture_as_an_uploaded_one(room: Newsroom) -> None:
    with_picture = item(picture="https://a.example/x.png")
    known(room, with_picture, pictures={"https://a.example/x.png": picture()})
    (post,) = all_posts()
    with Image.open(room.media / str(post.image)) as found:
        assert found.format == "JPEG"


def test_it_takes_what_the_picture_shows_and_keeps_what_somebody_has_written(
    room: Newsroom,
) -> None:
    pictures = {"https://a.example/x.png": picture()}
    known(room, item(picture="https://a.example/x.png", picture_alt="Am Fluss"), pictures=pictures)
    (post,) = all_posts()
    assert post.image_alt == "Am Fluss"
    take(room, [item(picture="https://a.example/x.png", text="Neu")], pictures=pictures)
    assert (all_posts()[0].text, all_posts()[0].image_alt) == ("Neu", "Am Fluss")


@pytest.mark.parametrize("found", [None, b"<svg onload=alert(1)>", b""])
def test_it_does_without_a_picture_that_is_none(room: Newsroom, found: bytes | None) -> None:
    pictures = {} if found is None else {"https://a.example/x.png": found}
    assert known(room, item(picture="https://a.example/x.png"), pictures=pictures) == Taken(new=1)
    assert all_posts()[0].image is None


def test_it_changes_the_picture_with_the_words_only(room: Newsroom) -> None:
    found = {f"https://a.example/{name}.png": picture() for name in "xy"}
    known(room, item(picture="https://a.example/x.png"), pictures=found)
    image = all_posts()[0].image
    other = item(picture="https://a.example/y.png")
    assert take(room, [other], pictures=found) == Taken()
    take(room, [dataclasses.replace(other, text="Neu")], pictures=found)
    assert all_posts()[0].image == image
    both = dataclasses.replace(other, text="Noch neuer", picture="https://a.example/x.png")
    take(room, [both], pictures=found)
    assert all_posts()[0].image not in (image, None)
