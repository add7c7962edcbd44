"""The link to one's copy: once, for a day, of one person."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import clock
from broadcasts.people import inbox
from broadcasts.privacy import copies
from broadcasts.privacy.copies import CopyLink
from broadcasts.privacy.portable import archive
from tests.delivery.makers import reader
from tests.newsroom.makers import newsroom
from tests.privacy.test_erasure import KEY, lively

pytestmark = pytest.mark.usefixtures("database")


def test_it_works_once_and_looking_does_not_use_it_up() -> None:
    person, now = reader(1), clock.now()
    token = copies.offer(person, key=KEY, now=now)
    for _ in range(2):
        assert copies.find(token, key=KEY, now=now) == person
    assert copies.take(token, key=KEY, now=now) == person
    assert copies.take(token, key=KEY, now=now) is None
    assert copies.find(token, key=KEY, now=now) is None


def test_it_works_for_a_day() -> None:
    now = clock.now()
    token = copies.offer(reader(1), key=KEY, now=now)
    late = now + timedelta(days=1)
    assert copies.find(token, key=KEY, now=late - timedelta(seconds=1))
    assert copies.take(token, key=KEY, now=late) is None


def test_it_replaces_an_earlier_link_and_keeps_only_a_hash() -> None:
    person, now = reader(1), clock.now()
    first, second = (copies.offer(person, key=KEY, now=now) for _ in range(2))
    assert copies.find(first, key=KEY, now=now) is None
    (row,) = list(CopyLink.select())
    assert second not in str(row.__data__)
    assert copies.find(second, key=b"another", now=now) is None


def test_it_forgets_links_that_ran_out() -> None:
    now = clock.now()
    copies.offer(reader(1), key=KEY, now=now)
    assert copies.forget_old(now) == 0
    assert copies.forget_old(now + timedelta(days=1)) == 1


def test_it_packs_text_json_and_the_persons_own_pictures(tmp_path: Path) -> None:
    one, two = lively(1), lively(2)
    for person in (one, two):
        (name,) = inbox.files_of(person)
        path = inbox.path_of(tmp_path, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(person.wa_id.encode())
    packed = zipfile.ZipFile(io.BytesIO(archive(one, newsroom(tmp_path))))
    (name,) = inbox.files_of(one)
    assert sorted(packed.namelist()) == ["daten.json", f"inbox/{name}", "lesbar.txt"]
    assert json.loads(packed.read("daten.json"))["wa_id"] == "4917604069001"
    assert packed.read(f"inbox/{name}") == b"4917604069001"
    text = packed.read("lesbar.txt").decode("utf-8-sig")
    assert "Weg 1" in text
    assert "Weg 2" not in text
