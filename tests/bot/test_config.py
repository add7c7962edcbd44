"""Configuration: every mistake at once, each with its key; no default for a secret."""

import contextlib
import dataclasses
import datetime as dt
import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config as configuration
from bot.config import Config, ConfigError, load
from tests.system import KEY, write_config


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name == "SECRET_KEY" or name.startswith("WHATSAPP_"):
            monkeypatch.delenv(name)


SHORTEST = """
[city]
name = "Stadt Musterstadt"
public_url = "https://bote.musterstadt.example"
[whatsapp]
phone_id = "1234567890"
waba_id = "9876543210"
number = "+49 176 04069000"
"""


def problems(path: Path) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return {problem.key: problem.text for problem in caught.value.problems}


def turn_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


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
    assert 'did you mean "quiet_hours"' in found["quiet_ours"]


def test_it_has_service_notices_only_with_their_section(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    assert load(path).settings.business_hours is None
    with path.open("a") as file:
        file.write("\n[business_hours]\n")
    found = load(path).settings.business_hours
    assert found is not None
    assert (found.start, found.end) == (dt.time(8, 30), dt.time(17))
    assert found.weekdays == ("mon", "tue", "wed", "thu", "fri")
    change(path, "\n[business_hours]", "\n[business_ours]")
    assert 'did you mean "business_hours"' in problems(path)["business_ours"]
    change(path, "[city]", "business_hours = 5\n[city]")
    assert problems(path)["business_hours"] == "must be a section"


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        ('from = "17:00"\nto = "08:30"', "business_hours.to", "must be later"),
        ('from = "07:30"', "business_hours.from", "reaches into the quiet hours"),
        ('to = "21:30"', "business_hours.from", "reaches into the quiet hours"),
        ("weekdays = []", "business_hours.weekdays", "names no day"),
        ('weekdays = ["mo"]', "business_hours.weekdays", "is not one of"),
        ('form = "08:30"', "business_hours.form", 'did you mean "from"'),
        ('from = "8:30"', "business_hours.from", "is not a time of day"),
    ],
)
def test_it_names_what_is_wrong_with_business_hours(
    tmp_path: Path, lines: str, key: str, words: str
) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write(f"\n[business_hours]\n{lines}\n")
    assert words in problems(path)[key]


