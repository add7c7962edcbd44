"""One person on several channels: which rows belong together, and on which they are reached.

Owns: every change of `Subscriber.prefers`, with its evidence. Never: a code (privacy/link_codes) or
what is on its way (delivery/once). Called by bot/linking, joining and privacy.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcasts import db
from broadcasts.people import consent, subscribers
from broadcasts.people.consent import OPTING_IN, Consent, Deed
from broadcasts.people.pauses import longest
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants


@dataclass(frozen=True, kw_only=True)
class Word:
    """The person's own message: the proof."""

    at: datetime
    message_id: str
    keyword: str
    wording: str
    """Version of the welcome, as of any consent."""
    language: str


# ------------------------------------------------------------------ who belongs together


def others(person: Subscriber) -> list[Subscriber]:
    """The person's rows on other channels, the preferred one first; mostly none."""
    root = person.prefers or person.id
    rows = list(Subscriber.select().where(Subscriber.prefers == root).order_by(Subscriber.id))
    if person.prefers is not None:
        rows = [*Subscriber.select().where(Subscriber.id == root), *rows]
    return [row for row in rows if row.id != person.id]


def family(person: Subscriber) -> list[Subscriber]:
    """All rows of the person, this one first."""
    return [person, *others(person)]


def addresses_elsewhere(people: Mapping[int, int | None]) -> dict[int, set[str | None]]:
    """Person → the ids of all rows of those who are linked. `people`: id → `prefers`."""
    roots = {person: prefers or person for person, prefers in people.items()}
    wanted = set(roots.values())
    columns = (Subscriber.prefers, Subscriber.id, Subscriber.wa_id, Subscriber.bsuid)
    known: dict[int, set[str | None]] = defaultdict(set)
    for condition in (
        db.among(Subscriber.prefers, wanted) & Subscriber.prefers.is_null(False),
        db.among(Subscriber.id, wanted - roots.keys()),
    ):
        for prefers, id, *addresses in db.rows(Subscriber.select(*columns).where(condition)):
            known[prefers or id].update(addresses)
    return {person: known[root] for person, root in roots.items() if root in known}


def preferred(person: Subscriber) -> Subscriber | None:
    """Where this row's person is reached instead, if they are."""
    if person.prefers is None:
        return None
    found: Subscriber | None = Subscriber.get_or_none(Subscriber.id == person.prefers)
    return found if found is not None and found.wants in REACHED_BY_ALERTS else None


def may_connect(source: Subscriber, target: Subscriber) -> bool:
    """Two rows on different channels, so that a person has one on each at most."""
    rows = _together(source, target)
    return source.id != target.id and len({row.channel for row in rows}) == len(rows)


def share_choice(person: Subscriber) -> None:
    """A choice is the person's, on every messenger: one row that differs would get what fits them
    nowhere else. Theirs counts by which they are a reader already."""
    reader = next((row for row in others(person) if row.wants in REACHED_BY_ALERTS), None)
    if reader is not None:
        subscribers.select(person, reader.selection_id)


# ------------------------------------------------------------------ connecting, moving


def connect(source: Subscriber, target: Subscriber, word: Word, *, move: bool = False) -> None:
    """From now on one person, reached by `target`. Who is no reader there becomes one as they are
    on `source`: `word`, written there, is the proof. `move`: `source` is opted out."""
    rows = _together(source, target)
    pause = longest(rows)
    origin = _told_of(source, whole=move)
    if _takes_over(source, target):
        _take_over(source, target, word, origin)
    prefer(target, rows)
    for row in rows:
        row.selection_id = target.selection_id
    objected = min((row.objected_at for row in rows if row.objected_at), default=None)
    for row in rows:
        # A right holds for the person, whichever row it was exercised on.
        row.objected_at = objected
        row.paused_from, row.paused_until = pause
        row.save()
    proof = {"message_id": word.message_id, "keyword": word.keyword, "evidence": origin}
    consent.record(target, Deed.CONNECTED, at=word.at, **proof)
    consent.record(
        source, Deed.CONNECTED, at=word.at, evidence=f"connected from {target.channel} by a code"
    )
    if move:
        subscribers.opt_out(source, word.at)
        share_choice(source)
        consent.record(source, Deed.MOVED, at=word.at, evidence=f"moved to {target.channel}")


