"""Secrets: from .env or the environment, none with a default, none ever shown."""

import hmac
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import config
from bot.config import ConfigError, load
from broadcasts.channels.base import WebhookError
from broadcasts.channels.registry import build_all
from tests.bot.test_config import change, problems, turn_into_folder
from tests.system import KEY, write_config


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name == "SECRET_KEY" or name.startswith("WHATSAPP_"):
            monkeypatch.delenv(name)


def test_it_needs_every_secret(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=kurz\n")
    assert set(problems(path)) == {
        "SECRET_KEY (.env)",
        "WHATSAPP_TOKEN (.env)",
        "WHATSAPP_APP_SECRET (.env)",
        "WHATSAPP_VERIFY_TOKEN (.env)",
    }


@pytest.fixture(autouse=True)
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "SECRETS_FOR", 0.0)


def test_it_does_not_look_for_each_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "SECRETS_FOR", 60.0)
    found = load(write_config(tmp_path))
    change(tmp_path / ".env", "WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another-token")
    assert found.secrets("whatsapp").token == "token-of-the-test"


def test_it_lets_the_environment_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(write_config(tmp_path))
    monkeypatch.setenv("WHATSAPP_TOKEN", "from-the-environment")
    assert found.secrets("whatsapp").token == "from-the-environment"


def test_it_reads_a_replaced_token_without_a_restart(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    change(tmp_path / ".env", "WHATSAPP_TOKEN=token-of-the-test", "WHATSAPP_TOKEN=another-token")
    assert found.secrets("whatsapp").token == "another-token"


@pytest.mark.parametrize("half", [b"", b"WHATSAPP_TOKEN=new\n", b"\xff"])
def test_it_keeps_the_last_whole_secrets_while_the_file_is_written(
    tmp_path: Path, half: bytes
) -> None:
    found = load(write_config(tmp_path))
    (tmp_path / ".env").write_bytes(half)
    assert found.secrets("whatsapp").app_secret == "secret-of-the-test"
    assert found.secret_key == KEY


def test_it_lets_nobody_sign_with_an_empty_secret(tmp_path: Path) -> None:
    found = load(write_config(tmp_path))
    channel = build_all(found.settings.channels, found.secrets, found.media_dir)["whatsapp"]
    (tmp_path / ".env").write_text("")
    forged = "sha256=" + hmac.new(b"", b"{}", "sha256").hexdigest()
    with pytest.raises(WebhookError):
        channel.verify({"X-Hub-Signature-256": forged}, b"{}")


def test_it_shows_no_secret(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, "sqlite:///stadtbote.db", "postgresql://bote:geheim@localhost/bote")
    found = load(path)
    shown = repr(found) + repr(found.secrets("whatsapp"))
    secrets = (KEY, "token-of-the-test", "secret-of-the-test", "word-of-the-test", "geheim")
    assert not [secret for secret in secrets if secret in shown]


def test_it_shows_no_secret_in_an_error(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    change(path, "[database]\nurl = ", '[database]\nurl = "mysql://bote:geheim@x"\nurl_old = ')
    change(tmp_path / ".env", KEY, "zukurz")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "geheim" not in str(caught.value)
    assert "zukurz" not in str(caught.value)


@pytest.mark.parametrize("spoil", [lambda env: env.write_bytes(b"\xff"), turn_into_folder])
def test_it_says_that_the_secrets_cannot_be_read(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path = write_config(tmp_path)
    spoil(tmp_path / ".env")
    assert list(problems(path)) == [".env"]


def test_it_warns_of_secrets_that_others_can_read(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    (tmp_path / ".env").chmod(0o644)
    assert [problem.key for problem in load(path).warnings] == [".env"]
