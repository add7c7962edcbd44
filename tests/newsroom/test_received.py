"""Pictures that citizens send: fetched once, looked at, kept without their place, or given up."""

import io
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox.attachments import photograph
from broadcasts import clock
from broadcasts.channels.base import Outcome, ProviderError
from broadcasts.newsroom import received
from broadcasts.people import inbox
from broadcasts.people.inbox import Picture, PictureState
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader
from tests.fakes import FakeChannel
from tests.people.test_inbox import write

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


def fetch(channel: FakeChannel, media: Path, *, later: timedelta = timedelta(0)) -> int:
    return received.fetch_due({channel.kind: channel}, media, clock.now() + later)


def sent() -> Picture:
    """A picture of somebody, to be fetched."""
    write(reader(1), "", kind="image")
    return get()


def get() -> Picture:
    found: Picture = Picture.select().get()
    return found


def test_it_keeps_a_picture_without_its_place(channel: FakeChannel, tmp_path: Path) -> None:
    picture = sent()
    channel.files["77"] = photograph()
    assert Image.open(io.BytesIO(photograph())).getexif().get_ifd(0x8825)
    assert fetch(channel, tmp_path) == 1
    assert get().state == PictureState.KEPT
    path = inbox.path_of(tmp_path, picture.file)
    with Image.open(path) as found:
        assert found.format == "JPEG"
        assert dict(found.getexif()) == {}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert fetch(channel, tmp_path, later=timedelta(days=1)) == 0


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"GIF89a", b"", b"\xff\xd8\xff"])
def test_it_keeps_nothing_but_pictures(
    channel: FakeChannel, tmp_path: Path, content: bytes
) -> None:
    sent()
    channel.files["77"] = content
    fetch(channel, tmp_path)
    assert (get().state, get().why) == (PictureState.REFUSED, "no_picture")
    assert not (tmp_path / inbox.FOLDER).exists()


def test_it_tries_again_what_may_still_come(channel: FakeChannel, tmp_path: Path) -> None:
    sent()
    channel.files["77"] = ProviderError(Outcome.NETWORK, "x", "no answer")
    assert fetch(channel, tmp_path) == 1
    assert fetch(channel, tmp_path) == 0
    channel.files["77"] = photograph()
    assert fetch(channel, tmp_path, later=received.WAITS[0] + timedelta(seconds=1)) == 1
    assert (get().state, get().tries) == (PictureState.KEPT, 2)


def test_it_gives_up_in_the_end(channel: FakeChannel, tmp_path: Path) -> None:
    sent()
    channel.files["77"] = ProviderError(Outcome.TRANSIENT, "131000", "trouble")
    for _ in range(len(received.WAITS)):
        assert fetch(channel, tmp_path, later=timedelta(days=1)) == 1
        assert get().state == PictureState.WAITING
    assert fetch(channel, tmp_path, later=timedelta(days=1)) == 1
    assert (get().state, get().due_at) == (PictureState.REFUSED, None)


def test_it_does_not_ask_twice_for_what_is_gone(channel: FakeChannel, tmp_path: Path) -> None:
    sent()
    assert fetch(channel, tmp_path) == 1
    assert (get().state, get().why) == (PictureState.REFUSED, "media")


def test_it_fetches_again_after_a_crash_in_between(channel: FakeChannel, tmp_path: Path) -> None:
    """Killed while fetching, or after the file was half written."""
    picture = sent()
    channel.files["77"] = photograph()
    assert received._claim(picture.id, clock.now())
    path = inbox.path_of(tmp_path, picture.file)
    path.parent.mkdir()
    path.write_bytes(b"half")
    assert fetch(channel, tmp_path) == 0
    assert fetch(channel, tmp_path, later=received.LEASE + timedelta(seconds=1)) == 1
    assert get().state == PictureState.KEPT
    assert [file.name for file in path.parent.iterdir()] == [picture.file]
    with Image.open(path) as found:
        assert found.size == (640, 480)


def test_it_is_fetched_by_one_of_two_workers() -> None:
    picture, now = sent(), clock.now()
    assert [received._claim(picture.id, now) for _ in range(2)] == [True, False]


def test_it_leaves_no_file_of_somebody_erased_meanwhile(tmp_path: Path) -> None:
    class Erasing(FakeChannel):
        def fetch_media(self, media: str, *, most: int) -> bytes:
            Subscriber.delete().execute()
            return photograph()

    sent()
    assert fetch(Erasing(), tmp_path) == 1
    assert not (tmp_path / inbox.FOLDER).exists()


def test_it_survives_a_full_disk(channel: FakeChannel, tmp_path: Path) -> None:
    sent()
    channel.files["77"] = photograph()
    (tmp_path / inbox.FOLDER).write_bytes(b"a file where the folder should be")
    assert fetch(channel, tmp_path) == 1
    assert get().state == PictureState.WAITING
