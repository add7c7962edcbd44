"""Posts: every problem at once, pictures without their secrets, a day of their own."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from broadcasts import clock
from broadcasts.newsroom import pictures, post_pictures, posts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import PostError, PostState, Written
from broadcasts.settings import DigestSettings
from tests.delivery.makers import broadcast
from tests.newsroom.makers import local, newsroom

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 11, 24)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path / "media")


def picture(folder: Path, kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> Path:
    path = folder / f"bild.{kind.lower()}"
    image = Image.new("RGB", size, "red")
    exif = image.getexif()
    exif[0x010E] = "GEHEIMER ORT"
    image.save(path, kind, exif=exif)
    return path


def problems(room: Newsroom, **post: object) -> list[str]:
    image = post.pop("image", None)
    with pytest.raises(PostError) as caught:
        posts.add(room, Written(**{"title": "Markt", **post}), image=image)
    return [f"{one.field}: {one}" for one in caught.value.said]


def test_it_names_every_problem_at_once(room: Newsroom, tmp_path: Path) -> None:
    found = problems(
        room,
        title=" ",
        text="x" * 3001,
        link="ftp://stadt.example",
        image=tmp_path / "fehlt.jpg",
        on=date(2020, 1, 1),
        topics=["\x00"],
        districts=["Nordstadt"],
        image_alt="x" * 301,
    )
    assert {text.split(":")[0] for text in found} == {
        *("title", "text", "link", "image", "on", "topics", "districts", "image_alt")
    }


@pytest.mark.parametrize(
    "link", ["kein-link", "https://", "http://a b", "javascript:alert(1)", "https://[", "h" * 400]
)
def test_it_refuses_a_bad_link(room: Newsroom, link: str) -> None:
    assert problems(room, link=link)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_it_keeps_a_picture_without_where_it_was_taken(
    room: Newsroom, tmp_path: Path, kind: str
) -> None:
    post = posts.add(room, Written("Markt"), image=picture(tmp_path, kind))
    assert post.image is not None
    kept = room.media / post.image
    assert b"GEHEIMER ORT" not in kept.read_bytes()
    with Image.open(kept) as image:
        assert (image.format, image.size) == ("JPEG", (60, 40))
    assert len(post.image) > 20


def test_it_keeps_what_a_picture_shows_on_one_line(room: Newsroom, tmp_path: Path) -> None:
    words = Written("Markt", image_alt=" Stände\nam Fluss ")
    post = posts.add(room, words, image=picture(tmp_path))
    assert post.image_alt == "Stände am Fluss"
    assert posts.duplicate(room, post.id, by="eva").image_alt == "Stände am Fluss"
    assert problems(room, image_alt="\x00")


def test_it_refuses_a_picture_too_large(room: Newsroom, tmp_path: Path) -> None:
    large = tmp_path / "gross.jpg"
    large.write_bytes(b"\xff\xd8" + b"x" * (5 * 1024 * 1024 + 1))
    assert "at most 5 MB" in problems(room, image=large)[0]


def test_it_refuses_what_is_no_picture(room: Newsroom, tmp_path: Path) -> None:
    fake = tmp_path / "bild.jpg"
    fake.write_text("<svg onload=alert(1)>")
    assert "neither JPEG nor PNG" in problems(room, image=fake)[0]


def test_it_refuses_a_picture_that_unfolds(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    assert "million pixels" in problems(room, image=picture(tmp_path))[0]


def test_it_refuses_a_damaged_picture(room: Newsroom, tmp_path: Path) -> None:
    whole = picture(tmp_path, size=(600, 600)).read_bytes()
    damaged = tmp_path / "kaputt.jpg"
    damaged.write_bytes(whole[: len(whole) // 3])
    assert problems(room, image=damaged)


@pytest.mark.parametrize(
    ("wall", "expected"), [("09:00", DAY), ("19:59", DAY), ("20:00", date(2026, 11, 25))]
)
def test_it_queues_for_the_next_digest(room: Newsroom, wall: str, expected: date) -> None:
    with clock.travel(local("2026-11-24", wall)):
        assert posts.add(room, Written("Markt")).on == expected


def test_it_queues_for_tomorrow_when_todays_digest_is_used(room: Newsroom) -> None:
    with clock.travel(local("2026-11-24", "10:00")):
        broadcast()
        assert posts.add(room, Written("Markt")).on == date(2026, 11, 25)


def test_it_queues_for_a_day_with_a_digest(tmp_path: Path) -> None:
    mondays = newsroom(tmp_path, digest=DigestSettings(weekdays=("mon",)))
    with clock.travel(local("2026-11-24", "10:00")):
        assert posts.add(mondays, Written("Markt")).on == date(2026, 11, 30)


def test_it_withdraws_what_is_queued_only(room: Newsroom) -> None:
    post = posts.add(room, Written("Markt"))
    assert posts.withdraw(post.id).state == PostState.WITHDRAWN
    for number in (post.id, 99):
        with pytest.raises(PostError):
            posts.withdraw(number)


def test_it_lists_queued_ones_first(room: Newsroom) -> None:
    first = posts.add(room, Written("Alt"))
    posts.withdraw(first.id)
    posts.add(room, Written("Neu"))
    assert [post.title for post in posts.listing()] == ["Neu", "Alt"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.musterstadt.de/markt?a=1", "https://www.musterstadt.de/markt?a=1"),
        ("musterstadt.de", "https://musterstadt.de"),
        ("http://musterstadt.de", "http://musterstadt.de"),
    ],
)
def test_it_completes_a_link_as_people_write_it(room: Newsroom, typed: str, kept: str) -> None:
    assert posts.add(room, Written("Markt", link=typed)).link == kept


def test_it_takes_nothing_that_nobody_would_find_again(room: Newsroom) -> None:
    (problem,) = problems(room, on=clock.today(room.zone) + timedelta(days=367))
    assert "more than a year away" in problem


def test_it_expects_of_a_later_day_its_own_posts_only(room: Newsroom) -> None:
    with clock.travel(local(DAY.isoformat(), "10:00")):
        for on in (DAY, DAY + timedelta(days=1), DAY + timedelta(days=9)):
            posts.add(room, Written(f"{on:%d.%m.}", on=on))
        found = [
            [post.title for post in posts.expected(room, DAY + timedelta(days=days))]
            for days in (0, 1, 9)
        ]
    assert found == [["24.11."], ["25.11."], ["03.12."]]


def test_it_drops_pictures_that_no_post_has(room: Newsroom, tmp_path: Path) -> None:
    stray = post_pictures.keep(room, picture(tmp_path))
    post = posts.add(room, Written("Markt"), image=picture(tmp_path))
    (room.media / "something.txt").write_text("not ours")
    assert post_pictures.drop_strays(room, clock.now()) == 0  # a form may still be open
    assert post_pictures.drop_strays(room, clock.now() + timedelta(days=3)) == 1
    assert {path.name for path in room.media.iterdir()} == {post.image, "something.txt"}
    assert stray != post.image


def test_it_sends_no_draft(room: Newsroom) -> None:
    draft = posts.add(room, Written("Entwurf"), state=PostState.DRAFT)
    queued = posts.add(room, Written("Markt"))
    past = posts.withdraw(posts.add(room, Written("Fort")).id)
    assert posts.queued(draft.on) == [queued]
    assert posts.drafts() == [draft]
    assert posts.listing() == [queued, draft, past]
    assert posts.past() == [past]
    posts.queue(room, draft.id, version=1, by="presse")
    assert posts.queued(draft.on) == [draft, queued]
