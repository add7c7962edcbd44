"""What readers have chosen: combinations that are shared, and the rule by which they fit."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from broadcasts import db
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import EVERYTHING, Scope, Selection
from tests.delivery.makers import reader

pytestmark = pytest.mark.usefixtures("database")

ROADS, NORTH = Scope(("roads",)), Scope((), ("north",))
BOTH = Scope(("roads",), ("north",))


@pytest.mark.parametrize(
    ("choice", "about", "fits"),
    [
        (EVERYTHING, ROADS, True),
        (ROADS, EVERYTHING, True),
        (ROADS, ROADS, True),
        (ROADS, Scope(("culture",)), False),
        (ROADS, Scope(("culture", "roads")), True),
        (ROADS, NORTH, True),
        (NORTH, BOTH, True),
        (NORTH, Scope(("roads",), ("south",)), False),
        (BOTH, Scope(("roads",), ("south",)), False),
        (BOTH, Scope(("culture",), ("north",)), False),
        (BOTH, BOTH, True),
    ],
)
def test_it_fits_in_each_kind_that_both_name(choice: Scope, about: Scope, fits: bool) -> None:
    assert choice.fits(about) is fits
    assert about.fits(choice) is fits


def test_it_keeps_one_row_for_each_combination() -> None:
    first = selections.keep(Scope(("roads", "culture")))
    assert selections.keep(Scope(("culture", "roads", "roads"))) == first
    assert selections.read(first) == Scope(("culture", "roads"))
    assert selections.keep(EVERYTHING) is None
    assert selections.read(None) == EVERYTHING


def test_it_drops_what_nobody_has() -> None:
    person = reader(1)
    subscribers.select(person, selections.keep(ROADS))
    selections.keep(NORTH)
    assert subscribers.drop_unselected() == 1
    assert selections.known() == {person.selection_id: ROADS}
    subscribers.opt_out(person, person.created_at)
    assert subscribers.drop_unselected() == 1
    assert not Selection.select().exists()


def test_it_keeps_names_with_any_sign() -> None:
    strange = Scope(('a;b,"c]',), ("ß",))
    assert selections.read(selections.keep(strange)) == strange
    assert selections.unpack(selections.pack([strange, EVERYTHING])) == [strange, EVERYTHING]
    assert selections.pack([EVERYTHING, EVERYTHING]) == []


def test_it_makes_a_combination_anew_that_is_dropped_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An erasure at the desk, while somebody chooses the same: their message must not be lost."""
    if db.is_sqlite():
        pytest.skip("one writer at a time")
    first = selections.keep(ROADS)
    for_update = db.for_update

    def drop() -> None:
        with db.session():
            assert subscribers.drop_if_unselected(first) == 1

    def meanwhile(query: Any) -> Any:
        monkeypatch.setattr(db, "for_update", for_update)
        with ThreadPoolExecutor() as pool:
            pool.submit(drop).result()
        return for_update(query)

    monkeypatch.setattr(db, "for_update", meanwhile)
    with db.transaction():
        kept = selections.keep(ROADS)
    assert selections.known() == {kept: ROADS}
