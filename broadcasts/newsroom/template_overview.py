"""The templates for people: what each is for, how it stands, what to do about it.

Owns: the words. Never: asks or changes the provider (template_sync). Called by the desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broadcasts.channels.base import TemplateDraft
from broadcasts.delivery import templates
from broadcasts.delivery.templates import APPROVED, QUALITIES, Template
from broadcasts.newsroom import drafts, template_sync
from broadcasts.newsroom.context import Newsroom
from broadcasts.saying import Said, say


@dataclass(frozen=True)
class Row:
    name: str
    language: str
    purpose: Said
    category: str
    state: str
    """In words."""
    tone: str
    """good, warn or bad."""
    quality: str
    reason: str
    """The provider's own word for a refusal."""
    advice: Said | None
    checked_at: datetime | None


def look(newsroom: Newsroom) -> list[Row]:
    """What we want first, in the order of its languages; then what else the provider has."""
    wanted = list(template_sync.wanted(newsroom))
    ours = {known.id for _, known in wanted if known is not None}
    others = [row for row in templates.everyone() if row.id not in ours]
    return [*(_ours(draft, known) for draft, known in wanted), *map(_other, others)]


def _ours(draft: TemplateDraft, known: Template | None) -> Row:
    state = known.state if known else ""
    advice, tone = ADVICE.get(state), TONES.get(state, "warn")
    if known is not None and state == APPROVED and template_sync.is_misfiled(draft, known):
        advice, tone = MISFILED, "warn"
    category = known.category if known and known.category else draft.category
    return _row(draft.name, draft.language, _purpose(draft), category, known, advice, tone)


def _other(known: Template) -> Row:
    tone = TONES.get(known.state, "warn")
    purpose = say("not used by this program")
    return _row(known.name, known.language, purpose, known.category, known, None, tone)


def _row(
    name: str,
    language: str,
    purpose: Said,
    category: str,
    known: Template | None,
    advice: Said | None,
    tone: str,
) -> Row:
    return Row(
        name=name,
        language=language,
        purpose=purpose,
        category=CATEGORIES.get(category, category),
        state=templates.state_in_words(known.state if known else ""),
        tone=tone,
        quality=QUALITIES.get(known.quality, NOT_RATED) if known else NOT_RATED,
        reason=known.reason if known and known.reason != "NONE" else "",
        advice=advice,
        checked_at=known.checked_at if known else None,
    )


NOT_RATED = say("not rated yet")

CATEGORIES: Mapping[str, Said] = {
    "MARKETING": say("marketing"),
    "UTILITY": say("utility"),
    "AUTHENTICATION": say("sign-in codes"),
}

TONES: Mapping[str, str] = {
    APPROVED: "good",
    "PENDING": "warn",
    "IN_APPEAL": "warn",
    "": "bad",
    "REJECTED": "bad",
    "PAUSED": "bad",
    "DISABLED": "bad",
}

ADVICE: Mapping[str, Said] = {
    "": say("Create it with the button above."),
    "PENDING": say("Wait: the provider looks at it, mostly within a day."),
    "IN_APPEAL": say("Wait: the provider looks at it once more."),
    "REJECTED": say(
        "Delete it at the provider, change its words ([texts] in config.toml), then create it anew."
    ),
    "PAUSED": say(
        "Many readers have blocked or reported it. It comes back by itself after 3 hours, the"
        " second time after 6; after the third it is disabled. Send less, and only what matters."
    ),
    "DISABLED": say(
        "It does not come back by itself. Delete it at the provider, change its words ([texts] in"
        " config.toml), then create it anew."
    ),
}

MISFILED = say(
    "The provider has filed it under another category than we asked for: it costs more, and whoever"
    " has switched off marketing does not get it. Ask the provider to look at it again."
)


def _purpose(draft: TemplateDraft) -> Said:
    if draft.name in drafts.NOTICES:
        return drafts.NOTICES[draft.name].purpose
    if draft.name == drafts.SERVICE_NOTICE:
        return say("Service notice")
    if draft.time_to_live is not None:
        kind = draft.name.rpartition("_")[0]
        return say("%(kind)s, given up after %(time)s", kind=KINDS[kind], time=draft.time_to_live)
    posts = len(draft.examples)
    if draft.picture:
        return say("Digest with %(number)s posts and a picture", number=posts)
    return say("Digest with %(number)s posts", number=posts) if posts > 1 else ONE_POST


ONE_POST = say("Digest with one post")

KINDS: Mapping[str, Said] = {
    "alert": say("Alert"),
    "alert_update": say("Update of an alert"),
    "alert_clear": say("All-clear"),
    "drill": say("Drill"),
}
