"""Which files hold a person, byte by byte: in a process of its own.

Owns: reading files. Never: a database connection, and nothing of what it looks for on its command
line. Started by search: a process that opens and closes one of SQLite's own files loses all its
locks on it, and with them what it has committed (sqlite.org/howtocorrupt.html, 2.2).
"""

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from broadcasts.channels.base import Address
from broadcasts.privacy.traces import Wanted, wanted

PIECE = 4 * 1024 * 1024
OVERLAP = 1024
"""Bytes: longer than anything that is looked for."""


def find(addresses: Iterable[Address], words: Sequence[str], paths: Iterable[Path]) -> list[str]:
    """Where one of them stands: "file …" or "name of a file in …", once each."""
    task = {
        "addresses": [[address.wa_id, address.bsuid] for address in addresses],
        "words": list(words),
        "paths": [str(path) for path in paths],
    }
    command = [sys.executable, "-m", "broadcasts.privacy.byte_search"]
    done = subprocess.run(
        command, input=json.dumps(task), capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def main() -> None:
    task = json.load(sys.stdin)
    words = tuple(task["words"])
    looked_for = [wanted(Address(*pair), words) for pair in task["addresses"]]
    paths = [Path(path) for path in task["paths"]]
    found = {where for path in paths for who in looked_for for where in _in_file(path, who)}
    json.dump(sorted(found), sys.stdout)


def _in_file(path: Path, who: Wanted) -> Iterator[str]:
    # What vanishes meanwhile holds nothing; what cannot be read is somebody else's.
    with suppress(FileNotFoundError, PermissionError):
        is_named = who.is_in(path.name.encode())
        if is_named:
            yield f"name of a file in {path.parent}"
        if _holds(path, who):
            # A name that holds the number is not shown.
            yield f"file {path.parent if is_named else path}"


def _holds(path: Path, who: Wanted) -> bool:
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        try:
            return any(who.is_in(piece) for piece in _pieces(file))
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return who.is_in(path.read_bytes())


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Overlapping, so that nothing is cut in two."""
    kept = b""
    while piece := file.read(PIECE):
        yield kept + piece
        kept = (kept + piece)[-OVERLAP:]


if __name__ == "__main__":
    main()
