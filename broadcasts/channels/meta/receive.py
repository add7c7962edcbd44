"""What comes in from Messenger and Instagram: events of a conversation → neutral events.

Owns: reading them (developers.facebook.com/documentation/business-messaging/messenger-platform/
webhooks/webhook-events, …/instagram-messaging/webhooks). Never: a table; an exception out of
`parse`; keeps a name. What cannot be understood is `Strange`.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from broadcasts import clock
from broadcasts.channels.base import Address, Event, MessageGone, MessageIn, Strange
from broadcasts.channels.meta import door, media
from broadcasts.channels.meta.dialect import Access, Dialect

log = logging.getLogger(__name__)

FUTURE = timedelta(days=1)
"""A message from later than this is no message: some clock is wrong, and a window would never
close."""

HARMLESS = re.compile(r"[A-Za-z][A-Za-z_-]{0,30}\d{0,3}")
"""What a link's `ref` must be like to be kept: a poster's name, no number and no token."""

CODE = re.compile(r"(?=[A-Z]*[0-9])(?:[A-Z0-9]{7}|[A-Z0-9]{10})")
"""What our own links carry: one person's code for linking two channels. It is for the conversation
to read, and is never kept."""

NAMES = frozenset({"name", "first_name", "last_name", "username", "profile_pic", "title"})
"""Never kept, not even of what could not be read."""

KINDS: Mapping[str, str] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "file": "document",
    "sticker": "sticker",
    "location": "location",
}
"""Meta's attachments as ours; shared posts, reels and stories are `other`."""

SILENT = ("delivery", "read")
"""What became of ours: not asked for, not kept (decision 0018)."""


def parse(payload: Any, dialect: Dialect, access: Access) -> Iterator[Event]:
    """Neutral events in order; whatever an event looks like, the next one is read."""
    for account, event in door.events(payload, dialect.object):
        try:
            found = _read(event, account, dialect, access)
        except Exception as error:
            # Whatever it is; it is kept, and the next one read.
            log.warning("unreadable event error=%s", type(error).__name__)
            found = Strange("unreadable", {"event": nameless(event)})
        if found is not None:
            yield found


def _read(event: Any, account: str, dialect: Dialect, access: Access) -> Event | None:
    if not account:
        kinds = sorted(map(str, event))[:5] if isinstance(event, dict) else []
        if "changes" in kinds or "standby" in kinds:
            # Comments, or a conversation that another app holds: nothing that is asked for.
            return Strange("unknown_field", {"kinds": kinds})
        raise ValueError("no events")
    if account != access.account:
        return Strange("other_number", nameless(event))
    if any(kind in event for kind in SILENT) or door.is_echo(event):
        return None
    for kind, reader in _READERS.items():
        if kind in event:
            return reader(event, event[kind], dialect, access)
    kinds = sorted(map(str, set(event) - {"sender", "recipient", "timestamp"}))
    if not kinds:
        raise ValueError("nothing in it")
    # An edited message is no new command.
    return Strange("edited" if kinds[0] == "message_edit" else "unknown_field", {"kind": kinds[0]})


def nameless(part: Any) -> Any:
    """The same without whoever is named in it."""
    if isinstance(part, dict):
        return {key: nameless(value) for key, value in part.items() if key not in NAMES}
    if isinstance(part, list):
        return [nameless(value) for value in part]
    return part


# ------------------------------------------------------------------ one event each


def _message(event: Any, message: Any, dialect: Dialect, access: Access) -> Event | None:
    mid = _mid(message["mid"])
    if message.get("is_deleted"):
        return MessageGone(
            id=f"{dialect.kind}.gone.{mid}",
            account=access.account,
            sender=_sender(event),
            message_id=f"{dialect.kind}.{mid}",
            at=_moment(event),
        )
    tapped = message.get("quick_reply")
    text = _storable(str(message.get("text") or ""))
    kind, file = _attached(message, text, access)
    return MessageIn(
        id=f"{dialect.kind}.{mid}",
        account=access.account,
        sender=_sender(event),
        at=_moment(event),
        text=text,
        button=_button(tapped["payload"]) if tapped else None,
        kind="button" if tapped else kind,
        media=file,
        origin=_origin(message.get("referral")),
    )


