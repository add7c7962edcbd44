"""A city whose backups can be made and put back."""

import io
import tarfile
from pathlib import Path

import pyrage

from bot import restore
from bot.city import City
from broadcasts import clock
from broadcasts.delivery import heartbeats
from broadcasts.people import inbox
from broadcasts.people.inbox import Picture, PictureState
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import (
    archive,
    backups,
    erasure,
    errands,
)
from broadcasts.privacy.backups import Backup
from tests.privacy.test_erasure import lively

BACKUP_KEY = archive.new_key()


def made(city: City) -> Backup:
    return backups.make(city.backup_source())


def put_back(
    city: City,
    backup: Backup,
    *,
    nothing_went_out: bool = False,
    without_erasure_log: bool = False,
) -> restore.Done:
    heartbeats.Heartbeat.delete().execute()
    return restore.run(
        city,
        backup.path,
        nothing_went_out=nothing_went_out,
        without_erasure_log=without_erasure_log,
    )


def erase(city: City, person: Subscriber) -> str:
    receipt = erasure.erase(person, key=city.key, before=clock.now(), media=city.config.media_dir)
    errands.give_up()
    return receipt.code


def with_picture(city: City, number: int) -> Path:
    person = lively(number)
    (name,) = inbox.files_of(person)
    path = inbox.path_of(city.config.media_dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"picture of {number}".encode())
    Picture.update(state=PictureState.KEPT, due_at=None).where(Picture.file == name).execute()
    return path


def decrypted(backup: Backup, key: str = BACKUP_KEY) -> dict[str, bytes]:
    """As the standard tool would."""
    plain = pyrage.decrypt(backup.path.read_bytes(), [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}