def _together(source: Subscriber, target: Subscriber) -> Sequence[Subscriber]:
    """Each row once, these two as the caller holds them."""
    rows = {target.id: target, source.id: source}
    for row in (*others(source), *others(target)):
        rows.setdefault(row.id, row)
    return list(rows.values())


def _takes_over(source: Subscriber, target: Subscriber) -> bool:
    """Of two readers whoever has said it later says what is wanted."""
    if target.wants not in REACHED_BY_ALERTS:
        return True
    is_more = (source.wants, target.wants) == (Wants.EVERYTHING, Wants.ALERTS_ONLY)
    return is_more and subscribers.later_word(target, source) is source


def _take_over(source: Subscriber, target: Subscriber, word: Word, origin: str) -> None:
    subscribers.opt_in(target, source.wants, word.at, word.language)
    subscribers.volunteer(target, drills=source.drills)
    subscribers.select(target, source.selection_id)
    everything = source.wants == Wants.EVERYTHING
    consent.record(
        target,
        Deed.OPT_IN if everything else Deed.ALERTS_ONLY,
        at=word.at,
        wording=word.wording,
        message_id=word.message_id,
        keyword=word.keyword,
        evidence=origin,
    )


def _told_of(source: Subscriber, *, whole: bool) -> str:
    """From which channel, and what was consented to there. No id of a message: the provider writes
    the number into it, and this row may outlive that one."""
    query = Consent.select().where(Consent.subscriber == source).order_by(Consent.at, Consent.id)
    rows = list(query if whole else query.where(Consent.deed.in_(OPTING_IN)))
    told = [_in_words(row) for row in (rows if whole else rows[-1:])]
    verb = "moved" if whole else "connected"
    return "; ".join([f"{verb} from {source.channel}", *told])


def _in_words(row: Consent) -> str:
    parts = (row.wording, row.keyword and f'"{row.keyword}"', row.evidence)
    return " ".join([f"{row.at:%Y-%m-%dT%H:%M:%SZ}", str(row.deed), *filter(None, parts)])


# ------------------------------------------------------------------ who is preferred


def prefer(target: Subscriber, rows: Iterable[Subscriber]) -> None:
    """All of them are reached by `target`."""
    for row in rows:
        row.prefers = None if row.id == target.id else target.id
        row.save()


def part(person: Subscriber) -> Sequence[Subscriber]:
    """This row is on its own from now on; who is left stays together. Returns them."""
    left = others(person)
    if person.prefers is None and left:
        first = next((row for row in left if row.wants in REACHED_BY_ALERTS), left[0])
        prefer(first, left)
    if person.prefers is not None:
        person.prefers = None
        person.save()
    return left


def part_by(person: Subscriber, word: Word) -> Sequence[Subscriber]:
    """The same at the person's own word, with its evidence."""
    left = part(person)
    for row in left:
        evidence = f"parted from {person.channel}"
        consent.record(row, Deed.PARTED, at=word.at, evidence=evidence)
    if left:
        proof = {"message_id": word.message_id, "keyword": word.keyword}
        consent.record(person, Deed.PARTED, at=word.at, **proof)
    return left


def merge(keeper: Subscriber, other: Subscriber) -> None:
    """Two rows of one channel turn out to be one, and `other` goes: its link goes over, unless the
    keeper has one."""
    if others(keeper):
        part(other)
    elif other.prefers is not None:
        keeper.prefers = other.prefers
    else:
        Subscriber.update(prefers=keeper.id).where(Subscriber.prefers == other.id).execute()
    other.prefers = None
