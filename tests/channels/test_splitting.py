"""A text longer than one message holds, as several."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.channels import splitting
from broadcasts.channels.base import Button, Outcome, Result, Text, Unit, size

UNITS = st.sampled_from(list(Unit))
BODY = st.text(st.sampled_from("ab ä\n.😀"), max_size=200)


@given(BODY, st.integers(4, 40), UNITS)
def test_it_keeps_each_part_within_the_limit_and_loses_no_sign(
    body: str, limit: int, unit: Unit
) -> None:
    found = splitting.parts(body, limit, unit)
    assert all(size(part, unit) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(body.split())
    assert all(part.strip() for part in found) or not body.strip()


@given(BODY)
def test_it_leaves_a_short_text_as_it_is(body: str) -> None:
    assert splitting.parts(body, 1000, Unit.BYTES) == [body]


@pytest.mark.parametrize(
    ("body", "limit", "expected"),
    [
        ("Eins zwei.\n\nDrei vier fünf", 16, ["Eins zwei.", "Drei vier fünf"]),
        ("Eins zwei drei vier", 12, ["Eins zwei", "drei vier"]),
        ("Eins. Zwei drei vier", 16, ["Eins. Zwei drei", "vier"]),
        ("Donaudampfschiff", 6, ["Donaud", "ampfsc", "hiff"]),
        ("äääääää", 6, ["äää", "äää", "ä"]),
    ],
)
def test_it_cuts_where_a_reader_would(body: str, limit: int, expected: list[str]) -> None:
    assert splitting.parts(body, limit, Unit.BYTES) == expected


def run(content: Text, outcomes: Sequence[Outcome]) -> tuple[Result, list[Text]]:
    calls: list[Text] = []

    async def call(piece: Text) -> Result:
        calls.append(piece)
        return Result(outcomes[len(calls) - 1], f"id-{len(calls)}")

    return asyncio.run(splitting.send(content, 10, Unit.UTF16, call)), calls


LONG = Text("Eins zwei drei vier", (Button("x", "X"),), picture="bild.jpg")
OK = Outcome.ACCEPTED


def test_it_sends_the_picture_first_and_the_buttons_last() -> None:
    result, calls = run(LONG, [OK, OK])
    assert (result.outcome, result.provider_id) == (OK, "id-1")
    assert [(piece.body, piece.picture, len(piece.buttons)) for piece in calls] == [
        ("Eins zwei", "bild.jpg", 0),
        ("drei vier", None, 1),
    ]


def test_it_says_what_the_first_call_says() -> None:
    result, calls = run(LONG, [Outcome.BLOCKED])
    assert result.outcome is Outcome.BLOCKED
    assert len(calls) == 1


def test_it_does_not_call_a_part_a_failure() -> None:
    result, _ = run(LONG, [OK, Outcome.TRANSIENT])
    assert result.outcome is Outcome.UNKNOWN
