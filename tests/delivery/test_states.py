"""The table of moves: what the design's picture says, and nothing else."""

from broadcasts.delivery import states
from broadcasts.delivery.states import MOVES
from broadcasts.delivery.states import DeliveryState as S


def test_it_never_leaves_a_final_state() -> None:
    assert {S.READ, S.FAILED, S.SKIPPED, S.EXPIRED, S.CANCELLED} == states.FINAL


def test_it_never_takes_back_a_delivery() -> None:
    assert MOVES[S.DELIVERED] == {S.READ}


def test_it_goes_on_the_wire_only_from_the_queue() -> None:
    assert states.before(S.SENDING) == {S.QUEUED}


def test_it_returns_to_the_queue_only_from_what_may_not_have_arrived() -> None:
    assert states.before(S.QUEUED) == {S.SENDING, S.UNKNOWN, S.SENT}


def test_it_knows_what_is_reached() -> None:
    assert {S.SENT, S.DELIVERED, S.READ} == states.REACHED


def test_it_names_every_state_in_the_table() -> None:
    assert set(MOVES) == set(S)
