"""A copy of one's data as a text that its person can read, in their language (Art. 12 and 15 GDPR).

Owns: the order of its sections, and in which words each value is said (copy_texts). Never: what
belongs into a copy (export); a value it does not know is shown all the same. Used by portable and
the command line.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from broadcasts import clock
from broadcasts.channels.base import unpack
from broadcasts.newsroom import subjects, wording
from broadcasts.newsroom.context import Newsroom
from broadcasts.people.inbox import Direction
from broadcasts.settings import LANGUAGES

Copy = Mapping[str, Any]
Rows = Sequence[tuple[str, str]]
"""(key in the copy, how it is said): a way of WAYS, or a table of words."""

WHO: Rows = (
    ("channel", "channel"),
    ("wa_id", "number"),
    ("bsuid", "plain"),
    ("called", "quoted"),
    ("account", "plain"),
    ("language", "language"),
    ("created_at", "moment"),
    ("last_inbound_at", "moment"),
    ("window_closes_at", "moment"),
    ("acknowledged_at", "moment"),
    ("note", "plain"),
    ("restricted_at", "moment"),
    ("objected_at", "moment"),
    ("copy_link_until", "moment"),
    ("link_code_until", "moment"),
)
GETS: Rows = (
    ("wants", "wants"),
    ("selection", "names"),
    ("drills", "whether"),
    ("paused_from", "day"),
    ("paused_until", "day"),
    ("reader_since", "moment"),
    ("opted_in_at", "moment"),
    ("opted_out_at", "moment"),
    ("wants_before", "wants"),
    ("asked_at", "moment"),
    ("unreachable_days", "plain"),
    ("unreachable_on", "day"),
    ("in_touch_on", "day"),
    ("linked_on", "channels"),
    ("prefers", "channel"),
)
CONSENTS: Rows = (
    ("channel", "channel"),
    ("keyword", "quoted"),
    ("wording", "plain"),
    ("message_id", "plain"),
    ("evidence", "plain"),
)
CONVERSATION: Rows = (
    ("last_at", "moment"),
    ("waiting_since", "moment"),
    ("due_by", "moment"),
    ("is_assigned", "whether"),
    ("checked_at", "moment"),
    ("closed_at", "moment"),
    ("is_rating_asked", "whether"),
)
MESSAGES: Rows = (
    ("text", "quoted"),
    ("kind", "message"),
    ("media", "plain"),
    ("delivery_id", "plain"),
)
PICTURE: Rows = (
    ("file", "plain"),
    ("state", "picture"),
    ("tries", "plain"),
    ("due_at", "moment"),
    ("why", "plain"),
)
SENT: Rows = (
    ("on", "day"),
    ("content", "content"),
    ("state", "state"),
    ("attempt", "plain"),
    ("sending_at", "moment"),
    ("changed_at", "moment"),
    ("message_id", "plain"),
    ("code", "plain"),
    ("id", "plain"),
)
EVENTS: Rows = (("attempt", "plain"), ("code", "plain"), ("category", "plain"))

HEADS: Mapping[str, Sequence[str]] = {
    "": ("evidence", "conversation", "messages", "deliveries"),
    "evidence": ("at", "deed"),
    "messages": ("at", "direction", "picture"),
    "deliveries": ("kind", "title", "events"),
    "events": ("receipt", "at"),
}
"""Part of the copy → what is said of it by its headline, or as a part of its own."""

INSET = "    "


@cache
def _words(language: str) -> Mapping[str, Any]:
    path = files("broadcasts.privacy") / "copy_texts" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Reader:
    """In which words, and by which clock."""

    room: Newsroom
    language: str

    @property
    def words(self) -> Mapping[str, Any]:
        return _words(self.language if self.language in LANGUAGES else self.room.language)

    def rows(self, part: str, rows: Rows, data: Copy) -> Iterator[str]:
        for key, how in rows:
            if (value := data.get(key)) not in (None, "", [], {}):
                yield f"{self.words[part][key]}: {self.tell(how, value)}"

    def quoted(self, text: str) -> str:
        return str(self.words["quoted"]).format(text=text)

    def tell(self, how: str, value: Any) -> str:
        if how in WAYS:
            return WAYS[how](self, value)
        return str(self.words["words"][how].get(value, value))


def _moment(reader: Reader, value: str) -> str:
    at = datetime.fromisoformat(value).astimezone(reader.room.zone)
    day = f"{at:{reader.words['date']}}"
    return str(reader.words["moment"]).format(day=day, time=f"{at:%H:%M}")


def _day(reader: Reader, value: str) -> str:
    return f"{date.fromisoformat(value):{reader.words['date']}}"


def _content(reader: Reader, value: Copy) -> str:
    """Word for word, as the phone showed it, with its picture and buttons."""
    lines = wording.content_as_shown(reader.room, unpack(value)).splitlines()
    labels = reader.words["sent"]
    if value.get("picture"):
        lines.append(f"{labels['picture']}: {value['picture']}")
    if buttons := [str(one["label"]) for one in value.get("buttons", ())]:
        lines.append(f"{labels['buttons']}: {', '.join(buttons)}")
    return "".join(f"\n{INSET}{line}" for line in lines)


WAYS: Mapping[str, Callable[[Reader, Any], str]] = {
    "plain": lambda reader, value: str(value),
    "quoted": lambda reader, value: reader.quoted(value).replace("\n", f"\n{INSET}"),
    "number": lambda reader, value: f"+{value}",
    "whether": lambda reader, value: str(reader.words["yes" if value else "no"]),
    "moment": _moment,
    "day": _day,
    "channels": lambda reader, value: ", ".join(reader.tell("channel", one) for one in value),
    "names": lambda reader, value: ", ".join(
        subjects.labels(reader.room.settings, value, reader.language)
    ),
    "content": _content,
}


def write(data: Copy, room: Newsroom, language: str) -> Iterator[str]:
    """Line by line; what is empty is left out. `data`: of export."""
    reader = Reader(room, language)
    words = reader.words
    yield words["title"].format(city=room.settings.city.name)
    yield words["made"].format(at=_moment(reader, clock.now().isoformat()))
    yield words["hint"]
    for name, lines in _sections(reader, data):
        yield from ("", "", words["sections"][name], "=" * len(words["sections"][name]))
        yield from lines


def _sections(reader: Reader, data: Copy) -> Iterator[tuple[str, Iterable[str]]]:
    yield "who", reader.rows("who", WHO, data)
    yield "gets", reader.rows("gets", GETS, data)
    for name, lines in (
        ("consents", list(_consents(reader, data))),
        ("wrote", list(_wrote(reader, data))),
        ("sent", list(_sent(reader, data))),
    ):
        yield name, lines or [reader.words["none"][name]]
    known = {key for key, _ in (*WHO, *GETS)} | set(HEADS[""])
    if further := [f"{key}: {value}" for key, value in data.items() if key not in known and value]:
        yield "other", further


def _consents(reader: Reader, data: Copy) -> Iterator[str]:
    for row in data["evidence"]:
        head = f"{_moment(reader, row['at'])}: {reader.tell('deed', row['deed'])}"
        yield from _entry(head, reader.rows("consents", CONSENTS, row))


def _wrote(reader: Reader, data: Copy) -> Iterator[str]:
    if data["conversation"]:
        yield from reader.rows("conversation", CONVERSATION, data["conversation"])
    for row in data["messages"]:
        if row["direction"] == Direction.IN:
            yield from _message(reader, row)


def _message(reader: Reader, row: Copy) -> Iterator[str]:
    head = f"{_moment(reader, row['at'])}: {reader.tell('direction', row['direction'])}"
    yield from _entry(
        head,
        [
            *reader.rows("messages", MESSAGES, row),
            *reader.rows("picture", PICTURE, row["picture"] or {}),
        ],
    )


def _sent(reader: Reader, data: Copy) -> Iterator[str]:
    """What humans wrote stands beside its delivery, as long as there is one."""
    written = {row["delivery_id"]: row for row in data["messages"] if row["direction"] != "in"}
    numbers = {row["id"] for row in data["deliveries"]}
    for number, row in written.items():
        if number not in numbers:
            yield from _message(reader, row)
    for row in data["deliveries"]:
        yield from _delivery(reader, row, written.get(row["id"]))


def _delivery(reader: Reader, row: Copy, by_human: Copy | None) -> Iterator[str]:
    at = _moment(reader, row["sending_at"] or row["changed_at"])
    kind = reader.tell("kind", "staff" if by_human else row["kind"])
    title = f" {reader.quoted(row['title'])}" if row["title"] else ""
    lines = [*reader.rows("sent", SENT, row)]
    if by_human:
        lines.append(f"{reader.words['messages']['written_at']}: {_moment(reader, by_human['at'])}")
    for event in row["events"]:
        receipt = f"{reader.tell('state', event['receipt'])}: {_moment(reader, event['at'])}"
        lines.append("; ".join([receipt, *reader.rows("events", EVENTS, event)]))
    yield from _entry(f"{at}: {kind}{title}", lines)


def _entry(head: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield head
    for line in lines:
        yield from (f"{INSET}{part}".rstrip() for part in line.splitlines())
