"""After a restore: what persons had asked for since the backup is done once more.

Owns: erasures and opt-outs repeated, and what belonged to them in raw texts, proofs and pictures.
Never: a row of the logs it reads. Called by bot/restore; safe to repeat.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from broadcasts import clock, db
from broadcasts.delivery import endings
from broadcasts.delivery.outbox import Delivery
from broadcasts.journal import StrangeEntry
from broadcasts.people import consent, inbox, subscribers
from broadcasts.people.inbox import Picture
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import erasure, erasure_log, opt_outs, proofs
from broadcasts.privacy.errands import Errand

MARGIN = timedelta(minutes=1)
"""An erasure is dated a little before it is committed: it may be missing in a backup that was begun
in between."""

EVIDENCE = "opted out after the backup that was put back"


def repeat_erasures(made_at: datetime, *, key: bytes, media: Path) -> int:
    """Whoever was erased since the backup goes once more. Returns how many."""
    # They belong to an erasure of the time of the backup, which is over.
    Errand.delete().execute()
    Delivery.delete().where(Delivery.address.is_null(False)).execute()
    entries = erasure_log.since(made_at - MARGIN)
    erased: dict[tuple[str, str], datetime] = {}
    for entry in entries:
        proofs.drop_marked(entry.proof_hashes.split())
        for mark in filter(None, (entry.wa_id_hash, entry.bsuid_hash)):
            known = erased.setdefault((entry.channel, mark), entry.before)
            erased[entry.channel, mark] = max(known, entry.before)
    gone = 0
    living = list(erasure_log.living_keys(key, clock.now()).values())
    for person in _everybody() if erased else ():
        marks = {(person.channel, mark) for mark in erasure_log.marks(person, living)}
        # Who came back after it has a row that is younger.
        if any(person.created_at <= erased[mark] for mark in marks & erased.keys()):
            erasure.remove(person, key=key, media=media)
            gone += 1
    for row in list(StrangeEntry.select()):
        if erasure_log.names_erased(row.channel, row.body, key):
            StrangeEntry.delete().where(StrangeEntry.id == row.id).execute()
    _drop_strays(media)
    db.truncate_log()
    return gone


def repeat_opt_outs(made_at: datetime, *, key: bytes) -> int:
    """Whoever wrote "Stopp" since the backup gets nothing here either. Returns how many."""
    left = opt_outs.since(made_at - MARGIN)
    living = list(erasure_log.living_keys(key, clock.now()).values())
    stopped = 0
    for person in _everybody() if left else ():
        times = [left[mark] for mark in erasure_log.marks(person, living) & left.keys()]
        if times and _still_counts(person, max(times)):
            with db.transaction():
                subscribers.opt_out(person, max(times))
                consent.record(person, consent.Deed.OPT_OUT, at=max(times), evidence=EVIDENCE)
                endings.skip_broadcasts(person.id)
            stopped += 1
    return stopped


def _still_counts(person: Subscriber, at: datetime) -> bool:
    came_later = person.opted_in_at is not None and person.opted_in_at > at
    return subscribers.would_read(person) and not came_later


def _everybody() -> Iterator[Subscriber]:
    last = 0
    while page := list(
        Subscriber.select().where(Subscriber.id > last).order_by(Subscriber.id).limit(500)
    ):
        yield from page
        last = page[-1].id


def _drop_strays(media: Path) -> None:
    """Pictures whose rows are gone, or were never in this database."""
    folder = media / inbox.FOLDER
    known = {row[0] for row in db.rows(Picture.select(Picture.file))}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known:
            path.unlink()
