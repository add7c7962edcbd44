"""A conversation as a text file, for the customer's record elsewhere.

Owns: how it reads. Never: what is in it (newsroom/threads). Used by the inbox.
"""

from collections.abc import Sequence

from bot.desk import here
from bot.desk.language import gettext, moment
from bot.desk.words import DEEDS, DELIVERY_STATES, KINDS, MESSAGE_KINDS
from broadcasts import clock
from broadcasts.newsroom.threads import Item, Voice
from broadcasts.people.inbox import Conversation, PictureState

LINE = "-" * 60


def text(row: Conversation, items: Sequence[Item]) -> str:
    """Complete: delicate parts too. Whoever takes the file answers for it."""
    parts = [*_head(row), LINE]
    for item in items:
        parts += [f"{moment(item.at)}  {_who(item)}", *_body(item), ""]
    return "\n".join(parts) + "\n"


def _head(row: Conversation) -> list[str]:
    city, person = here.city(), row.subscriber
    number = f"+{person.wa_id}" if person.wa_id else str(person.bsuid or "–")
    head = [
        gettext("Conversation %(number)s", number=row.id),
        city.settings.city.name,
        gettext("Channel: %(name)s", name=person.channel),
        gettext("Person: %(address)s", address=number),
        gettext(
            "Written on %(time)s by %(name)s; times are those of %(zone)s",
            time=moment(clock.now()),
            name=here.me().name,
            zone=city.zone.key,
        ),
    ]
    if row.checked_at:
        head.append(_checked(row))
    if row.closed_at:
        closed = {"time": moment(row.closed_at), "name": row.closed_by}
        head.append(gettext("Closed on %(time)s by %(name)s", **closed))
    return head


def _checked(row: Conversation) -> str:
    return gettext(
        "Identity checked on %(time)s by %(name)s",
        time=moment(row.checked_at),
        name=row.checked_by,
    )


def _who(item: Item) -> str:
    state = f" ({DELIVERY_STATES[item.state]})" if item.state else ""
    if item.voice is Voice.PERSON:
        return gettext("The person wrote:")
    if item.voice is Voice.STAFF:
        return gettext("%(name)s answered%(state)s:", name=item.staff, state=state)
    if item.voice is Voice.SERVICE:
        return gettext("Automatic answer%(state)s:", state=state)
    if item.voice is Voice.DEED:
        return str(DEEDS[item.kind])
    title = f" „{item.title}“" if item.title else ""
    return f"{KINDS[item.kind]}{title}{state}"


def _body(item: Item) -> list[str]:
    """Indented, so that nothing in it looks like a line of ours."""
    if item.voice in (Voice.DEED, Voice.BROADCAST):
        return []
    lines = []
    if item.kind not in ("", "text", "button"):
        lines.append(f"[{_file(item)}]")
    return [f"    {line}" for line in (*lines, *item.text.splitlines())]


def _file(item: Item) -> str:
    kind = str(MESSAGE_KINDS[item.kind])
    if item.picture is None or item.picture.state != PictureState.KEPT:
        return kind
    return f"{kind}: {item.picture.file}"