def test_it_names_all_that_is_wrong_with_business_hours_at_once(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write('\n[business_hours]\nweekdays = []\nfrom = "20:00"\nfirm = 1\n')
    wanted = {"business_hours.weekdays", "business_hours.to", "business_hours.firm"}
    assert wanted == set(problems(path))


def test_it_asks_for_no_clearance_of_quiet_hours_that_are_off(tmp_path: Path) -> None:
    path = write_config(tmp_path, **{"from": '"00:00"', "to": '"00:00"'})
    with path.open("a") as file:
        file.write('\n[business_hours]\nfrom = "00:00"\nto = "23:59"\n')
    assert load(path).settings.business_hours is not None


def test_it_holds_no_cap_without_a_budget_and_rates(tmp_path: Path) -> None:
    path = write_config(tmp_path, hard_cap="true")
    assert "needs budget.per_month" in problems(path)["budget.hard_cap"]
    change(path, 'per_month = "0"', "per_month = 250.50")
    assert load(path).settings.budget.per_month == Decimal("250.50")
    path.write_text(re.sub(r"\[\[prices\]\]\n(\w+ = .*\n)+", "", path.read_text()))
    assert "needs [[prices]]" in problems(path)["budget.hard_cap"]


def test_it_hides_no_mistake_behind_another(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, 'timezone = "Europe/Berlin"', 'timezone = "Europa/Berlin"')
    change(path, 'public_url = "https://', 'public_url = "ftp://')
    change(path, 'latest = "20:00"', 'latest = "16:00"')
    change(path, 'number = "+49 176 04069000"', 'number = "anrufen"')
    with path.open("a") as file:
        file.write('[texts.de]\nfarewel = "Tschüss"\nhelp = 5\n')
    assert list(problems(path)) == [
        "city.timezone",
        "texts.de.help",
        "city.public_url",
        "whatsapp.number",
        "digest.latest",
        "texts.de.farewel",
    ]


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
        ('amount = "0.1131"', 'amount = "1e999999"', "prices[1].amount"),
        ('amount = "0.1131"', "amount = [0, 1, 0]", "prices[1].amount"),
        ('channel = "whatsapp"', 'channel = "watsapp"', "prices[1].channel"),
        ('currency = "EUR"', 'currency = "Euro"', "prices[1].currency"),
        ('waba_id = "9876543210"', 'waba_id = ""', "whatsapp.waba_id"),
        ('graph_url = "https://', 'graph_url = "', "whatsapp.graph_url"),
        ('url = "sqlite:///stadtbote.db"', 'url = "sqlite:///"', "database.url"),
        ("musterstadt.example", "musterstadt.example/webhooks", "city.public_url"),
        ("musterstadt.example", "musterstadt.example#oben", "city.public_url"),
        ("musterstadt.example", "musterstadt.example:99999", "city.public_url"),
        ("https://bote", "https://user:word@bote", "city.public_url"),
        ('time = "17:00"', "time = 0x" + "f" * 9000, "digest.time"),
        ("in_flight = 200", "in_flight = " + "9" * 9000, "config.toml"),
        ('name = "Stadt', 'name = "\\u0000Stadt', "city.name"),
        ('name = "Stadt', 'name = "Stadt\\n', "city.name"),
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
    assert problems(path) == {"whatsapp.numbers.nord.phone_id": "is the same as whatsapp.phone_id"}


def test_it_knows_a_number_in_another_spelling(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    with path.open("a") as file:
        file.write('[whatsapp.numbers.nord]\nphone_id = "22"\nnumber = "+49 (0176) 04069000"\n')
        file.write('[whatsapp.numbers.sued]\nnumber = "+1 202 555 0134"\n')
    assert problems(path) == {
        "whatsapp.numbers.nord.number": "is the same as whatsapp.number",
        "whatsapp.numbers.sued.phone_id": "missing",
    }


def test_it_names_what_an_absent_section_lacks(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text("[whatsapp]\n")
    assert set(problems(path)) == {
        *("whatsapp.phone_id", "whatsapp.waba_id", "whatsapp.number"),
        *("city.name", "city.public_url"),
    }


def test_it_takes_what_is_not_said_as_the_example_says_it(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    example = load(path).settings
    path.write_text(SHORTEST)
    assert load(path).settings == dataclasses.replace(example, prices=())


def test_it_serves_a_dutch_city(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, 'timezone = "Europe/Berlin"', 'timezone = "Europe/Amsterdam"')
    change(path, 'language = "de"', 'language = "nl"')
    city = load(path).settings.city
    assert (city.timezone, city.language) == (ZoneInfo("Europe/Amsterdam"), "nl")


def test_it_reads_a_file_of_windows_editor(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    for file in (path, tmp_path / ".env"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path).secret_key == KEY


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
    assert set(problems(path)) == {"texts.de.farewel", "texts.fr"}


def test_it_says_what_to_do_without_a_file(tmp_path: Path) -> None:
    assert "stadtbote init" in problems(tmp_path / "config.toml")["config.toml"]


def test_it_says_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path)[tmp_path.name]


def test_it_counts_a_relative_database_from_its_own_folder(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert found.database_url == f"sqlite:///{tmp_path.resolve() / 'stadtbote.db'}"


def test_it_leaves_the_url_of_a_postgresql_as_it_is(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, "sqlite:///stadtbote.db", "postgresql://localhost/bote")
    assert load(path).database_url == "postgresql://localhost/bote"


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


@settings(max_examples=150)
@given(st.data())
def test_it_raises_nothing_else_for_a_value_of_another_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    path = tmp_path / "config.toml"
    if not path.exists():
        write_config(tmp_path)
    table = tomllib.loads(path.read_text())
    section = data.draw(st.sampled_from(sorted(table.keys() - {"prices"})))
    key = data.draw(st.sampled_from(sorted(table[section])))
    table[section][key] = data.draw(VALUES)
    with monkeypatch.context() as patch, contextlib.suppress(ConfigError):
        patch.setattr(configuration, "_read_toml", lambda path: table)
        assert isinstance(load(path), Config)


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_it_refuses_any_rubbish_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError):
        load(tmp_path / "config.toml")


def test_it_is_a_plain_value(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    assert isinstance(found, Config)
    for field in dataclasses.fields(found):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(found, field.name, None)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('page_id = "https://facebook.com/1"', "messenger.page_id"),
        ('page_id = ""', "messenger.page_id"),
        ('page = "facebook.com/musterstadt"', "messenger.page"),
        ('account_id = "@musterstadt"', "instagram.account_id"),
        ('through_page = "musterstadt"', "instagram.through_page"),
        ('token_expires_on = "31.1.2027"', "instagram.token_expires_on"),
        ('token_expires_on = "20270131"', "instagram.token_expires_on"),
    ],
)
def test_it_names_the_key_of_each_mistake_of_metas(tmp_path: Path, line: str, key: str) -> None:
    path, section = write_config(tmp_path), key.partition(".")[0]
    good = {
        "messenger": {"page_id": '"1"', "page": '"musterstadt"'},
        "instagram": {"account_id": '"1"', "profile": '"stadt.musterstadt"'},
    }
    name, _, value = line.partition(" = ")
    lines = (good[section] | {name: value}).items()
    with path.open("a") as file:
        file.write(f"[{section}]\n" + "".join(f"{k} = {v}\n" for k, v in lines))
    assert {found for found in problems(path) if not found.endswith("(.env)")} == {key}
