"""Templates at the provider: created once, kept current, missing ones named."""

import pytest

from broadcasts.channels.base import (
    Outcome,
    ProviderError,
    TemplateChanged,
    TemplateDraft,
    TemplateState,
)
from broadcasts.delivery import templates
from broadcasts.newsroom import template_sync
from tests.fakes import FakeChannel
from tests.newsroom.makers import approve, newsroom

pytestmark = pytest.mark.usefixtures("database")


def state(name: str, status: str = "APPROVED") -> TemplateState:
    return TemplateState(name, "de", "MARKETING", status, "GREEN")


def test_it_creates_only_what_is_missing() -> None:
    channel = FakeChannel(known_templates=[state("digest_1")])
    report = template_sync.sync(newsroom(channel=channel))
    assert "digest_1 (de)" in report.existing
    assert "digest_1 (de)" not in report.created
    assert "digest_1 (nl)" in report.created
    assert not any(draft.picture for draft in channel.created)
    assert "no app_id" in report.notes[0]


def test_it_creates_picture_templates_where_it_can() -> None:
    channel = FakeChannel(picture_templates=True)
    template_sync.sync(newsroom(channel=channel))
    assert sum(draft.picture for draft in channel.created) == 15


def test_it_goes_on_after_a_refusal_and_says_so() -> None:
    class Refusing(FakeChannel):
        def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
            if draft.name == "digest_2":
                raise ProviderError(Outcome.OUR_MISTAKE, "100", "no")
            super().create_template(draft, example_picture=example_picture)

    report = template_sync.sync(newsroom(channel=Refusing()))
    assert set(report.failed) == {f"digest_2 ({language})" for language in ("de", "en", "nl")}
    assert any("refused: digest_2 (de)" in line for line in report.lines())
    assert "digest_3 (de)" in report.as_json()["created"]


def test_it_keeps_what_the_provider_has_now() -> None:
    channel = FakeChannel(known_templates=[state("digest_1"), state("old")])
    room = newsroom(channel=channel)
    template_sync.refresh(room)
    channel.known_templates = [state("digest_1", "PAUSED")]
    template_sync.refresh(room)
    assert [(row.name, row.state) for row in templates.everyone()] == [("digest_1", "PAUSED")]


def test_it_names_an_alert_that_was_approved_as_marketing() -> None:
    room = newsroom()
    approve(room)
    templates.apply("whatsapp", TemplateChanged("alert_2h", "de", category="MARKETING"))
    assert [str(row) for row in template_sync.needed(room)] == [
        "alert_2h (de) is approved as MARKETING, needed by the alert"
    ]


def test_it_names_what_is_needed_and_by_whom() -> None:
    room = newsroom()
    approve(room)
    templates.note_refused("whatsapp", "alert_2h", "de", "PAUSED")
    (missing,) = template_sync.needed(room)
    assert str(missing) == "alert_2h (de) paused by the provider, needed by the alert"
