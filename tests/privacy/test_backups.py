"""Backups: whole, encrypted, gone in time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest

from bot import checks
from bot.city import City
from broadcasts import clock, db
from broadcasts.channels.base import Text
from broadcasts.delivery import outbox
from broadcasts.privacy import (
    archive,
    backups,
    erasure,
)
from broadcasts.privacy.backups import BackupError
from broadcasts.privacy.erasure_log import ErasureKey
from tests.delivery.makers import reader
from tests.privacy.makers import decrypted, made, with_picture
from tests.privacy.test_erasure import lively


def test_it_holds_database_pictures_and_configuration_and_no_secret(city: City) -> None:
    picture = with_picture(city, 1)
    found = decrypted(made(city))
    assert found[f"media/inbox/{picture.name}"] == b"picture of 1"
    assert found["config.toml"] == city.config.path.read_bytes()
    database = next(content for name, content in found.items() if name.startswith("database."))
    assert b"subscriber" in database
    assert not any(city.config.secret_key.encode() in content for content in found.values())
    assert not any(b"erasure_key" in content for content in found.values())


def test_it_shows_nothing_to_who_has_no_key(city: City) -> None:
    lively(1)
    backup = made(city)
    raw = backup.path.read_bytes()
    assert b"4917604069001" not in raw
    assert b"subscriber" not in raw
    assert backup.path.stat().st_mode & 0o077 == 0
    with pytest.raises(pyrage.DecryptError):
        decrypted(backup, archive.new_key())


def test_it_leaves_nothing_in_the_clear(city: City) -> None:
    lively(1)
    backup = made(city)
    left = {path.name for path in city.config.backup_dir.iterdir()}
    assert left == {backup.path.name, ".lock"}


def test_it_takes_no_address_of_somebody_just_erased_along(city: City) -> None:
    person = reader(1)
    outbox.receipt(
        "whatsapp", "1", person.address, Text("x"), expires_at=clock.now() + timedelta(seconds=60)
    )
    erasure.erase(person, key=city.key, before=clock.now(), media=city.config.media_dir)
    found = decrypted(made(city))
    if db.is_sqlite():
        assert b"4917604069001" not in found["database.sqlite"]


def test_it_is_refused_without_a_key(city: City) -> None:
    (city.config.folder / ".env").write_text("SECRET_KEY=x")
    with pytest.raises(BackupError, match="BACKUP_KEY is missing"):
        made(city)
    assert not city.config.backup_dir.exists()


def test_it_is_refused_with_a_key_of_another_kind(city: City) -> None:
    (city.config.folder / ".env").write_text("BACKUP_KEY=secret")
    with pytest.raises(BackupError, match="no age key"):
        made(city)


def test_it_goes_when_its_time_has_come(city: City) -> None:
    backup = made(city)
    folder = city.config.backup_dir
    (folder / ".making").mkdir()  # of a process that was killed
    (folder / "letter.age").write_bytes(b"not ours")
    keep = timedelta(days=30)
    assert backups.prune(folder, 30, backup.made_at + keep - timedelta(seconds=1)) == 0
    assert backups.listing(folder) == [backup]
    assert backups.prune(folder, 30, backup.made_at + keep) == 1
    assert {path.name for path in folder.iterdir()} == {"letter.age", ".lock"}


def test_it_notices_what_has_not_been_written_well(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = backups._write

    def torn(*arguments: object) -> backups.Contents:
        contents = whole(*arguments)
        path = arguments[1]
        assert isinstance(path, Path)
        path.write_bytes(path.read_bytes()[:-100])
        return contents

    monkeypatch.setattr(backups, "_write", torn)
    with pytest.raises(BackupError, match="damaged"):
        made(city)
    assert backups.listing(city.config.backup_dir) == []


def is_missed(city: City) -> bool:
    (check,) = [check for check in checks.warn(city) if check.id == "backup"]
    return not check.ok


def test_it_is_missed_where_none_was_made_for_a_day(city: City) -> None:
    assert not is_missed(city)  # installed just now
    ErasureKey.update(since=clock.now() - timedelta(hours=27)).execute()
    assert is_missed(city)
    made(city)
    assert not is_missed(city)
    with clock.travel(clock.now() + timedelta(hours=27)):
        assert is_missed(city)
        elsewhere = replace(city.settings.backup, elsewhere=True)
        settings = replace(city.settings, backup=elsewhere)
        assert not is_missed(replace(city, config=replace(city.config, settings=settings)))
