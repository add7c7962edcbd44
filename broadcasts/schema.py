"""The schema: brought up to date by whichever process comes first.

Owns: running the migrations, one process at a time. Never: a table of its own. Called when a city
is opened (bot/app).
"""

import logging
import time
from importlib.resources import as_file, files

from playhouse.migrations import Runner

from broadcasts import db
from broadcasts.locks import Lock

log = logging.getLogger(__name__)


def migrate() -> list[str]:
    """Brings the schema up to date; returns the names of what was applied.

    Several processes start at once: one does it, the others wait for it.
    """
    with db.session(), as_file(files("broadcasts") / "migrations") as folder:
        lock = Lock("schema")
        while not lock.acquire():
            time.sleep(0.1)
        try:
            done = list(Runner(db.database.obj, str(folder)).up())
        finally:
            lock.release()
    for name in done:
        log.info("migrated name=%s", name)
    return done
