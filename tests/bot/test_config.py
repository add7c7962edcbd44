"""Configuration: every mistake at once, each with its key; no default for a secret."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config as configuration
from bot.config import Config, ConfigError, load
from tests.system import write_config


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name == "SECRET_KEY" or name.startswith("WHATSAPP_"):
            monkeypatch.delenv(name)


def problems(path: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return {problem.key: problem.text for problem in caught.value.problems}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_it_reads_what_init_writes(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert found.settings.city.name == "Stadt Musterstadt"
    assert found.settings.digest.time == dt.time(17, 0)
    assert found.settings.quiet_hours.start == dt.time(21, 0)
    assert found.settings.sending.settle_after == dt.timedelta(seconds=60)
    assert found.settings.prices[0].amount == Decimal("0.1131")
    assert found.warnings == ()


def test_it_names_five_mistakes_at_once(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, 'time = "17:00"', 'time = "25:00"')
    change(path, 'timezone = "Europe/Berlin"', 'timezone = "Europa/Berlin"')
    change(path, "messages_per_second = 80", 'messages_per_second = "schnell"')
    change(path, "[quiet_hours]", "[quiet_ours]")
    change(tmp_path / ".env", "WHATSAPP_APP_SECRET=", "SOMETHING_ELSE=")
    found = problems(path)
    assert set(found) == {
        "digest.time",
        "city.timezone",
        "whatsapp.messages_per_second",
        "quiet_ours",
        "WHATSAPP_APP_SECRET (.env)",
    }
    assert "did you mean 'quiet_hours'" in found["quiet_ours"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "Stadt', 'nam = "Stadt', "city.nam"),
        ('name = "Stadt Musterstadt"', 'name = " "', "city.name"),
        ('language = "de"', 'language = "fr"', "city.language"),
        ("minimum_age = 16", "minimum_age = 3", "city.minimum_age"),
        ("minimum_age = 16", "minimum_age = true", "city.minimum_age"),
        ("minimum_age = 16", "minimum_age = 160", "city.minimum_age"),
        ('settle_after = "60s"', 'settle_after = "bald"', "sending.settle_after"),
        ('settle_after = "60s"', 'settle_after = "0s"', "sending.settle_after"),
        ('latest = "20:00"', 'latest = "16:00"', "digest.latest"),
        ('time = "17:00"', 'time = "22:00"', "digest.time"),
        ('"sun"]', '"son"]', "digest.weekdays"),
        ('public_url = "https://', 'public_url = "ftp://', "city.public_url"),
        ('url = "sqlite:///stadtbote.db"', 'url = "mysql://x"', "database.url"),
        ('number = "+49 176 04069000"', 'number = "anrufen"', "whatsapp.number"),
        ('phone_id = "1234567890"', 'phone_id = ""', "whatsapp.phone_id"),
        ('amount = "0.1131"', 'amount = "viel"', "prices[1].amount"),
        ("since = 2025-07-01", 'since = "gestern"', "prices[1].since"),
        ("[whatsapp]", "[signal]", "signal"),
        ('name = "Stadt Musterstadt"', "name = [", "config.toml"),
    ],
)
def test_it_names_the_key_of_each_mistake(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = write_config(tmp_path)
    change(path, old, new)
    assert key in problems(path)


def test_it_refuses_a_number_that_stands_twice(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write(
            '[whatsapp.numbers.nord]\nphone_id = "1234567890"\nnumber = "+49 176 04069001"\n'
        )
    assert problems(path) == {"whatsapp.numbers.nord.phone_id": "stands at whatsapp already"}


def test_it_reads_further_numbers(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write('[whatsapp.numbers.nord]\nphone_id = "22"\nnumber = "+49 176 04069001"\n')
    found: Any = load(path).settings.channels["whatsapp"]
    assert found.numbers["nord"].messages_per_second == 80


def test_it_reports_texts_that_cannot_be(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write('[texts.de]\nfarewel = "Tschüss"\n[texts.fr]\nhelp = "Aide"\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert len(caught.value.problems) == 2


def test_it_needs_every_secret(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=kurz\n")
    assert set(problems(path)) == {
        "SECRET_KEY (.env)",
        "WHATSAPP_TOKEN (.env)",
        "WHATSAPP_APP_SECRET (.env)",
        "WHATSAPP_VERIFY_TOKEN (.env)",
    }


def test_it_says_what_to_do_without_a_file(tmp_path: Path) -> None:
    assert "stadtbote init" in problems(tmp_path / "config.toml")["config.toml"]


def test_it_lets_the_environment_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(write_config(tmp_path))
    monkeypatch.setenv("WHATSAPP_TOKEN", "from-the-environment")
    assert found.secrets("whatsapp").token == "from-the-environment"


def test_it_reads_a_replaced_token_without_a_restart(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    change(tmp_path / ".env", "WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another-token")
    assert found.secrets("whatsapp").token == "another-token"


def test_it_shows_no_secret(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert "token-of-the-test" not in repr(found) + repr(found.secrets("whatsapp"))


def test_it_counts_a_relative_database_from_its_own_folder(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert found.database_url == f"sqlite:///{tmp_path.resolve() / 'stadtbote.db'}"


def test_it_warns_of_secrets_that_others_can_read(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    (tmp_path / ".env").chmod(0o644)
    assert [problem.key for problem in load(path).warnings] == [".env"]


VALUES = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.dates(),
    st.times(),
)


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(["city", "digest", "prices", "texts", "whatsapp", "quiet_hours", "x"]),
        st.one_of(VALUES, st.dictionaries(st.sampled_from(["name", "time", "numbers"]), VALUES)),
    )
)
def test_it_answers_rubbish_only_with_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: dict[str, Any]
) -> None:
    monkeypatch.setattr(configuration, "_read_toml", lambda path: table)
    with pytest.raises(ConfigError):
        load(tmp_path / "config.toml")


def test_it_is_a_plain_value(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert isinstance(found, Config)
    with pytest.raises(AttributeError):
        found.path = tmp_path  # type: ignore[misc]
