"""Templates at the provider: creating what is missing, and knowing what is approved.

Owns: `templates sync` (nothing else creates templates) and the poll. Never: a wording (drafts).
Called by the command line, the daily job and `doctor`.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broadcasts.channels.base import Channel, ProviderError, TemplateDraft
from broadcasts.delivery import holds, templates
from broadcasts.delivery.templates import Template
from broadcasts.newsroom import drafts
from broadcasts.newsroom.context import Newsroom
from broadcasts.saying import Said, say


@dataclass
class Report:
    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Template → why."""
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "existing": self.existing,
            "failed": self.failed,
            "notes": self.notes,
        }

    def lines(self) -> list[str]:
        head = f"{len(self.created)} created, {len(self.existing)} there already"
        said = [head, *self.notes]
        return said + [f"refused: {name}: {why}" for name, why in self.failed.items()]


def refresh(newsroom: Newsroom) -> None:
    """What the provider has now. Raises ProviderError."""
    for channel in _with_templates(newsroom):
        templates.replace_all(channel.kind, channel.templates())
    holds.all_approved(templates.is_approved)


def _with_templates(newsroom: Newsroom) -> list[Channel]:
    return [channel for channel in newsroom.channels.values() if channel.has_templates]


def sync(newsroom: Newsroom) -> Report:
    """Creates what is missing; what is there stays as it is. Raises ProviderError when the
    provider cannot even be asked."""
    report = Report()
    refresh(newsroom)
    for channel in _with_templates(newsroom):
        _sync_channel(newsroom, channel, report)
    if report.created:
        refresh(newsroom)
    return report


def _sync_channel(newsroom: Newsroom, channel: Channel, report: Report) -> None:
    pictures = channel.can_picture_templates()
    if not pictures:
        report.notes.append(
            say(
                "no app_id is configured: templates with a picture are left out,"
                " pictures stay links"
            )
        )
    there = {
        (row.name, row.language) for row in templates.everyone() if row.channel == channel.kind
    }
    with tempfile.TemporaryDirectory() as folder:
        example = str(_example_picture(Path(folder)))
        for draft in drafts.all_drafts(newsroom, pictures=pictures):
            name = f"{draft.name} ({draft.language})"
            if (draft.name, draft.language) in there:
                report.existing.append(name)
                continue
            try:
                channel.create_template(draft, example_picture=example if draft.picture else None)
                report.created.append(name)
            except ProviderError as error:
                report.failed[name] = f"{error} (code {error.code})"


def _example_picture(folder: Path) -> Path:
    """The provider wants to see one; a plain town silhouette will do."""
    # Here, like in pictures: few processes ever need it.
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (800, 418), "#dbe9f4")
    pen = ImageDraw.Draw(picture)
    for left, top, width in ((90, 200, 120), (240, 120, 90), (360, 230, 170), (560, 160, 110)):
        pen.rectangle((left, top, left + width, 418), fill="#1f4e79")
    path = folder / "example.png"
    picture.save(path)
    return path


@dataclass(frozen=True)
class Missing:
    """A wanted template that is not approved, and what cannot be done without it."""

    draft: TemplateDraft
    state: str
    """In words."""
    is_absent: bool = False
    """The provider does not have it at all."""

    @property
    def said(self) -> Said:
        return say(
            "%(name)s (%(language)s) %(state)s, needed by %(user)s",
            name=self.draft.name,
            language=self.draft.language,
            state=self.state,
            user=_user(self.draft),
        )

    def __str__(self) -> str:
        return str(self.said)


def _user(draft: TemplateDraft) -> Said:
    if draft.name in drafts.NOTICES:
        return drafts.NOTICES[draft.name].used_by
    if draft.name == drafts.SERVICE_NOTICE:
        return say("service notices")
    return say("the digest") if draft.name.startswith("digest") else say("the alert")


def needed(newsroom: Newsroom) -> list[Missing]:
    """Wanted in the city's language and not approved: without these somebody is not reached."""
    return list(_needed(newsroom))


def _needed(newsroom: Newsroom) -> Iterator[Missing]:
    for draft, known in wanted(newsroom):
        if draft.language != newsroom.language:
            continue
        if known is None or known.state != templates.APPROVED:
            state = templates.state_in_words(known.state if known else "")
            yield Missing(draft, state, is_absent=known is None)
        elif is_misfiled(draft, known):
            yield Missing(draft, say("is approved as %(category)s", category=known.category))


def wanted(newsroom: Newsroom) -> Iterator[tuple[TemplateDraft, Template | None]]:
    """Every template we want, and what the provider last said of it."""
    known = {(row.channel, row.name, row.language): row for row in templates.everyone()}
    for channel in _with_templates(newsroom):
        for draft in drafts.all_drafts(newsroom, pictures=channel.can_picture_templates()):
            yield draft, known.get((channel.kind, draft.name, draft.language))


def is_misfiled(draft: TemplateDraft, known: Template) -> bool:
    """A utility wording that Meta files under marketing costs more and is kept from whoever has
    stopped marketing (whatsapp.md §2)."""
    return known.category not in ("", draft.category)
