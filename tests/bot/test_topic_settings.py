"""[topics.NAME] and [districts.NAME] in config.toml."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load
from tests.bot.test_feed_settings import PRESS, written

ROADS = '\n[topics.roads]\nname = "Baustellen"\n'


def test_it_reads_topics_and_districts_in_their_order(tmp_path: Path) -> None:
    more = '[districts.north-2]\nname = "Nordstadt"\nen = "North"\nwords = "Norden, Nord"\n'
    found = load(written(tmp_path, ROADS + '[topics.arts]\nname = "Kultur"\n' + more)).settings
    assert list(found.topics) == ["roads", "arts"]
    north = found.districts["north-2"]
    assert (north.label("en"), north.label("nl")) == ("North", "Nordstadt")
    assert north.phrases == ("Nordstadt", "North", "Norden", "Nord")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("\n[topics.roads]\n", "topics.roads.name"),
        (ROADS + "colour = 1\n", "topics.roads.colour"),
        ('\n[topics."Ä b"]\nname = "X"\n', "not like roads or north-2"),
        ('\n[topics.roads]\nname = "Stopp"\n', "mean something else"),
        (ROADS + '[districts.x]\nname = "baustellen"\n', "districts.x: has a name or word"),
        (PRESS + 'topic = "roads"\n', "there is no [topics.roads]"),
    ],
)
def test_it_names_what_is_wrong(tmp_path: Path, more: str, problem: str) -> None:
    with pytest.raises(ConfigError, match="cannot be used") as caught:
        load(written(tmp_path, more))
    assert problem in str(caught.value)
