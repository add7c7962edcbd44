"""Three people chat, one erases herself: no file of the installation holds anything of her, and
everything of the others is as it was."""

import io
import json
import logging
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest

from broadcasts import clock, db
from broadcasts.delivery.outbox import Delivery
from broadcasts.people import inbox
from broadcasts.people.inbox import Picture, PictureState
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import archive, backups, erasure_log, errands, search
from broadcasts.privacy.export import export
from broadcasts.privacy.traces import Wanted, wanted
from tests.patience import wait_until
from tests.postgres import use_programs
from tests.stories.telling import digest
from tests.system import System

KEY = archive.new_key()
STREETS = {51: "Zypressenweg", 52: "Lindenallee", 53: "Buchenhain"}


@pytest.fixture
def logged(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Everything that anybody logs at any level that is ours, in a file of the installation."""
    use_programs(monkeypatch)
    env = system.config.parent / ".env"
    env.write_text(f"{env.read_text()}BACKUP_KEY={KEY}\n")
    path = system.config.parent / "stadtbote.log"
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield path
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


def chat(system: System, last: int) -> Wanted:
    """One person says everything that one can say; gives what is to be looked for."""
    phone = system.phone(last)
    phone.text("Start")
    phone.wait_for(1)
    phone.text(f"Die Ampel am {STREETS[last]} ist kaputt")
    phone.wait_for(2)
    phone.image(f"So sieht es am {STREETS[last]} aus")
    phone.voice()
    system.settle()
    person = phone.person
    found = search.meant(system.city.channels, person.wa_id)
    return wanted(found[0], (STREETS[last], person.name))


def of(last: int) -> Subscriber:
    return Subscriber.get(Subscriber.wa_id == f"49176040690{last}")


def picture(system: System, last: int) -> Path:
    (name,) = inbox.files_of(of(last))
    return inbox.path_of(system.city.config.media_dir, name)


def held(system: System, last: int) -> Any:
    return json.dumps(export(of(last)), sort_keys=True), picture(system, last).read_bytes()


def whole_installation(system: System) -> dict[str, bytes]:
    """Every file, and on PostgreSQL a dump of everything, the log of erasures too."""
    folder = system.config.parent
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if not db.is_sqlite():
        words = ["pg_dump", "--dbname", system.city.config.database_url]
        found["dump"] = subprocess.run(words, capture_output=True, check=True).stdout
    return found


def unsealed(backup: backups.Backup, folder: Path) -> dict[str, bytes]:
    """What somebody with the key finds in it."""
    plain = pyrage.decrypt(backup.path.read_bytes(), [pyrage.x25519.Identity.from_str(KEY)])
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            found[member.name] = file.read()
    if "database.pgdump" in found:
        dump = folder / "dump"
        dump.write_bytes(found["database.pgdump"])
        words = ["pg_restore", "--file=-", str(dump)]
        found["database"] = subprocess.run(words, capture_output=True, check=True).stdout
    return found


def test_it_leaves_nothing_of_one_of_three(system: System, logged: Path, tmp_path: Path) -> None:
    hers, *others = [chat(system, last) for last in STREETS]
    digest(system)
    wait_until(lambda: all(len(system.phone(last).messages) >= 3 for last in STREETS))
    waiting = Picture.state == PictureState.WAITING
    wait_until(lambda: not Picture.select().where(waiting).exists())
    system.settle()
    file, kept = picture(system, 51), [held(system, last) for last in (52, 53)]
    figures = Delivery.select().where(Delivery.broadcast.is_null(False)).count()
    before = whole_installation(system)
    assert any(hers.is_in(content) for content in before.values())

    phone = system.phone(51)
    seen = len(phone.messages)
    phone.text("Alle Daten löschen")
    phone.wait_for(seen + 1)
    system.settle()
    place = search.Places(
        folder=system.config.parent, media=system.city.config.media_dir, logs=None
    )
    asked = search.meant(system.city.channels, "+49 176 04069051")
    # By itself, with the receipt and what the provider is asked (invariant 8).
    wait_until(lambda: not search.everywhere(place, asked, [STREETS[51]]))
    wait_until(lambda: not errands.Errand.select().exists())

    for name, content in whole_installation(system).items():
        assert not hers.is_in(content), name
    for name, content in unsealed(backups.make(system.city.backup_source()), tmp_path).items():
        assert not hers.is_in(content), name
    assert not file.exists()
    assert [held(system, last) for last in (52, 53)] == kept
    after = b"".join(whole_installation(system).values())
    assert all(other.is_in(after) for other in others)
    assert Delivery.select().where(Delivery.broadcast.is_null(False)).count() == figures
    assert logged.read_text()
    code = re.search(r"[A-HJ-NP-Z2-9]{10}", phone.bodies[seen])
    assert code
    found = erasure_log.verify(code[0], system.city.key)
    assert found is not None
    assert found.provider == erasure_log.Provider.DONE
    assert found.erased_at <= clock.now()
