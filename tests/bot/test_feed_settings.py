"""[feeds.NAME] in config.toml."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot import starter
from bot.config import ConfigError, load
from broadcasts.settings import FeedSettings
from tests.system import write_config

PRESS = '\n[feeds.presse]\nurl = "https://www.a.example/feed?type=9818"\n'


def written(folder: Path, more: str) -> Path:
    path = write_config(folder)
    path.write_text(path.read_text() + more)
    return path


def test_it_reads_feeds_by_name(tmp_path: Path) -> None:
    more = PRESS + '[feeds.rathaus]\nurl = "https://a.example/x"\nqueue = true\nevery = "1h"\n'
    found = load(written(tmp_path, more)).settings.feeds
    assert found["presse"] == FeedSettings(url="https://www.a.example/feed?type=9818")
    assert (found["rathaus"].queue, found["rathaus"].every) == (True, timedelta(hours=1))


def test_it_has_none_by_itself(tmp_path: Path) -> None:
    assert load(write_config(tmp_path)).settings.feeds == {}


def test_it_takes_the_example_as_it_stands_there(tmp_path: Path) -> None:
    section = re.search(r"^# \[feeds\.NAME\]\n(# .*\n)+", starter.example(), re.MULTILINE)
    assert section
    lines = re.sub(r"^# ", "", section[0], flags=re.MULTILINE)
    (found,) = load(written(tmp_path, f"\n{lines}")).settings.feeds.values()
    assert found == FeedSettings(url=found.url)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[feeds.presse]\nurl = ""\n', "feeds.presse.url"),
        ('[feeds.presse]\nurl = "file:///etc/passwd"\n', "feeds.presse.url"),
        ('[feeds.presse]\nurl = "https://name:word@a.example/"\n', "feeds.presse.url"),
        ('[feeds.presse]\nurl = "https://a.example/#x"\n', "feeds.presse.url"),
        (PRESS + 'every = "4m"\n', "feeds.presse.every"),
        (PRESS + "newest = 99\n", "feeds.presse.newest"),
        (PRESS + 'intranet = "http://10.0.0.1/"\n', "feeds.presse.intranet"),
        (PRESS + PRESS.replace("presse", "zwei"), "feeds.zwei.url"),
        (PRESS.replace("presse", '"zwei Wörter"'), "feeds"),
        (PRESS.replace("presse", "x" * 41), "feeds"),
        (PRESS + "que = true\n", "feeds.presse.que"),
    ],
)
def test_it_says_what_is_wrong_with_a_feed(tmp_path: Path, more: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, f"\n{more}"))
    assert [problem.key for problem in caught.value.problems] == [key]
    assert "word" not in str(caught.value).removeprefix(str(tmp_path)) or key == "feeds"
