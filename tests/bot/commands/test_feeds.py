"""`stadtbote feeds …`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcasts.locks import Lock
from broadcasts.newsroom import corrections
from broadcasts.newsroom.posts import Post, PostState
from tests.bot.commands.makers import Run, Say
from tests.delivery.makers import sent
from tests.stories.test_feeds import press, publish, section
from tests.system import System, running
from tests.website import Website, website


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as found:
        yield found


@pytest.fixture
def system(tmp_path: Path, database_url: str, site: Website) -> Iterator[System]:
    more = section(site) + section(site, "rathaus", "/gone?key=TOKEN")
    with running(tmp_path, database_url, loops=False, more=more) as system:
        yield system


def test_it_fetches_and_lists(run: Run, site: Website) -> None:
    publish(site, press())
    assert run("feeds", "fetch", "presse") == [
        {"feed": "presse", "new": 1, "changed": 0, "proposed": 0, "trouble": None}
    ]
    presse, rathaus = run("feeds", "list")
    assert (presse["name"], presse["came_in"], presse["host"]) == ("presse", 1, "localhost")
    assert presse["fetched_at"] is not None
    assert rathaus["fetched_at"] is None


def test_it_fetches_all_and_says_what_is_wrong(run: Run, say: Say, site: Website) -> None:
    publish(site, press())
    found = run("feeds", "fetch", status=1)
    assert {row["feed"]: row["trouble"] for row in found} == {
        "presse": None,
        "rathaus": "answers 404",
    }
    (rathaus,) = (row for row in run("feeds", "list") if row["name"] == "rathaus")
    assert (rathaus["failures"], rathaus["trouble"]) == (1, "answers 404")
    printed = say("feeds", "list")
    assert "answers 404" in printed
    assert "TOKEN" not in printed


def test_it_refuses_what_is_not_there_or_anothers(run: Run, site: Website) -> None:
    assert "there are: presse, rathaus" in run("feeds", "fetch", "fremd", status=1)
    lock = Lock("feeds")
    assert lock.acquire()
    # On PostgreSQL the lock is the connection's, which this test and the command share.
    other = Lock("feeds")
    if not other.acquire():
        assert "another worker" in run("feeds", "fetch", "presse", status=1)
    lock.release()


def test_it_corrects_what_was_sent(run: Run, say: Say, site: Website) -> None:
    publish(site, press())
    run("feeds", "fetch", "presse")
    post = Post.select().get()
    Post.update(state=PostState.SENT, broadcast=sent({})).execute()
    publish(site, press(text="Am Sonntag."))
    run("feeds", "fetch", "presse")
    (proposal,) = run("feeds", "proposals")
    assert (proposal["post"], proposal["feed"]) == (post.id, "presse")
    assert proposal["correction"] == "Am Sonntag."
    assert "Am Sonntag." in say("feeds", "proposals")
    number = str(proposal["id"])
    assert run("feeds", "correct", number) == {"post": post.id, "correction": "Am Sonntag."}
    assert run("feeds", "proposals") == []
    assert "decided on it already" in run("feeds", "correct", number, "--text", "Nein", status=1)
    assert "no such proposal" in run("feeds", "correct", "99", status=1)
    assert [one.text for one in corrections.of_posts([post.id])[post.id]] == ["Am Sonntag."]
