"""A backup's envelope: a tar, encrypted in the age format while it is written.

Owns: keys, writing and reading such a file as a stream. Never: what is in it (backups). The
standard tool opens it, too: `age -d -i KEYFILE FILE | tar t` (age-encryption.org/v1).
"""

import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


class ArchiveError(Exception):
    """It cannot be written or read; says why."""


def new_key() -> str:
    import pyrage

    return str(pyrage.x25519.Identity.generate())


def _identity(key: str) -> Any:
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(key)
    except pyrage.IdentityError as error:
        raise ArchiveError("BACKUP_KEY is no age key (AGE-SECRET-KEY-1…)") from error


class Writer:
    """Puts members into the tar; a file that vanishes meanwhile is left out."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add_bytes(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                member = tarfile.TarInfo(name)
                stat = os.fstat(file.fileno())
                member.size, member.mode, member.mtime = stat.st_size, 0o600, stat.st_mtime
                self._tar.addfile(member, file)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def writing(target: Path, key: str) -> Iterator[Writer]:
    """A new file, readable for nobody else, complete and on the disk at the end of the block."""
    import pyrage

    recipient = _identity(key).to_public()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:

        def encrypt(source: IO[bytes]) -> None:
            pyrage.encrypt_io(source, out, [recipient])

        with (
            _through(encrypt, is_source=True) as pipe,
            tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield Writer(tar)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def reading(source: Path, key: str) -> Iterator[tarfile.TarFile]:
    """The tar, to be read once from front to back. Raises ArchiveError where the key is another,
    or a single byte has changed."""
    import pyrage

    identity = _identity(key)
    with source.open("rb") as encrypted:

        def decrypt(target: IO[bytes]) -> None:
            try:
                pyrage.decrypt_io(encrypted, target, [identity])
            except BrokenPipeError:
                raise  # only because nobody reads on
            except (pyrage.DecryptError, OSError) as error:
                # What is wrong further back than the head comes as an OSError.
                text = "cannot be decrypted: damaged, or made with another key"
                raise ArchiveError(text) from error

        try:
            with (
                _through(decrypt, is_source=False) as pipe,
                tarfile.open(fileobj=pipe, mode="r|") as tar,
            ):
                yield tar
        except tarfile.TarError as error:
            raise ArchiveError("is damaged, or no backup") from error


@contextmanager
def _through(work: Callable[[IO[bytes]], None], *, is_source: bool) -> Iterator[IO[bytes]]:
    """Runs `work` beside the block, a pipe between them; gives the block's end of it. What goes
    wrong in `work` is raised after the block, and in place of what that made go wrong here."""
    read_from, write_to = os.pipe()
    read_end, write_end = os.fdopen(read_from, "rb"), os.fdopen(write_to, "wb")
    theirs, ours = (read_end, write_end) if is_source else (write_end, read_end)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="archive")
    thread.start()
    try:
        with ours:
            yield ours
            if not is_source:
                # To the end: only then is it certain that nothing is missing.
                while ours.read(1 << 20):
                    pass
    except Exception:
        thread.join()
        if failed and not _is_echo(failed[0]):
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]


def _is_echo(error: BaseException) -> bool:
    """Only because the block has closed its end."""
    return isinstance(error, BrokenPipeError)
