"""Of too few nobody is told how many have read."""

import pytest

from broadcasts.delivery import reading


@pytest.mark.parametrize(("reached", "said"), [(0, None), (4, None), (5, 3), (1000, 3)])
def test_it_says_nothing_of_fewer_than_five(reached: int, said: int | None) -> None:
    assert reading.shown(3, reached=reached) == said


def test_it_leaves_no_difference_from_which_it_could_be_reckoned() -> None:
    counts = {"recipients": 4, "sent": 1, "delivered": 1, "read": 2}
    assert reading.tellable(counts, reached=4) == {
        "recipients": 4,
        "sent": 1,
        "delivered": 3,
        "read": None,
    }
    assert reading.tellable(counts, reached=5) == counts
