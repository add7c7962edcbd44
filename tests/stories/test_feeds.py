"""The city's website over real HTTP: what it says becomes posts, whatever worse people say, too."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from bot import feeds, jobs
from bot.feeds import Report
from bot.sandbox.attachments import photograph
from broadcasts import clock, db
from broadcasts.locks import Lock
from broadcasts.newsroom import digests, posts, proposals
from broadcasts.newsroom import feeds as known_feeds
from broadcasts.newsroom.posts import Post, PostState
from tests.newsroom.test_feed_reading import laughs, rss
from tests.system import System, running
from tests.website import Website, bomb, endless, website


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as found:
        yield found


@contextmanager
def city(folder: Path, url: str, *feeds: str) -> Iterator[System]:
    """`feeds`: sections of config.toml."""
    with running(folder, url, loops=False, more="\n".join(feeds)) as system:
        yield system


def section(site: Website, name: str = "presse", path: str = "/feed", *more: str) -> str:
    lines = [f"[feeds.{name}]", f'url = "{site.url(path)}"', f'intranet = "{site.host}"', *more]
    return "\n".join(["", *lines, ""])


@pytest.fixture
def system(tmp_path: Path, database_url: str, site: Website) -> Iterator[System]:
    with city(tmp_path, database_url, section(site)) as system:
        yield system


def press(number: int = 1, *, text: str = "Am Samstag.", guid: str = "", date: str = "24") -> str:
    return (
        f"<title>Markt {number}</title><guid>{guid or number}</guid>"
        f"<link>https://a.example/{number}?utm_source=rss</link><description>{text}</description>"
        f"<pubDate>Tue, {date} Nov 2026 10:00:00 +0100</pubDate>"
    )


def publish(site: Website, *items: str, **headers: str) -> None:
    site.put("/feed", rss(*items), content_type="application/rss+xml", **headers)


def look(system: System, name: str = "presse") -> Report:
    """One feed is asked, whenever it is due; the others are not."""
    now = clock.now()
    known_feeds.ensure(system.city.settings.feeds, now)
    known_feeds.ask_now(list(system.city.settings.feeds), now + timedelta(days=1))
    known_feeds.ask_now([name], now)
    report = feeds.fetch_next(system.city)
    assert report is not None
    assert report.feed == name
    return report


def trouble(system: System) -> str:
    found = look(system).trouble
    assert found is not None
    return str(found)


def all_posts() -> list[Post]:
    return list(Post.select().order_by(Post.id))


def test_it_tells_the_story_of_a_press_release(system: System, site: Website) -> None:
    site.put("/bild.jpg", photograph(), content_type="image/jpeg")
    publish(site)
    assert jobs.fetch_feeds(system.city) == "ok"
    assert jobs.fetch_feeds(system.city) == "ok"
    assert site.paths() == ["/feed"], "it is not due yet"

    # It comes in as a draft, with its picture, and goes nowhere by itself.
    enclosure = '<enclosure url="/bild.jpg" type="image/jpeg"/>'
    publish(site, press() + enclosure)
    assert look(system) == Report("presse", new=1)
    (post,) = all_posts()
    assert (post.title, post.text) == ("Markt 1", "Am Samstag.")
    assert post.link == "https://a.example/1"
    with Image.open(system.city.config.media_dir / str(post.image)) as kept:
        assert dict(kept.getexif()) == {}, "where it was taken is nobody's business"
    assert posts.queued(post.on) == []

    # Re-dated and re-identified it is the same.
    publish(site, press(date="25", guid="another") + enclosure)
    assert look(system) == Report("presse")

    # Changed, it changes the draft; changed after sending, it is proposed.
    publish(site, press(text="Am Sonntag."))
    assert look(system) == Report("presse", changed=1)
    assert posts.get(post.id).text == "Am Sonntag."
    posts.queue(system.city.newsroom, post.id, version=2, by="presse")
    sent = digests.send(system.city.newsroom, now=clock.now(), allow_quiet=True)
    publish(site, press(text="Am Montag."))
    assert look(system) == Report("presse", proposed=1)
    assert [one.text for one in posts.of_broadcast(sent.id)] == ["Am Sonntag."]
    (proposal,) = proposals.waiting()
    assert proposal.text == "Am Montag."

    # The press office agrees: everybody reads it under the old words, in the archive and its feed.
    proposals.correct(proposal.id, proposals.correction(proposal), by="presse")
    for path in (f"/archiv/{sent.on}", "/archiv/feed.atom", "/archiv/suche?q=montag"):
        page = httpx.get(f"{system.url}{path}").text
        assert "Am Sonntag." in page, path
        assert "Am Montag." in page or "suche" in path, path

    # Gone from the website it stays what it is.
    publish(site)
    assert look(system) == Report("presse")
    assert len(all_posts()) == 1


def test_it_asks_only_for_what_is_new(system: System, site: Website) -> None:
    publish(site, press(), etag='"1"', last_modified="Tue, 24 Nov 2026 10:00:00 GMT")
    assert look(system).new == 1
    assert look(system) == Report("presse")
    assert site.asked[-1][1]["if-none-match"] == '"1"'
    assert site.asked[-1][1]["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"


def test_it_reads_the_same_bytes_once(
    system: System, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(site, press())
    look(system)
    monkeypatch.setattr(feeds, "read_apart", lambda found: pytest.fail("read again"))
    assert look(system).trouble is None


def test_it_is_done_by_one_worker_at_a_time(
    system: System, site: Website, database_url: str
) -> None:
    publish(site, press())
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with db.session():
            lock = Lock("feeds")
            assert lock.acquire()
            held.set()
            done.wait()
            lock.release()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait()
    known_feeds.ensure(system.city.settings.feeds, clock.now())
    assert feeds.fetch_next(system.city) is None
    done.set()
    thread.join()
    assert feeds.fetch_next(system.city) == Report("presse", new=1)


def test_it_queues_for_the_digest_where_the_operator_says_so(
    tmp_path: Path, database_url: str, site: Website
) -> None:
    publish(site)
    with city(tmp_path, database_url, section(site, "presse", "/feed", "queue = true")) as system:
        look(system)
        publish(site, press())
        look(system)
        assert [post.state for post in all_posts()] == [PostState.QUEUED]


# ------------------------------------------------------------------ dead and hostile


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><p>Wartung</p></html>", "is neither RSS nor Atom"),
        (rss(press())[:-60], "ends in the middle"),
        (b"<rss><channel>" + b"<a>" * 600_000, "cannot be read in reasonable time"),
        (bytes(3 * 1024**2), "is larger than 2 MB"),
    ],
    ids=["page", "half", "nested", "large"],
)
def test_it_says_what_is_wrong_and_goes_on(
    system: System, site: Website, body: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "READING", 3.0)
    site.put("/feed", body)
    assert trouble(system) == said
    assert all_posts() == []
    publish(site, press())
    assert look(system) == Report("presse", new=1)


HOSTILE: dict[str, tuple[Callable[[Website], Any], str]] = {
    "gone": (lambda site: site.pages.pop("/feed", None), "answers 404"),
    "to our own": (lambda site: site.leads("/feed", f"http://127.0.0.1:{site.port}/x"), "public"),
    "to the cloud": (lambda site: site.leads("/feed", "http://169.254.169.254/latest/"), "public"),
    "bomb": (lambda site: site.put("/feed", bomb(100), content_encoding="gzip"), "larger"),
    "endless": (lambda site: site.pages.update({"/feed": endless(site)}), "larger"),
    "slow": (
        lambda site: site.pages.update({"/feed": endless(site, pause=0.1, chunk=b" ")}),
        "in time",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_disturbed_by_nobody(
    tmp_path: Path, site: Website, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad feed has trouble, its neighbour none; and no log names an address."""
    monkeypatch.setattr(feeds.fetch.Wanted, "seconds", 1.0)
    act, said = HOSTILE[kind]
    publish(site, press())
    act(site)
    site.put("/good", rss(press(2)), content_type="text/xml")
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    began = time.monotonic()
    with city(tmp_path, url, section(site), section(site, "rathaus", "/good")) as system:
        assert said in trouble(system)
        assert look(system, "rathaus") == Report("rathaus", new=1)
        assert jobs.fetch_feeds(system.city) == "ok", "the bad one waits for its time"
    assert time.monotonic() - began < 60


