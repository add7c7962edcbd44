"""The whole service in one process, against the stand-in, over real HTTP: for story tests."""

import copy
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from bot import starter
from bot.app import create_web, open_city
from bot.city import City
from bot.family import PARTS
from bot.loops import Loops
from bot.sandbox import (
    MetaPhone,
    MetaSettings,
    Phone,
    Sandbox,
    SandboxSettings,
    TelegramPhone,
    TelegramSettings,
)
from broadcasts import db, journal
from broadcasts.delivery import heartbeats
from broadcasts.newsroom import template_sync
from tests.patience import wait_until

TOKEN, APP_SECRET, VERIFY_TOKEN = "token-of-the-test", "secret-of-the-test", "word-of-the-test"
KEY = "key-of-the-test-that-nobody-could-guess-01234567"
NUMBER = "1234567890"


def beat_everywhere() -> None:
    """Signs of life as if all loops and the door were running."""
    heartbeats.beat("test", *PARTS, heartbeats.DOOR)


def write_config(folder: Path, **replace: str) -> Path:
    """A configuration like `stadtbote init` writes it, filled in; `replace`: old → new lines."""
    starter.write_new(folder)
    config, env = folder / "config.toml", folder / ".env"
    text = config.read_text(encoding="utf-8")
    for key, value in replace.items():
        old = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
        text = text.replace(old, f"{key} = {value}", 1)
    config.write_text(text, encoding="utf-8")
    env.write_text(
        f"SECRET_KEY={KEY}\nWHATSAPP_TOKEN={TOKEN}\nWHATSAPP_APP_SECRET={APP_SECRET}\n"
        f"WHATSAPP_VERIFY_TOKEN={VERIFY_TOKEN}\n"
    )
    env.chmod(0o600)
    return config


TELEGRAM_TOKEN = "110201543:AAtokenofthetestAAtokenofthetestAAt"
TELEGRAM_SECRET = "telegram-secret-of-the-test"


def add_telegram(config: Path, api_url: str, receive: str) -> None:
    """A second channel in the same configuration."""
    with config.open("a") as file:
        file.write(
            f'\n[telegram]\nusername = "MusterstadtBot"\nreceive = "{receive}"\n'
            f'api_url = "{api_url}"\n'
        )
    with (config.parent / ".env").open("a") as file:
        file.write(f"TELEGRAM_TOKEN={TELEGRAM_TOKEN}\nTELEGRAM_WEBHOOK_SECRET={TELEGRAM_SECRET}\n")


META_TOKEN, META_SECRET = "token-of-the-page-of-the-test", "secret-of-the-page-of-the-test"
PAGE, PROFILE = (
    MetaSettings(token=META_TOKEN, app_secret=META_SECRET, verify_token="w", account=account)
    for account in ("100200300400500", "17840000000000001")
)


def add_meta(config: Path, stand_in: Sandbox) -> None:
    """Messenger and Instagram in the same configuration."""
    with config.open("a") as file:
        file.write(
            f'\n[messenger]\npage_id = "{PAGE.account}"\npage = "musterstadt"\n'
            f'graph_url = "{stand_in.messenger.url}"\n'
            f'\n[instagram]\naccount_id = "{PROFILE.account}"\nprofile = "musterstadt"\n'
            f'graph_url = "{stand_in.instagram.url}"\n'
        )
    with (config.parent / ".env").open("a") as file:
        for name in ("MESSENGER", "INSTAGRAM"):
            file.write(
                f"{name}_TOKEN={META_TOKEN}\n{name}_APP_SECRET={META_SECRET}\n"
                f"{name}_VERIFY_TOKEN=w\n"
            )


def connect_meta(city: City, stand_in: Sandbox, url: str) -> None:
    """As an administrator does it: the webhook in the app's settings, and our command."""
    for kind, stage in (("messenger", stand_in.messenger), ("instagram", stand_in.instagram)):
        stage.set_webhook(f"{url}/webhooks/{kind}")
        city.channels[kind].connect(url)


EMAIL_SECRET = "email-secret-of-the-test"
EMAIL_FROM = "newsletter@musterstadt.example"


