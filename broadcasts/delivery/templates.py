"""What the channel says of its templates.

Owns: the table of templates and their states. Never: a wording (newsroom/wording).
Kept current by webhooks, a daily poll and `templates sync`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

import peewee

from broadcasts import clock, db
from broadcasts.channels.base import TemplateChanged, TemplateMessage, TemplateState, unpack
from broadcasts.delivery.broadcasts import Form, Rendition
from broadcasts.saying import Said, say

APPROVED = "APPROVED"

STATES: Mapping[str, Said] = {
    "": say("missing at the provider"),
    APPROVED: say("approved"),
    "PENDING": say("being looked at by the provider"),
    "IN_APPEAL": say("looked at once more by the provider"),
    "REJECTED": say("rejected by the provider"),
    "PAUSED": say("paused by the provider"),
    "DISABLED": say("disabled by the provider"),
    "PENDING_DELETION": say("being deleted at the provider"),
    "DELETED": say("deleted at the provider"),
    "LIMIT_EXCEEDED": say("one too many for the provider"),
}
"""The provider's word → ours
(developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview)."""

QUALITIES: Mapping[str, Said] = {
    "GREEN": say("high"),
    "YELLOW": say("medium"),
    "RED": say("low"),
}


def state_in_words(state: str) -> str:
    """A word the provider has invented since stands for itself."""
    return STATES.get(state, state)


class Template(db.Model):
    id = peewee.AutoField()
    channel = peewee.CharField(max_length=20)
    name = peewee.CharField(max_length=512)
    language = peewee.CharField(max_length=10)
    category = peewee.CharField(max_length=20, default="")
    state = peewee.CharField(max_length=40, default="")
    quality = peewee.CharField(max_length=20, default="")
    reason = peewee.TextField(default="")
    checked_at = db.UTCField()

    class Meta:
        table_name = "template"
        indexes = ((("channel", "name", "language"), True),)


def everyone() -> list[Template]:
    return list(Template.select().order_by(Template.channel, Template.name, Template.language))


def find(channel: str, name: str, language: str) -> Template | None:
    return Template.get_or_none(
        Template.channel == channel, Template.name == name, Template.language == language
    )


def is_approved(channel: str, name: str, language: str) -> bool:
    template = find(channel, name, language)
    return template is not None and template.state == APPROVED


def first_approved(channel: str, name: str, languages: Iterable[str]) -> str | None:
    """Of these languages, the first in which it may be sent."""
    return next((one for one in languages if is_approved(channel, name, one)), None)


def replace_all(channel: str, states: Iterable[TemplateState]) -> None:
    """What the provider has now; what it no longer lists is gone there, and so here."""
    now = clock.now()
    rows = [{**asdict(state), "channel": channel, "checked_at": now} for state in states]
    with db.transaction():
        Template.delete().where(Template.channel == channel).execute()
        for page in peewee.chunked(rows, 500):
            Template.insert_many(page).execute()


def apply(channel: str, change: TemplateChanged) -> None:
    """What a webhook says; None in it means: nothing said of this."""
    said = {
        field: value
        for field in ("state", "quality", "category", "reason")
        if (value := getattr(change, field)) is not None
    }
    row = find(channel, change.name, change.language)
    if row is None:
        Template.create(
            channel=channel,
            name=change.name,
            language=change.language,
            checked_at=clock.now(),
            **said,
        )
        return
    Template.update(checked_at=clock.now(), **said).where(Template.id == row.id).execute()


def note_refused(channel: str, name: str, language: str, state: str) -> None:
    """The provider's own refusal tells more than what we last heard."""
    apply(channel, TemplateChanged(name, language, state=state))


def used_by(broadcast_id: int) -> list[tuple[str, str]]:
    """(channel, template) of what leaves in an approved wording."""
    rows = Rendition.select().where(
        Rendition.broadcast == broadcast_id, Rendition.form != Form.WINDOW
    )
    found = [(row.channel, unpack(row.content)) for row in list(rows.order_by(Rendition.id))]
    # Where no status comes, a repeat is free text, too.
    return [(kind, one.name) for kind, one in found if isinstance(one, TemplateMessage)]
