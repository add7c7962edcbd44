"""A copy of one's data as a file: JSON (Art. 20), the same to be read (Art. 15), and the pictures.

Owns: the ZIP and its readable text. Never: what belongs into a copy (export) or who may have it.
Used by bot/public and the command line.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from broadcasts.people import inbox
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.export import export


def archive(person: Subscriber, media: Path) -> bytes:
    """The ZIP, in memory: a person sends some pictures, not thousands."""
    data = export(person)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("daten.json", json.dumps(data, ensure_ascii=False, indent=2))
        file.writestr("lesbar.txt", "\n".join(readable(data)) + "\n")
        for name in inbox.files_of(person):
            path = inbox.path_of(media, name)
            if path.exists():
                # A picture is compressed already.
                file.write(path, f"{inbox.FOLDER}/{name}", zipfile.ZIP_STORED)
    return made.getvalue()


def readable(data: Mapping[str, Any]) -> Iterator[str]:
    """Line by line, nested parts set in; what is empty is left out."""
    for key, value in data.items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping):
            yield f"{key}:"
            yield from (f"  {line}" for line in readable(value))
        elif isinstance(value, list):
            yield f"{key}:"
            for part in value:
                lines = list(readable(part)) if isinstance(part, Mapping) else [str(part)]
                yield from (f"  {'-' if at == 0 else ' '} {line}" for at, line in enumerate(lines))
        else:
            yield f"{key}: {value}"
