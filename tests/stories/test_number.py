"""The sending number: stopped, resumed, warned."""

from datetime import timedelta

import httpx
import pytest

from broadcasts import journal
from broadcasts.channels.base import Outcome, TemplateChanged
from broadcasts.delivery import accounts, lane, templates
from tests.stories.telling import said
from tests.system import NUMBER, System


def test_it_stops_and_resumes_with_the_token(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PROBE_EVERY", timedelta(seconds=0.5))
    said(system, "Start")
    system.sandbox.replace_token("another")
    system.phone(1).text("Hilfe")
    system.wait_until(lambda: bool(accounts.stopped()))
    health = httpx.get(f"{system.url}/healthz")
    assert (health.status_code, "190" in health.json()["warnings"][0]) == (200, True)
    env = system.config.parent / ".env"
    before = env.read_text()
    env.write_text(before.replace("WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another"))
    system.phone(1).wait_for(2, seconds=15)
    system.wait_until(lambda: not accounts.stopped())
    env.write_text(before)
    system.sandbox.replace_token("token-of-the-test")


def test_it_is_stopped_by_an_account_update_only(system: System) -> None:
    system.sandbox.tell(NUMBER, "errors", {"code": 131031, "title": "locked"})
    system.settle()
    assert accounts.stopped() == []
    system.sandbox.tell("", "account_update", {"event": "ACCOUNT_RESTRICTION"})
    system.wait_until(lambda: bool(accounts.stopped()))
    assert accounts.stopped()[0].stop_outcome == Outcome.ACCOUNT
    accounts.resume(NUMBER)


def test_it_tells_a_receivers_end_of_what_no_channel_knows(system: System) -> None:
    journal.append([journal.Arrival("carrier-pigeon", b"{}", [])])
    journal.append([journal.Arrival("whatsapp", b"not json at all", [])])
    system.wait_until(journal.is_drained)
    assert journal.count_strange() == {"no_such_channel": 1, "unreadable": 1}


def test_it_creates_a_row_for_a_template_it_hears_of_first(system: System) -> None:
    templates.apply("whatsapp", TemplateChanged("fremd", "de", state="APPROVED"))
    assert templates.is_approved("whatsapp", "fremd", "de")
