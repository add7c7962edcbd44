"""The pace: never above the allowance in any second, nearly all of it used."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.delivery.pacing import AnswersShare, Pacer


def drive(pacer: Pacer, steps: Iterator[float] | list[float]) -> list[tuple[float, int]]:
    """Takes whatever is granted at each step; gives (time, number)."""
    now, taken = 1000.0, []
    for step in steps:
        now += step
        number = pacer.grant(now)
        pacer.take(number, now)
        taken.append((now, number))
    return taken


def busiest_second(taken: list[tuple[float, int]]) -> int:
    return max(
        sum(number for at, number in taken if start <= at < start + 1.0) for start, _ in taken
    )


@pytest.mark.parametrize("rate", [1, 5, 80, 1000])
def test_it_uses_nearly_all_of_the_allowance(rate: int) -> None:
    taken = drive(Pacer(rate), [0.02] * 1000)
    total = sum(number for _, number in taken)
    assert 0.95 * rate * 20 - 1 <= total <= rate * 20 + 1


@given(st.integers(1, 1000), st.lists(st.floats(0.001, 1.5), min_size=1, max_size=200))
def test_it_never_exceeds_the_rate_in_any_second(rate: int, steps: list[float]) -> None:
    assert busiest_second(drive(Pacer(rate), steps)) <= rate


def test_it_leaves_room_for_calls_that_arrive_closer_together() -> None:
    """After a pause, too: what leaves in one second may reach the provider in less."""
    taken = drive(Pacer(80), [0.02] * 100 + [0.3] + [0.02] * 200)
    assert busiest_second(taken) == 79


def test_it_counts_what_comes_in_against_the_same_allowance() -> None:
    pacer = Pacer(80)
    now, sent = 1000.0, 0
    for _ in range(500):
        now += 0.02
        pacer.received(1, now)  # 50 a second
        number = pacer.grant(now)
        pacer.take(number, now)
        sent += number
    assert sent <= 30 * 10
    assert sent >= 0.9 * 28 * 10


def test_it_halves_the_pace_when_told_too_fast_and_recovers() -> None:
    pacer = Pacer(80)
    drive(pacer, [0.02] * 50)
    assert [pacer.slow_down(2000.0), pacer.slow_down(2000.5)] == [True, False]
    assert pacer.factor == 0.5
    drive(pacer, [0.02] * 1000)
    assert pacer.factor == 1.0


def test_it_keeps_a_tenth_for_answers_while_an_alert_runs() -> None:
    share = AnswersShare(80)
    now, answers = 1000.0, 0
    for _ in range(500):
        now += 0.02
        number = share.of(2, now)
        share.took(number)
        answers += number
    assert 75 <= answers <= 85


def test_it_keeps_at_least_one_answer_a_second() -> None:
    share = AnswersShare(1)
    answers = 0
    for second in range(10):
        number = share.of(1, 1000.0 + second)
        share.took(number)
        answers += number
    assert answers == 10
