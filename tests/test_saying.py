"""Sentences and their values, kept apart until somebody reads them."""

import copy
import json
from datetime import UTC, datetime, timedelta

from broadcasts.saying import pack, say, unpack


def test_it_comes_back_from_being_packed_as_json() -> None:
    at = datetime(2026, 11, 24, 17, tzinfo=UTC)
    said = say("since %(time)s: %(why)s", time=at, why=[say("a %(b)s", b="c"), "d"])
    back = unpack(json.loads(json.dumps(pack(said))))
    assert back == said
    assert back.values["time"] == at
    assert back.values["why"][0].values == {"b": "c"}


def test_it_keeps_a_length_of_time() -> None:
    said = say("in about %(time)s", time=timedelta(minutes=5))
    assert said == "in about 5 minutes"
    assert unpack(json.loads(json.dumps(pack(said)))).values["time"] == timedelta(minutes=5)


def test_it_can_be_copied() -> None:
    said = say("a %(b)s", about="field", b=1)
    other = copy.deepcopy(said)
    assert (other, other.text, other.values, other.field) == (said, said.text, {"b": 1}, "field")
