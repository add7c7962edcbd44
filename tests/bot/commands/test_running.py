"""`stadtbote init`, `migrate` and `demo`: what stands before anything runs."""

import socket
from pathlib import Path

import pytest

from bot.cli import main
from broadcasts import db
from tests.processes import free_port
from tests.system import write_config


def test_it_writes_a_new_city_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--dir", str(tmp_path / "neu")]) == 0
    assert main(["init", "--dir", str(tmp_path / "neu")]) == 1
    assert "there already" in capsys.readouterr().err


def test_it_keeps_the_database_from_other_users(tmp_path: Path) -> None:
    assert main(["--config", str(write_config(tmp_path)), "migrate"]) == 0
    db.close_database()
    assert (tmp_path / "stadtbote.db").stat().st_mode & 0o077 == 0


def test_it_migrates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path)
    assert main(["--config", str(config), "migrate"]) == 0
    assert main(["--config", str(config), "migrate", "--json"]) == 0
    assert capsys.readouterr().out.endswith('{"applied": []}\n')
    db.close_database()


@pytest.mark.parametrize("which", ["--port", "--phone-port"])
def test_it_says_in_one_line_that_a_port_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    ports = {"--port": free_port(), "--phone-port": free_port()}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ports[which] = listener.getsockname()[1]
        words = [word for name, port in ports.items() for word in (name, str(port))]
        assert main(["demo", "--dir", str(tmp_path), *words]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert str(ports[which]) in printed.err


def test_it_leaves_a_city_alone_that_is_kept_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text("mine")
    words = ["--port", str(free_port()), "--phone-port", str(free_port())]
    assert main(["demo", "--dir", str(tmp_path), *words]) == 1
    assert "holds a city already" in capsys.readouterr().err
    assert (tmp_path / "config.toml").read_text() == "mine"
