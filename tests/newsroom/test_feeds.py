"""Feeds: whose turn it is, how long a failing one waits, who has written a post."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.newsroom import feeds
from broadcasts.newsroom.feeds import Feed
from broadcasts.saying import say
from broadcasts.settings import FeedSettings

pytestmark = pytest.mark.usefixtures("database")
SETTINGS = FeedSettings(url="https://a.example/feed")
CONFIGURED = {"presse": SETTINGS}


def test_it_is_asked_when_it_is_due_by_one_worker() -> None:
    now = clock.now()
    feeds.ensure(CONFIGURED, now)
    assert [feeds._claim("presse", now) for _ in range(2)] == [True, False]
    feeds.ask_now(["presse"], now)
    feed = feeds.claim(CONFIGURED, now)
    assert isinstance(feed, Feed)
    assert feeds.claim(CONFIGURED, now) is None
    feeds.succeeded(feed, SETTINGS)
    assert feeds.claim(CONFIGURED, now + timedelta(minutes=14)) is None
    assert feeds.claim({}, now + timedelta(minutes=16)) is None
    assert feeds.claim(CONFIGURED, now + timedelta(minutes=16))


def test_it_asks_a_failing_feed_more_and_more_seldom() -> None:
    now = clock.now()
    feeds.ensure(CONFIGURED, now)
    waits = []
    for _ in range(8):
        feeds.ask_now(["presse"], now)
        feed = feeds.claim(CONFIGURED, now)
        assert feed is not None
        with clock.travel(now):
            feeds.failed(feed, SETTINGS, say("answers %(code)s", code=503))
        waits.append((feeds.known()["presse"].due_at - now) // timedelta(minutes=1))
    assert waits == [15, 30, 60, 120, 240, 360, 360, 360]
    row = feeds.known()["presse"]
    assert (row.failures, row.wrong, row.is_worrying) == (8, "answers 503", True)
    assert row.failing_since - now < timedelta(minutes=1)
    feeds.ask_now(["presse"], now)
    feed = feeds.claim(CONFIGURED, now)
    assert feed is not None
    feeds.succeeded(feed, SETTINGS)
    row = feeds.known()["presse"]
    assert (row.failures, row.failing_since, row.wrong) == (0, None, None)


def test_it_takes_no_account_for_a_feed() -> None:
    assert feeds.origin(feeds.author("presse")) == "presse"
    assert feeds.origin("presse") == feeds.origin("") == ""
