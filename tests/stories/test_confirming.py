"""A city that asks once more before somebody becomes a reader ([consent] in config.toml)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Wants
from tests.stories.telling import person, said
from tests.system import System, running


@pytest.fixture(params=["double_opt_in", "age_confirmation"])
def asking(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[System]:
    lines = {"time": '"23:57"', "app_id": '"55"', request.param: "true"}
    with running(tmp_path, database_url, **lines) as system:
        yield system


def test_it_subscribes_only_who_confirms(asking: System) -> None:
    (question,) = said(asking, "Start")
    assert "anmelden" in question
    assert "16" in question
    assert person().wants == Wants.NOTHING
    assert "nicht angemeldet" in said(asking, "Nein")[0]
    assert person().wants == Wants.NOTHING
    said(asking, "Start", "Ja")
    assert person().wants == Wants.EVERYTHING
    deeds = [row.deed for row in Consent.select().order_by(Consent.id)]
    assert deeds == [Deed.REQUESTED, Deed.REQUESTED, Deed.OPT_IN]


def test_it_confirms_alerts_only_by_the_button(asking: System) -> None:
    said(asking, "Nur Notfälle")
    phone = asking.phone(1)
    phone.tap("alerts_only:yes")
    phone.wait_for(2)
    assert person().wants == Wants.ALERTS_ONLY
    said(asking, "Start")
    assert person().wants == Wants.EVERYTHING, "who reads already is not asked again"
