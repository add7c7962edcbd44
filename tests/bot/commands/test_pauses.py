"""`stadtbote subscribers pause` and `resume`."""

from datetime import timedelta

import pytest

from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import audit
from tests.bot.commands.makers import Run, Say, readers, today
from tests.delivery.makers import linked, reader

PERSON = ("whatsapp", "0176 04069001")


def until(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def test_it_pauses_one_person_and_lets_them_have_digests_again(run: Run, say: Say) -> None:
    readers(2)
    done = run("subscribers", "pause", *PERSON, "--until", until(9))
    assert done == {"paused_from": until(0), "paused_until": until(9)}
    assert run("subscribers", "count")["paused"] == 1
    assert run("digest", "preview")["paused"] == 1
    assert "1 left out because they pause" in say("digest", "preview")
    assert run("subscribers", "export", *PERSON)["paused_until"] == until(9)
    assert run("subscribers", "resume", *PERSON) == done
    assert run("subscribers", "count")["paused"] == 0
    rows = [(row.deed, row.evidence) for row in Consent.select().order_by(Consent.id)]
    assert rows[-2:] == [
        (Deed.PAUSED, f"command line: until {until(9)}"),
        (Deed.RESUMED, "command line: by hand"),
    ]
    entries = [row.act for row in audit.AuditEntry.select().order_by(audit.AuditEntry.id)]
    assert entries[-2:] == ["pause begun by hand", "pause ended by hand"]


@pytest.mark.parametrize(
    ("days", "why"),
    [(-1, "that day is over"), (367, "a year at most"), (400_000, "a year at most")],
)
def test_it_refuses_a_day_that_makes_no_pause(run: Run, days: int, why: str) -> None:
    readers(1)
    assert why in run("subscribers", "pause", *PERSON, "--until", until(days), status=1)
    assert Subscriber.get().paused_until is None


@pytest.mark.parametrize("wants", [Wants.ALERTS_ONLY, Wants.STOPPED, Wants.NOTHING])
def test_it_refuses_who_gets_no_digests(run: Run, wants: Wants) -> None:
    reader(1, wants)
    said = run("subscribers", "pause", *PERSON, "--until", until(9), status=1)
    assert "gets no digests" in said
    assert "does not pause" in run("subscribers", "resume", *PERSON, status=1)


def test_it_refuses_a_stranger(run: Run) -> None:
    assert "nobody" in run("subscribers", "pause", *PERSON, "--until", until(9), status=1)
    assert "nobody" in run("subscribers", "resume", *PERSON, status=1)


@pytest.mark.parametrize("day", ["31.2.", "2027-02-31", "", "9" * 400])
def test_it_reads_a_day_in_one_spelling(run: Run, day: str) -> None:
    readers(1)
    with pytest.raises(SystemExit) as wrong:
        run("subscribers", "pause", *PERSON, "--until", day)
    assert wrong.value.code == 2


def test_it_counts_a_linked_person_who_pauses_once(run: Run) -> None:
    linked(1)
    run("subscribers", "pause", *PERSON, "--until", until(9))
    found = run("subscribers", "count")
    assert (found["active"], found["paused"]) == (1, 1)
