"""The sending number: stopped, resumed, warned."""

from datetime import timedelta

import httpx
import pytest

from bot import jobs
from broadcasts import clock, journal
from broadcasts.channels.base import Outcome, TemplateChanged
from broadcasts.delivery import accounts, broadcasts, lane, outbox, templates
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, readiness
from broadcasts.newsroom.alerts import Draft
from broadcasts.people.subscribers import Subscriber, Wants
from tests.patience import wait_until
from tests.stories.telling import said
from tests.system import NUMBER, System


def test_it_stops_and_resumes_with_the_token(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PROBE_EVERY", timedelta(seconds=0.5))
    said(system, "Start")
    system.sandbox.replace_token("another")
    system.phone(1).text("Hilfe")
    wait_until(lambda: bool(accounts.stopped()))
    health = httpx.get(f"{system.url}/healthz")
    assert (health.status_code, "190" in health.json()["warnings"][0]) == (200, True)
    env = system.config.parent / ".env"
    before = env.read_text()
    env.write_text(before.replace("WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another"))
    system.phone(1).wait_for(2)
    wait_until(lambda: not accounts.stopped())
    env.write_text(before)
    system.sandbox.replace_token("token-of-the-test")


def test_it_loses_nobody_to_a_full_day_limit(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two inside their window, three outside, where one more person may be written to."""
    monkeypatch.setattr(lane, "PROBE_EVERY", timedelta(seconds=0.3))
    phones = [system.phone(last) for last in range(1, 6)]
    for last in range(1, 6):
        said(system, "Start", last=last)
    for phone in phones[2:]:
        phone.person.wrote_at.clear()
    outside = [phone.person.wa_id for phone in phones[2:]]
    Subscriber.update(window_closes_at=None).where(Subscriber.wa_id.in_(outside)).execute()
    at = system.sandbox.world.now()
    system.sandbox.call(
        lambda: system.sandbox.world.started.update({str(one): at for one in range(49)})
    )
    system.sandbox.set_tier("TIER_50")
    jobs.ask_provider(system.city)
    alert = alerts.send(system.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    wait_until(lambda: sum(len(phone.messages) == 2 for phone in phones) == 3)
    assert all(len(phone.messages) == 2 for phone in phones[:2])
    # Each probe that gets through lets it go on for a moment.
    wait_until(lambda: "131048" in [row.stop_code for row in accounts.stopped()])
    wait_until(lambda: "131048" in str(httpx.get(f"{system.url}/healthz").json()["warnings"]))
    wait_until(lambda: "code 131048" in readiness.look(system.city.newsroom, clock.now()).verdict)
    assert Subscriber.select().where(Subscriber.wants == Wants.EVERYTHING).count() == 5
    said(system, "Hilfe")  # an answer gets through all the same
    system.sandbox.set_tier("TIER_10K")
    for phone in phones:
        phone.wait_for(2)
    wait_until(lambda: not accounts.stopped())
    system.settle()
    assert outbox.figures(alert.id)["failed"] == 0
    broadcasts.Broadcast.update(expires_at=clock.now()).execute()


def test_it_is_stopped_by_an_account_update_only(system: System) -> None:
    system.sandbox.tell(NUMBER, "errors", {"code": 131031, "title": "locked"})
    system.settle()
    assert accounts.stopped() == []
    system.sandbox.tell("", "account_update", {"event": "ACCOUNT_RESTRICTION"})
    wait_until(lambda: bool(accounts.stopped()))
    assert accounts.stopped()[0].stop_outcome == Outcome.ACCOUNT
    accounts.resume(NUMBER)


def test_it_tells_a_receivers_end_of_what_no_channel_knows(system: System) -> None:
    journal.append([journal.Arrival("carrier-pigeon", b"{}", [])])
    journal.append([journal.Arrival("whatsapp", b"not json at all", [])])
    wait_until(journal.is_drained)
    assert journal.count_strange() == {"no_such_channel": 1, "unreadable": 1}


def test_it_creates_a_row_for_a_template_it_hears_of_first(system: System) -> None:
    templates.apply("whatsapp", TemplateChanged("fremd", "de", state="APPROVED"))
    assert templates.is_approved("whatsapp", "fremd", "de")
