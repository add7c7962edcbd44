"""Feeds on the desk: how each fares, what it brought, and what a person decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import escape

from bot import checks, feeds
from broadcasts import figures
from broadcasts.newsroom import corrections, posts, proposals
from broadcasts.newsroom import feeds as known_feeds
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.desk.conftest import Open
from tests.stories.test_feeds import look, press, publish, section
from tests.system import System, running
from tests.website import Website, website

EVIL = '</textarea><script>alert("1")</script>'


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as found:
        yield found


@pytest.fixture
def service(tmp_path: Path, database_url: str, site: Website) -> Iterator[System]:
    more = section(site, path="/feed?key=TOKEN") + section(site, "rathaus", "/gone")
    url = '"http://localhost"'
    with running(tmp_path, database_url, loops=False, public_url=url, more=more) as system:
        yield system
        figures.finish()


def say(site: Website, *items: str) -> None:
    publish(site, *items)
    site.pages["/feed?key=TOKEN"] = site.pages["/feed"]


def brought(service: System, site: Website) -> Post:
    """A post that the feed has brought in."""
    say(site)
    look(service)
    say(site, press())
    look(service)
    found: Post = Post.select().get()
    return found


def proposed(service: System, site: Website) -> Post:
    """It was sent, and the website has changed its mind."""
    post = brought(service, site)
    Post.update(state=PostState.SENT).execute()
    say(site, press(text="Am Sonntag."))
    look(service)
    return post


def test_it_shows_how_each_feed_fares(service: System, site: Website, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    assert visitor.get("/feeds/").text.count("noch nicht abgerufen") == 2
    brought(service, site)
    look(service, "rathaus")
    page = visitor.get("/feeds/").text
    assert "in Ordnung" in page
    assert "antwortet mit 404" in page
    assert "nächster Versuch" in page
    assert 'data-label="Übernommen" class="figure-cell">1<' in page
    assert "key=" not in page
    assert "key=" not in desk(Role.ADMIN).get("/settings/").text


def test_it_says_which_posts_came_from_a_feed(service: System, site: Website, desk: Open) -> None:
    brought(service, site)
    page = desk(Role.PRESS).get("/posts/").text
    assert "Entwürfe" in page
    assert "aus dem Feed presse" in page


def test_it_has_a_feed_fetched_by_the_job(service: System, site: Website, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    say(site, press())
    look(service)
    assert feeds.fetch_next(service.city) is None
    page = visitor.post("/feeds/presse/fetch")
    assert "wird abgerufen" in page.text
    report = feeds.fetch_next(service.city)
    assert report is not None
    assert report.feed == "presse"
    assert audit.newest(act="feed asked")[0].about == "feed presse"
    assert visitor.post("/feeds/fremd/fetch").status_code == 404


def test_it_puts_the_websites_words_under_the_sent_post_with_one_click(
    service: System, site: Website, desk: Open
) -> None:
    visitor, post = desk(Role.PRESS), proposed(service, site)
    page = visitor.send("/feeds/", {}, to="/feeds/correct").text
    assert "steht jetzt im Archiv" in page
    assert "Am Sonntag." not in page, "it is decided"
    (correction,) = corrections.of_posts([post.id])[post.id]
    assert (correction.text, correction.by) == ("Am Sonntag.", "press-de")
    assert posts.drafts() == []
    assert audit.newest(act="post corrected")[0].about == f"post {post.id}"
    again = visitor.post("/feeds/correct", {"proposal": 1, "text": "Am Montag."})
    assert "Darüber hat press-de schon entschieden" in again.text
    assert len(corrections.of_posts([post.id])[post.id]) == 1


@pytest.mark.parametrize("text", ["", "\x01", "Neu" * 999, EVIL])
def test_it_publishes_no_correction_that_cannot_be_shown(
    service: System, site: Website, desk: Open, text: str
) -> None:
    visitor, post = desk(Role.PRESS), proposed(service, site)
    page = visitor.send("/feeds/", {"text": text + "\x01"}, to="/feeds/correct")
    assert page.status_code == 422
    assert "steht jetzt im Archiv" not in page.text
    assert escape(text) in page.text, "what was typed is there again"
    assert EVIL not in page.text
    for made_up in ("99", "", "1 OR 1", "-1"):
        assert visitor.post("/feeds/correct", {"proposal": made_up, "text": "N"}).status_code == 422
    refused = desk(Role.EMERGENCY).post("/feeds/correct", {"proposal": 1, "text": "Neu"})
    assert refused.status_code == 403
    assert corrections.of_posts([post.id]) == {}
    assert proposals.count_waiting() == 1


def test_it_takes_a_correction_over_into_a_draft(
    service: System, site: Website, desk: Open
) -> None:
    visitor, post = desk(Role.PRESS), proposed(service, site)
    assert "etwas anderes als in 1 Beitrag." in visitor.get("/posts/").text
    page = visitor.get("/feeds/").text
    assert "haben den alten Wortlaut" in page
    assert "Am Samstag." in page
    assert "Am Sonntag." in page
    (proposal,) = proposals.waiting()
    page = visitor.post(f"/feeds/proposals/{proposal.id}/take-over").text
    assert "Korrektur: Markt 1" in page
    (draft,) = posts.drafts()
    assert (draft.text, posts.get(post.id).text) == ("Am Sonntag.", "Am Samstag.")
    assert audit.newest(act="proposal taken over")[0].about == f"post {draft.id}"
    assert "etwas anderes" not in visitor.get("/posts/").text
    again = visitor.post(f"/feeds/proposals/{proposal.id}/take-over")
    assert "Darüber hat press-de schon entschieden" in again.text
    assert len(posts.drafts()) == 1


def test_it_takes_the_websites_words_over_into_a_post_that_waits(
    service: System, site: Website, desk: Open
) -> None:
    visitor, post = desk(Role.PRESS), brought(service, site)
    visitor.send(f"/posts/{post.id}", {"text": "Von Hand."})
    say(site, press(text="Am Sonntag."))
    look(service)
    page = visitor.get("/feeds/").text
    assert "press-de hat diesen Beitrag von Hand geändert" in page
    assert "/correct" not in page, "it can still be changed"
    (proposal,) = proposals.waiting()
    visitor.post(f"/feeds/proposals/{proposal.id}/take-over")
    assert posts.get(post.id).text == "Am Sonntag."


def test_it_dismisses_a_correction(service: System, site: Website, desk: Open) -> None:
    visitor, post = desk(Role.PRESS), proposed(service, site)
    (proposal,) = proposals.waiting()
    page = visitor.post(f"/feeds/proposals/{proposal.id}/dismiss").text
    assert "der Beitrag bleibt, wie er ist" in page
    assert "Am Sonntag." not in page
    assert posts.drafts() == []
    assert audit.newest(act="proposal dismissed")[0].about == f"post {post.id}"


def test_it_shows_words_and_never_what_they_might_do(
    service: System, site: Website, desk: Open
) -> None:
    say(site, press(text="&amp;lt;b onclick=x()&amp;gt;"))
    look(service)
    page = desk(Role.PRESS).get("/posts/").text
    assert "&lt;b onclick=x()&gt;" in page
    assert "<b onclick" not in page


def test_it_worries_about_what_fails_again_and_again(service: System, site: Website) -> None:
    def of(name: str) -> tuple[bool, str, str]:
        (check,) = (one for one in checks.warn(service.city) if one.id == f"feeds.{name}")
        return check.ok, check.level, str(check.detail).partition(",")[0]

    assert of("rathaus") == (True, "none", "not asked yet")
    for failures in range(1, known_feeds.WORRYING + 1):
        look(service, "rathaus")
        is_bad = failures == known_feeds.WORRYING
        assert of("rathaus") == (not is_bad, "warn" if is_bad else "ok", "answers 404")
    brought(service, site)
    assert of("presse") == (True, "ok", "is fetched")
