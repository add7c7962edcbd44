"""The contact card: with it the sender has a name and a picture on a telephone.

Owns: vCard 3.0 (RFC 2426), which every telephone reads: how its lines are escaped and folded.
Never: what is said in it. Called by join.
"""

import base64
import io
import logging
import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from broadcasts.newsroom import pictures
from broadcasts.newsroom.pictures import PictureError

log = logging.getLogger(__name__)

LONGEST_LINE = 75
"""Bytes (RFC 2426 §2.6)."""

EDGE = 320
"""Pixels of the picture: some telephones drop a card of more than 100 kB."""


def card(*, name: str, numbers: Sequence[str], url: str, note: str, picture: Path | None) -> bytes:
    """A vCard of an office, not of a person. `numbers`: international; `picture`: left out where it
    cannot be read."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:;;;;",
        f"FN:{_escaped(name)}",
        f"ORG:{_escaped(name)}",
        "X-ABSHOWAS:COMPANY",
        *(f"TEL;TYPE=CELL:{number}" for number in numbers),
        f"URL:{url}",
        f"NOTE:{_escaped(note)}",
        # The same for each copy, so that a second one replaces the first.
        f"UID:urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}",
    ]
    if picture is not None and (photo := read(picture)):
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(photo).decode()}")
    lines.append("END:VCARD")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _escaped(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> Iterator[bytes]:
    """No sign is cut in two; what goes on begins with a blank."""
    part = b""
    for sign in line:
        raw = sign.encode()
        if len(part) + len(raw) > LONGEST_LINE:
            yield part
            part = b" "
        part += raw
    yield part


def read(path: Path) -> bytes | None:
    """A small square JPEG of it; None where there is no picture."""
    try:
        return _small(path, path.stat().st_mtime_ns)
    except (OSError, PictureError):
        log.warning("contact picture cannot be read")
        return None


@lru_cache(maxsize=1)
def _small(path: Path, version: int) -> bytes:
    # Here: it takes 2 MB in each process, and most of them never see a picture.
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(pictures.read(path))) as whole:
        out = io.BytesIO()
        ImageOps.pad(whole, (EDGE, EDGE), color="white").save(out, "JPEG", quality=80)
    return out.getvalue()
