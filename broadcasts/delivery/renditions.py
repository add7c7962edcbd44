"""Which wording of a broadcast a recipient gets.

Owns: looking it up by channel, language, form and edition. Never: writes one (newsroom/wording) or
says what a reader has chosen. Called by wire for each row, and by newsroom to count beforehand.
"""

from collections.abc import Collection, Sequence

from broadcasts.channels.base import Content, TemplateMessage, unpack
from broadcasts.delivery import editions
from broadcasts.delivery.broadcasts import Broadcast, Form, Rendition
from broadcasts.delivery.editions import WHOLE
from broadcasts.delivery.states import BroadcastKind, Priority, priority
from broadcasts.people import selections
from broadcasts.people.selections import Scope

Key = tuple[str, str, str]
"""Channel, name and language of a template."""


class Renditions:
    """The renditions of live broadcasts, read once: they never change."""

    def __init__(self, default_language: str) -> None:
        self.default_language = default_language
        self._known: dict[int, dict[tuple[str, str, Form, str], tuple[int, Content]]] = {}
        self._parts: dict[int, list[Scope]] = {}
        self._editions: dict[tuple[int, int], str | None] = {}

    def find(
        self,
        broadcast: int,
        channel: str,
        language: str,
        forms: Sequence[Form],
        *,
        edition: str = WHOLE,
        refused: Collection[Key] = (),
    ) -> tuple[int, Content] | None:
        """(rendition id, content) in the first form there is; the city's language as fallback. An
        edition that nobody wanted when it was written is the whole, in one's own language first.
        `refused`: templates the provider would not send; None as well if only those fit."""
        known = self._known.get(broadcast)
        if known is None:
            known = self._known[broadcast] = _read(broadcast)
        for form in forms:
            for tongue in dict.fromkeys((language, self.default_language)):
                for wanted in dict.fromkeys((edition, WHOLE)):
                    found = known.get((channel, tongue, form, wanted))
                    if found and not _is_refused(channel, found[1], refused):
                        return found
        return None

    def edition(self, broadcast: int, selection: int | None) -> str | None:
        """Which edition fits a choice as it is now; None: none of its parts does."""
        if selection is None:
            return WHOLE
        if broadcast not in self._parts:
            row = Broadcast.get_or_none(Broadcast.id == broadcast)
            self._parts[broadcast] = row.scopes if row is not None else []
        parts = self._parts[broadcast]
        if not parts:
            return WHOLE
        if (broadcast, selection) not in self._editions:
            self._editions[broadcast, selection] = editions.edition(
                selections.read(selection), parts
            )
        return self._editions[broadcast, selection]


def _is_refused(channel: str, content: Content, refused: Collection[Key]) -> bool:
    if not isinstance(content, TemplateMessage):
        return False
    return (channel, content.name, content.language) in refused


def _read(broadcast: int) -> dict[tuple[str, str, Form, str], tuple[int, Content]]:
    rows = Rendition.select().where(Rendition.broadcast == broadcast)
    return {
        (row.channel, row.language, row.form, row.edition): (row.id, unpack(row.content))
        for row in rows
    }


def forms(kind: BroadcastKind, *, window_open: bool, repeat: bool) -> tuple[Form, ...]:
    """In which form a recipient gets it, best first.

    A digest costs less inside the window; an alert goes as its template there too, because only
    the template has a time-to-live (whatsapp.md §2).
    """
    free = (Form.WINDOW,) if window_open else ()
    if priority(kind) is Priority.DIGEST:
        return (*free, Form.TEMPLATE)
    return (*((Form.REPEAT,) if repeat else ()), Form.TEMPLATE, *free)
