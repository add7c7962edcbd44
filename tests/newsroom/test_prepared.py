"""Prepared texts are kept as written, and none that could not be sent."""

import pytest

from broadcasts.newsroom import prepared
from broadcasts.newsroom.alerts import AlertError, Severity
from broadcasts.newsroom.prepared import PreparedOutdatedError, PreparedText

pytestmark = pytest.mark.usefixtures("database")


def keep(**more: object) -> PreparedText:
    values = {"title": "Unwetter", "text": "Ab [Uhrzeit]", "minutes": 60, "by": "a.anders"}
    return prepared.keep(**{"severity": Severity.DANGER, **values, **more})


def test_it_keeps_changes_and_drops_one() -> None:
    first = keep()
    assert keep(id=first.id, version=1, title="Sturm", by="b.berg").changed_by == "b.berg"
    assert [(row.title, row.severity) for row in prepared.everything()] == [("Sturm", "danger")]
    prepared.drop(first.id)
    assert prepared.find(first.id) is None


def test_it_overwrites_nobody() -> None:
    first = keep()
    keep(id=first.id, version=1, title="Sturm")
    with pytest.raises(PreparedOutdatedError):
        keep(id=first.id, version=1, title="Orkan")
    (row,) = prepared.everything()
    assert (row.title, row.version) == ("Sturm", 2)


@pytest.mark.parametrize("wrong", [{"title": " "}, {"text": ""}, {"text": "x\x00"}])
def test_it_refuses_what_could_not_be_sent(wrong: dict[str, str]) -> None:
    with pytest.raises(AlertError):
        keep(**wrong)
    assert prepared.everything() == []


def test_it_says_when_somebody_has_thrown_it_away_meanwhile() -> None:
    with pytest.raises(AlertError, match="thrown"):
        keep(id=77)