def add_email(config: Path, port: int) -> None:
    """A newsletter by the mail server that listens there."""
    with config.open("a") as file:
        file.write(
            f'\n[email]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
            f'from_address = "{EMAIL_FROM}"\nfrom_name = "Stadt Musterstadt"\n'
        )
    with (config.parent / ".env").open("a") as file:
        file.write(f"EMAIL_SECRET={EMAIL_SECRET}\n")


class System:
    """A running city with its stand-in."""

    def __init__(self, city: City, sandbox: Sandbox, url: str, config: Path) -> None:
        self.city, self.sandbox, self.url, self.config = city, sandbox, url, config

    def phone(self, last: int, *, shape: str = "both") -> Phone:
        return self.sandbox.phone(f"+49 176 040690{last:02}", shape=shape)

    def telegram(self, last: int) -> TelegramPhone:
        return self.sandbox.telegram_phone(555000100 + last)

    def messenger(self, last: int) -> MetaPhone:
        return self.sandbox.messenger.phone(100 + last)

    def instagram(self, last: int) -> MetaPhone:
        return self.sandbox.instagram.phone(100 + last)

    def settle(self) -> None:
        """Until everything that was said has been heard and applied on both sides."""
        wait_until(lambda: self.sandbox.is_quiet() and journal.is_drained())


_APPROVED: dict[Any, Any] = {}
"""The stand-in's templates as the first city of a kind made them: each of hundreds of tests would
make sixty anew, one call each."""


def _sync(city: City, stand_in: Sandbox) -> None:
    pictures = any(channel.can_picture_templates() for channel in city.channels.values())
    kind = (pictures, city.newsroom.settings.business_hours is None)
    if kind in _APPROVED:
        stand_in.world.templates.update(copy.deepcopy(_APPROVED[kind]))
        template_sync.refresh(city.newsroom)
    else:
        template_sync.sync(city.newsroom)
        _APPROVED[kind] = copy.deepcopy(stand_in.world.templates)


@contextmanager
def running(
    folder: Path,
    database_url: str,
    *,
    loops: bool = True,
    sandbox: SandboxSettings | None = None,
    telegram: str = "",
    meta: bool = False,
    email: int = 0,
    more: str = "",
    **replace: str,
) -> Iterator[System]:
    """Web (a plain WSGI server), loops and stand-in; ends them all. `telegram`: webhook or polling,
    as second channel; `meta`: Messenger and Instagram, too; `email`: port of a mail server, as
    another; `more`: what stands at the end of config.toml."""
    settings = sandbox or SandboxSettings(
        token=TOKEN, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, tier="TIER_10K"
    )
    bot = TelegramSettings(token=TELEGRAM_TOKEN)
    with Sandbox(settings, telegram=bot, messenger=PAGE, instagram=PROFILE) as stand_in:
        lines = {
            "graph_url": f'"{stand_in.url}"',
            "url": f'"{database_url}"',
            "latest": '"23:59"',
            "time": '"00:01"',
            "from": '"00:00"',
            "to": '"00:00"',
            **replace,
        }
        config = write_config(folder, **lines)
        if telegram:
            add_telegram(config, stand_in.url, telegram)
        if meta:
            add_meta(config, stand_in)
        if email:
            add_email(config, email)
        with config.open("a") as file:
            file.write(more)
        city = open_city(config)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = make_server("127.0.0.1", 0, create_web(city), threaded=True)
        # A request still under way is waited for by `server_close`, not left to the next test.
        server.daemon_threads = False
        # It looks so often whether it is to end; half a second by default.
        serving = threading.Thread(target=server.serve_forever, args=(0.02,), name="web")
        serving.start()
        url = f"http://127.0.0.1:{server.server_port}"
        stand_in.set_webhook(f"{url}/webhooks/whatsapp")
        if telegram:
            city.channels["telegram"].connect(url)
        if meta:
            connect_meta(city, stand_in, url)
        parts = Loops(city) if loops else None
        with db.session():
            heartbeats.beat("test", heartbeats.DOOR)
            _sync(city, stand_in)
            if parts is not None:
                parts.start()
            try:
                yield System(city, stand_in, url, config)
            finally:
                if parts is not None:
                    parts.stop()
                server.shutdown()
                serving.join()
                server.server_close()
        db.close_database()
