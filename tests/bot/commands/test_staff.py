"""`stadtbote staff …` and `stadtbote audit verify`."""

import json
from pathlib import Path

import pytest

from bot.cli import main
from broadcasts import db
from broadcasts.privacy.audit import AuditEntry
from tests.system import write_config

Said = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    return write_config(tmp_path, url=f'"{database_url}"')


def run(config: Path, *words: str) -> int:
    try:
        return main(["--config", str(config), *words])
    finally:
        db.close_database()


def test_it_makes_an_account_and_shows_its_password_once(config: Path, capsys: Said) -> None:
    assert run(config, "staff", "add", "m.muster", "--role", "press", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["roles"] == ["press"]
    assert run(config, "staff", "list", "--json") == 0
    said = capsys.readouterr().out
    assert made["password"] not in said
    assert json.loads(said)[0]["state"] == "active"


def test_it_says_what_is_wrong_with_an_account(config: Path, capsys: Said) -> None:
    assert run(config, "staff", "add", "M Muster", "--role", "press") == 1
    assert "a name has 3 to 60 signs" in capsys.readouterr().err
    assert run(config, "staff", "reset", "niemand") == 1
    assert "there is no account niemand" in capsys.readouterr().err


def test_it_keeps_the_last_administrator(config: Path, capsys: Said) -> None:
    run(config, "staff", "add", "admin", "--role", "admin")
    assert "authenticator" in capsys.readouterr().out
    assert run(config, "staff", "disable", "admin") == 1
    assert "last administrator" in capsys.readouterr().err


def test_it_disables_and_resets(config: Path, capsys: Said) -> None:
    run(config, "staff", "add", "muster", "--role", "press")
    assert run(config, "staff", "disable", "muster") == 0
    run(config, "staff", "list")
    assert "disabled" in capsys.readouterr().out
    assert run(config, "staff", "reset", "muster") == 0
    run(config, "staff", "list")
    assert "disabled" not in capsys.readouterr().out


def test_it_audits_itself_and_finds_a_change(config: Path, capsys: Said) -> None:
    run(config, "staff", "add", "muster", "--role", "press")
    assert run(config, "audit", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["entries"] == 1
    run_change(config)
    assert run(config, "audit", "verify") == 1
    assert "not as it was written" in capsys.readouterr().err


def run_change(config: Path) -> None:
    from bot.app import open_city

    open_city(config)
    with db.session():
        AuditEntry.update(staff="jemand").execute()
    db.close_database()
