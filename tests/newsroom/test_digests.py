"""The digest: once a day at most, on the town hall's clock, through every odd hour."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcasts import clock
from broadcasts.channels.base import Text
from broadcasts.delivery import audience, broadcasts, endings
from broadcasts.delivery.broadcasts import AlreadySentError, Broadcast
from broadcasts.newsroom import digests, posts, reach
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.digests import (
    NothingQueuedError,
    QuietHoursError,
    TemplateNotApprovedError,
)
from broadcasts.newsroom.posts import Post, PostState, Written
from broadcasts.settings import DigestSettings
from tests.delivery.makers import deliveries, reader
from tests.newsroom.makers import approve, hours, local, newsroom

pytestmark = pytest.mark.usefixtures("database")
DAY = "2026-11-24"


def queue(room: Newsroom, day: str = DAY, title: str = "Markt") -> Post:
    with clock.travel(local(day, "09:00", room.zone)):
        return posts.add(room, Written(title, on=date.fromisoformat(day)))


@pytest.mark.parametrize(
    ("wall", "is_due"),
    [("16:59:59", False), ("17:00:00", True), ("19:59:59", True), ("20:00:00", False)],
)
def test_it_is_due_between_its_time_and_the_latest(wall: str, is_due: bool) -> None:
    room = newsroom()
    queue(room)
    assert (digests.due(room, local(DAY, wall)) is not None) is is_due


def test_it_is_not_due_without_posts() -> None:
    assert digests.due(newsroom(), local(DAY, "17:00")) is None


def test_it_is_not_due_on_another_weekday() -> None:
    room = newsroom(digest=DigestSettings(weekdays=("mon",)))
    queue(room)  # a Tuesday
    assert digests.due(room, local(DAY, "17:00")) is None


def test_it_is_not_due_in_quiet_hours() -> None:
    room = newsroom(**hours(quiet=(18, 8)))
    queue(room)
    assert digests.due(room, local(DAY, "18:30")) is None


@pytest.mark.parametrize(
    ("wall", "leaves_at", "why_not"),
    [
        ("09:00", "17:00", None),
        ("17:30", "17:30", None),
        ("18:30", None, "quiet hours"),
        ("20:00", None, "it is past 20:00"),
    ],
)
def test_it_says_when_it_leaves_or_why_not(
    wall: str, leaves_at: str | None, why_not: str | None
) -> None:
    room, now = newsroom(**hours(quiet=(18, 8))), local(DAY, wall)
    queue(room)
    found = digests.leaves(room, now)
    assert found.at == (local(DAY, leaves_at) if leaves_at else None)
    assert (why_not or "") in str(found.why_not)


def test_it_says_that_nothing_is_queued_or_the_weekday_has_none() -> None:
    room = newsroom(digest=DigestSettings(weekdays=("mon",)))
    assert "no post is queued" in str(digests.leaves(room, local(DAY, "09:00")).why_not)
    queue(room)  # a Tuesday
    assert "weekday" in str(digests.leaves(room, local(DAY, "09:00")).why_not)


def test_it_says_that_the_day_is_used() -> None:
    room, now = newsroom(), local(DAY, "17:00")
    queue(room)
    with clock.travel(now):
        used = digests.send(room, now=now)
    found = digests.leaves(room, now)
    assert found.used is not None
    assert found.used.id == used.id


def test_it_is_due_once_a_day() -> None:
    room = newsroom()
    queue(room)
    digests.send(room, now=local(DAY, "17:00"))
    queue(room, title="Noch etwas")
    assert digests.due(room, local(DAY, "17:05")) is None
    with pytest.raises(AlreadySentError):
        digests.send(room, now=local(DAY, "19:00"))
    assert posts.queued(date.fromisoformat(DAY))[0].title == "Noch etwas"


def test_it_keeps_posts_of_a_missed_day_for_the_next() -> None:
    room = newsroom()
    queue(room)
    queue(room, "2026-11-25", "Bus")
    started = digests.send(room, now=local("2026-11-25", "17:00"))
    assert [post.title for post in posts.of_broadcast(started.id)] == ["Markt", "Bus"]


def test_it_leaves_posts_of_later_days_alone() -> None:
    room = newsroom()
    queue(room)
    later = queue(room, "2026-11-26", "Später")
    digests.send(room, now=local(DAY, "17:00"))
    assert Post.get_by_id(later.id).state == PostState.QUEUED


@pytest.mark.parametrize(("day", "wall"), [("2026-03-29", "02:30"), ("2026-10-25", "02:30")])
def test_it_goes_once_on_both_clock_change_days(day: str, wall: str) -> None:
    room = newsroom(**hours(quiet=(0, 0), digest=2, latest=5))
    queue(room, day)
    begin = local(day, "00:00")
    started = []
    for minute in range(0, 7 * 60, 10):
        now = begin + timedelta(minutes=minute)
        if digests.due(room, now):
            started.append(digests.send(room, now=now))
    assert len(started) == 1
    assert started[0].digest_on == date.fromisoformat(day)


def test_it_belongs_to_the_day_at_which_it_starts_around_midnight() -> None:
    room = newsroom(**hours(quiet=(0, 0)))
    queue(room, DAY)
    late = digests.send(room, now=local(DAY, "23:59:59"))
    queue(room, "2026-11-25")
    early = digests.send(room, now=local("2026-11-25", "00:00:01"))
    assert (str(late.on), str(early.on)) == ("2026-11-24", "2026-11-25")


def test_it_counts_by_date_when_the_zone_is_changed() -> None:
    room = newsroom()
    queue(room)
    digests.send(room, now=local(DAY, "17:00"))
    elsewhere = newsroom(city={"timezone": ZoneInfo("America/New_York")})
    queue(elsewhere)
    same_date = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 17:30 there, still the 24th
    assert digests.due(elsewhere, same_date) is None


def test_it_ends_when_quiet_hours_begin() -> None:
    room = newsroom()
    assert digests.expiry(room, local(DAY, "17:00")) == local(DAY, "21:00")


def test_it_ends_before_the_next_digest_at_the_latest() -> None:
    room = newsroom(**hours(quiet=(0, 0)))
    assert digests.expiry(room, local(DAY, "17:00")) == local("2026-11-25", "17:00")
    by_hand = newsroom()
    assert digests.expiry(by_hand, local(DAY, "22:00")) == local("2026-11-25", "17:00")


def test_it_refuses_quiet_hours_unless_told() -> None:
    room = newsroom()
    queue(room)
    with pytest.raises(QuietHoursError):
        digests.send(room, now=local(DAY, "22:00"))
    assert digests.send(room, now=local(DAY, "22:00"), allow_quiet=True).id


def test_it_does_not_use_up_the_day_by_a_refusal() -> None:
    room = newsroom()
    with pytest.raises(NothingQueuedError):
        digests.send(room, now=local(DAY, "17:00"))
    assert Broadcast.select().count() == 0


def test_it_needs_an_approved_template_for_those_outside_the_window() -> None:
    room = newsroom()
    reader(1, window=False)
    queue(room)
    with pytest.raises(TemplateNotApprovedError, match=r"digest_1 \(de\)"):
        digests.send(room, now=local(DAY, "17:00"))
    assert posts.queued(date.fromisoformat(DAY))
    approve(room, "digest_1")
    assert digests.send(room, now=local(DAY, "17:00")).id


def test_it_needs_no_template_while_everybody_is_inside() -> None:
    room = newsroom()
    with clock.travel(local(DAY, "16:00")):
        reader(1)
        queue(room)
        assert digests.send(room, now=local(DAY, "17:00")).id


def test_it_makes_one_message_of_ten_posts() -> None:
    room = newsroom()
    approve(room)
    with clock.travel(local(DAY, "16:00")):
        reader(1)
        for number in range(10):
            queue(room, title=f"Nachricht {number}")
    with clock.travel(local(DAY, "17:00")):
        started = digests.send(room, now=clock.now())
        audience.write_all_waiting(room.channels)
    assert len(deliveries(started)) == 1
    assert len(posts.of_broadcast(started.id)) == 10


def test_it_previews_every_rendition_word_for_word() -> None:
    room = newsroom()
    approve(room, "digest_1")
    with clock.travel(local(DAY, "16:00")):
        reader(1)
        reader(2, window=False)
        queue(room)
        found = digests.preview(room, date.fromisoformat(DAY), clock.now()).as_json()
    assert (found["recipients"], found["in_window"], found["outside_window"]) == (2, 1, 1)
    assert {row["form"]: row["recipients"] for row in found["renditions"]} == {
        "window": 1,
        "template": 1,
    }
    template = next(row for row in found["renditions"] if row["form"] == "template")
    assert template["text"].startswith("Neues · Stadt Musterstadt:\n\n*Markt*")
    assert found["warnings"] == []


def test_it_warns_in_the_preview() -> None:
    room = newsroom()
    with clock.travel(local(DAY, "16:00")):
        reader(1, window=False)
        empty = digests.preview(room, date.fromisoformat(DAY), clock.now())
        queue(room)
        unapproved = digests.preview(room, date.fromisoformat(DAY), clock.now())
    assert "nothing is queued" in empty.warnings[0]
    assert "digest_1 (de)" in unapproved.warnings[0]
    assert unapproved.unreachable == 1


def test_it_gives_todays_digest_on_request() -> None:
    room = newsroom()
    queue(room)
    assert digests.current(room, "whatsapp", "de", local(DAY, "16:00")) is None
    digests.send(room, now=local(DAY, "17:00"))
    found = digests.current(room, "whatsapp", "en", local(DAY, "18:00"))
    assert isinstance(found, Text)
    assert "Markt" in found.body
    assert "News from" in found.body
    assert digests.current(room, "whatsapp", "de", local("2026-11-25", "08:00")) is None
    # A panic stop: it was wrong.
    endings.stop(broadcasts.digest_of(date.fromisoformat(DAY)).id)
    assert digests.current(room, "whatsapp", "de", local(DAY, "18:00")) is None


def test_it_links_a_picture_where_no_picture_template_is(tmp_path: Path) -> None:
    room = newsroom(tmp_path)
    approve(room, "digest_1")
    queued = queue(room)
    Post.update(image="a.jpg").where(Post.id == queued.id).execute()
    found = digests.preview(room, date.fromisoformat(DAY), local(DAY, "16:00"))
    shown = {str(row.form): text for row, _, text in found.renditions}
    assert "https://bote.example/media/a.jpg" in shown["template"]
    assert any("app_id" in warning for warning in found.warnings)


def test_it_takes_what_was_changed_while_it_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    room = newsroom()
    approve(room)
    reader(1)
    with clock.travel(local("2026-11-25", "17:00")):
        post = posts.add(room, Written("Markt"))
        really, counted = reach.groups, []

        def count_slowly(*words: Any, **more: Any) -> Any:
            counted.append(1)
            if len(counted) == 1:
                Post.update(title="Kein Markt").where(Post.id == post.id).execute()
            return really(*words, **more)

        monkeypatch.setattr(reach, "groups", count_slowly)
        started = digests.send(room, now=clock.now())
    assert len(counted) == 2
    shown = [row.content for row in started.renditions]
    assert all("Kein Markt" in str(content) for content in shown)


def test_it_refuses_the_same_day_to_two_who_start_at_once() -> None:
    room = newsroom()
    queue(room)
    first = digests.send(room, now=local(DAY, "17:00"))
    plan = digests._plan(room, [queue(room)], date.fromisoformat(DAY), local(DAY, "17:00"))
    with pytest.raises(AlreadySentError):
        broadcasts.start(plan)
    assert Broadcast.select().count() == 1
    assert first.id