def _attached(message: Any, text: str, access: Access) -> tuple[str, str | None]:
    """(kind, where its picture lies). A link's preview is no attachment of the person's."""
    parts = message.get("attachments") or []
    kinds = [str(part["type"]) for part in parts if part["type"] != "fallback"]
    if not kinds:
        return ("text" if text or parts else "other"), None
    first = next(part for part in parts if part["type"] != "fallback")
    payload = first.get("payload") or {}
    if kinds[0] == "image" and "sticker_id" in payload:
        return "sticker", None
    url = payload.get("url")
    is_ours = kinds[0] == "image" and isinstance(url, str) and media.is_metas(url, access.graph)
    return KINDS.get(kinds[0], "other"), url if is_ours else None


def _postback(event: Any, postback: Any, dialect: Dialect, access: Access) -> Event | None:
    """A tap in the menu, or on "Get started"; by which link they came stands beside it."""
    at, sender = _moment(event), _sender(event)
    own = postback.get("mid")
    ref = _ref(postback.get("referral"))
    is_code = CODE.fullmatch(ref) is not None
    return MessageIn(
        id=f"{dialect.kind}.{_mid(own) if own else _made_id('postback', sender, event)}",
        account=access.account,
        sender=sender,
        at=at,
        text=ref if is_code else _storable(str(postback.get("title") or "")),
        button=None if is_code else _button(postback["payload"]),
        kind="text" if is_code else "button",
        origin=_origin(postback.get("referral")),
    )


def _reaction(event: Any, reaction: Any, dialect: Dialect, access: Access) -> Event | None:
    """A thumb up opens the window, too; taking it back says nothing."""
    if reaction.get("action") != "react":
        return None
    return _quiet(event, "reaction", dialect, access, text=str(reaction.get("emoji") or "")[:20])


def _referral(event: Any, referral: Any, dialect: Dialect, access: Access) -> Event | None:
    """Somebody whom we know has followed a link of ours: that opens the window
    (developers.facebook.com/documentation/business-messaging/messenger-platform/discovery/m-me-links).
    """
    ref = _ref(referral)
    if CODE.fullmatch(ref):
        return _quiet(event, "text", dialect, access, text=ref)
    return _quiet(event, "referral", dialect, access, origin=_origin(referral))


def _quiet(event: Any, kind: str, dialect: Dialect, access: Access, **more: Any) -> MessageIn:
    """What has no id of its own."""
    sender = _sender(event)
    return MessageIn(
        id=f"{dialect.kind}.{_made_id(kind, sender, event)}",
        account=access.account,
        sender=sender,
        at=_moment(event),
        kind=kind,
        **more,
    )


_READERS: Mapping[str, Callable[[Any, Any, Dialect, Access], Event | None]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "referral": _referral,
}


# ------------------------------------------------------------------ parts of an event


def _made_id(kind: str, sender: Address, event: Any) -> str:
    """The same event has the same one when it comes again."""
    return f"{kind}.{sender.bsuid}.{int(event['timestamp'])}"


def _sender(event: Any) -> Address:
    return Address(bsuid=door.identified(event["sender"]["id"]))


def _mid(mid: Any) -> str:
    if not isinstance(mid, str) or not mid or len(mid) > 400:
        raise ValueError("no message id")
    return mid


def _button(payload: Any) -> str:
    return _storable(str(payload))[:200]


def _ref(referral: Any) -> str:
    return str(referral.get("ref") or "") if isinstance(referral, dict) else ""


def _origin(referral: Any) -> str:
    ref = _ref(referral)
    return ref if HARMLESS.fullmatch(ref) and not CODE.fullmatch(ref) else ""


def _moment(event: Any) -> datetime:
    at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    if at > clock.now() + FUTURE:
        raise ValueError("from the future")
    return at


def _storable(text: str) -> str:
    """Half a character (a lone surrogate) and NUL can be sent, but not stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