def test_it_asks_no_name_of_our_own_network(tmp_path: Path, site: Website) -> None:
    """`localhost` is one; nobody has named it here."""
    publish(site, press())
    only = f'\n[feeds.presse]\nurl = "{site.url("/feed")}"\n'
    with city(tmp_path, f"sqlite:///{tmp_path / 'stadtbote.db'}", only) as system:
        assert trouble(system) == "lies at an address that is not public"
    assert site.asked == []


@pytest.mark.parametrize("between", ["\n", " "])
def test_it_survives_a_billion_laughs(system: System, site: Website, between: str) -> None:
    site.put("/feed", rss("<title>&lol9;</title><guid>1</guid>", head=laughs(between)))
    look(system)
    assert all(len(post.title) < 20 for post in all_posts())


def test_it_takes_few_of_ten_thousand_items(system: System, site: Website) -> None:
    site.put("/feed", rss(*(f"<title>{n}</title><guid>{n}</guid>" for n in range(10_000))))
    assert look(system).new == system.city.settings.feeds["presse"].newest
    site.put("/feed", rss(*(f"<title>{n}</title><guid>{n}</guid>" for n in range(90_000, 99_999))))
    assert look(system).new == 10


def test_it_runs_no_script_and_shows_no_picture_that_is_none(system: System, site: Website) -> None:
    html = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;p onclick='x()'&gt;Ja&lt;/p&gt;"
    pictures = ["/text.jpg", "/huge.jpg", f"http://127.0.0.1:{site.port}/secret.jpg", "file:///x"]
    site.put("/text.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    site.put("/huge.jpg", b"\xff\xd8" + bytes(6 * 1024**2), content_type="image/jpeg")
    publish(site)
    look(system)
    items = [
        press(number, text=html) + f'<enclosure url="{url}" type="image/jpeg"/>'
        for number, url in enumerate(pictures)
    ]
    publish(site, *items)
    assert look(system).new == len(pictures)
    assert {(post.text, post.image) for post in all_posts()} == {("Ja", None)}
    assert "/secret.jpg" not in site.paths()


def test_it_logs_no_address(
    tmp_path: Path, site: Website, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = "/feed?key=TOKEN"
    site.put(path, b"nothing")
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    with city(tmp_path, url, section(site, path=path)) as system:
        look(system)
        site.put(path, rss(press() + '<enclosure url="/x?key=TOKEN" type="image/jpeg"/>'))
        look(system)
    assert "feed name=presse" in caplog.text
    ours = "\n".join(one.getMessage() for one in caplog.records if one.name != "tests")
    assert "TOKEN" not in ours


def test_it_hides_our_secrets_from_whoever_reads_it(
    system: System, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    run = feeds.subprocess.run

    def watch(*arguments: Any, **more: Any) -> Any:
        seen.update(more["env"])
        return run(*arguments, **more)

    monkeypatch.setattr(feeds.subprocess, "run", watch)
    publish(site, press())
    assert look(system).new == 1
    assert set(seen) == {"PYTHONPATH", "PYTHONSAFEPATH"}


def test_it_fails_alone_whatever_goes_wrong(
    system: System, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise RuntimeError("unforeseen")

    publish(site, press())
    with monkeypatch.context() as broken:
        broken.setattr(feeds.feed_items, "take", fail)
        assert trouble(system) == "cannot be taken in; the log says where"
    assert look(system).new == 1
