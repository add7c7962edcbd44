"""Readers who offer to take part in drills: how they join, and each way out."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, uncleared
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts
from broadcasts.newsroom.alerts import Draft
from broadcasts.people import consent, subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy.export import export
from tests.stories.telling import fresh, person, post, said
from tests.system import System


def hold(system: System) -> int:
    draft = Draft(BroadcastKind.ALERT, "Alle ins Haus", title="Sturm", is_drill=True)
    started = alerts.send(system.city.newsroom, draft, clock.now())
    audience.write_all_waiting(system.city.channels)
    return started.id


def test_it_joins_and_leaves_by_keyword_and_each_is_evidence(system: System) -> None:
    answers = said(system, "Start", "Probealarm", "Probealarm aus")
    assert "PROBEALARM" in answers[1]
    assert "keine Probealarme mehr" in answers[2]
    deeds = [row.deed for row in Consent.select().order_by(Consent.id)]
    assert deeds == [Deed.OPT_IN, Deed.DRILLS, Deed.NO_DRILLS]
    assert not person().drills


def test_it_takes_no_stranger_in(system: System) -> None:
    (answer,) = said(system, "Probealarm")
    assert "nur an Leserinnen und Leser" in answer
    assert not person().drills


@pytest.mark.parametrize(
    ("word", "mark"),
    [("Probealarm", "PROBEALARM"), ("Drill", "DRILL"), ("Oefenalarm", "OEFENING")],
)
def test_it_marks_the_drill_on_the_phone_in_each_language(
    system: System, word: str, mark: str
) -> None:
    language = {"Probealarm": "de", "Drill": "en", "Oefenalarm": "nl"}[word]
    said(system, "Start", word)
    Subscriber.update(language=language).execute()
    hold(system)
    system.phone(1).wait_for(3)
    assert system.phone(1).bodies[-1].startswith(mark)


def test_it_is_no_alert_that_a_farewell_speaks_of(system: System) -> None:
    said(system, "Start", "Probealarm")
    number = hold(system)
    system.phone(1).wait_for(3)
    farewell = said(system, "Stopp")[0]
    assert "Zurzeit gilt noch eine Warnung" not in farewell
    assert number in [row.id for row in uncleared.open_alerts(clock.now())]


def test_it_ends_with_stopp_and_is_in_the_copy_of_ones_data(system: System) -> None:
    said(system, "Start", "Probealarm")
    assert export(person())["drills"] is True
    said(system, "Stopp", "Start")
    assert export(person())["drills"] is False


def test_it_takes_a_queued_drill_back_from_who_leaves(system: System) -> None:
    said(system, "Start", "Probealarm")
    number = hold(system)
    system.phone(1).wait_for(3)
    waiting = {"state": "queued", "due_at": clock.now() + timedelta(hours=1)}
    Delivery.update(waiting).where(Delivery.broadcast == number).execute()
    said(system, "Probealarm aus")
    assert Delivery.get(Delivery.broadcast == number).state == "skipped"


def test_it_does_not_join_by_a_message_older_than_the_leaving(system: System) -> None:
    said(system, "Start", "Probealarm aus")
    late = str(int(clock.now().timestamp()) - 60)
    raw = {"from": "4917604069001", "from_user_id": None, "timestamp": late}
    post(system, fresh(**raw, text={"body": "Probealarm"}))
    system.settle()
    assert not person().drills


def test_it_tells_nothing_of_whether_somebody_reads(system: System) -> None:
    """A retired reader comes back as what they were, also when drills were their last word."""
    said(system, "Start", "Probealarm")
    somebody = person()
    somebody.wants = Wants.RETIRED
    somebody.save()
    consent.bring_back(somebody)
    assert person().wants == Wants.EVERYTHING
    assert subscribers.count()["active"] == 1
