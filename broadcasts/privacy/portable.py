"""A copy of one's data as a file: text (Art. 15), JSON (Art. 20), pictures.

Owns: the ZIP. Never: what belongs into a copy (export), its words (readable), or who may have it.
Used by bot/public, the desk and the command line.
"""

import io
import json
import zipfile

from broadcasts.newsroom.context import Newsroom
from broadcasts.people import inbox
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import readable
from broadcasts.privacy.export import export


def archive(person: Subscriber, room: Newsroom) -> bytes:
    """The ZIP, in memory: a person sends some pictures, not thousands."""
    data = export(person)
    text = "\n".join(readable.write(data, room, person.language)) + "\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        # With a mark of its encoding: some editors take a text for one of another century.
        file.writestr("lesbar.txt", f"\ufeff{text}")
        file.writestr("daten.json", json.dumps(data, ensure_ascii=False, indent=2))
        for name in inbox.files_of(person):
            path = inbox.path_of(room.media, name)
            if path.exists():
                # A picture is compressed already.
                file.write(path, f"{inbox.FOLDER}/{name}", zipfile.ZIP_STORED)
    return made.getvalue()
