"""The one place that wires: config → database → channels → Flask → loops.

Owns: putting the parts together. Never: does any work of its own. Called by bot/processes (serve,
web, worker), the commands and the tests.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.city import City
from bot.config import Config, load
from bot.family import NO_LOOPS, Family
from broadcasts import clock, db, schema
from broadcasts.channels.registry import build_all
from broadcasts.delivery import accounts
from broadcasts.faults import let_go
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.texts import Texts
from broadcasts.privacy import erasure_log, keys, notice, restoring

if TYPE_CHECKING:
    from flask import Flask

NOISY = (
    "pywa",
    "telegram",
    "httpx",
    "httpcore",
    "aiohttp",
    "aiosmtplib",
    "apscheduler",
    "werkzeug",
    "peewee",
    "_granian",
)
"""Below WARNING their lines carry numbers, texts and URLs (invariant 9)."""


def build(config: Config) -> City:
    """Everything but the database connection; opens no socket and no file."""
    settings = config.settings
    texts = Texts(
        city=settings.city.name,
        public_url=settings.city.public_url,
        language=settings.city.language,
        minimum_age=settings.city.minimum_age,
        digest_time=f"{settings.digest.time:%H:%M}",
        notices=settings.business_hours,
        overrides=settings.texts,
    )
    channels = build_all(
        settings.channels, config.secrets, config.media_dir, settings.city.public_url
    )
    newsroom = Newsroom(settings=settings, texts=texts, channels=channels, media=config.media_dir)
    identity, trail = (keys.derive(config.secret_key, name) for name in ("identity", "audit"))
    return City(config, newsroom, identity, trail)


def open_city(path: Path) -> City:
    """Reads the configuration and opens the database at its current schema."""
    city = build(load(path))
    db.open_database(city.config.database_url)
    schema.migrate()
    with db.session():
        from bot import restore

        if restoring.under_way():
            # Cut off in the middle: before anything is sent.
            restore.finish(city)
        else:
            restore.sweep(city)
        erasure_log.prepare(clock.now())
        accounts.ensure(a for channel in city.channels.values() for a in channel.accounts)
        notice.keep(city.settings, clock.now())
    return city


def create_web(city: City, family: Family = NO_LOOPS) -> "Flask":
    """The WSGI application: doors for providers, pages for citizens, health for the supervisor.

    What only pages need is imported here: the process of the loops is 20 MB smaller without it.
    """
    from flask import Flask
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from bot import health, metrics
    from bot.public import archive, copy_page, feeds, join, pages, signing, site
    from bot.webhooks import Door

    app = Flask("bot")
    app.teardown_request(_disconnect)
    app.register_blueprint(health.blueprint(city, family))
    app.register_blueprint(metrics.blueprint())
    app.register_blueprint(pages.blueprint(city))
    app.register_blueprint(copy_page.blueprint(city))
    app.register_blueprint(signing.blueprint(city))
    app.register_blueprint(site.blueprint())
    app.register_blueprint(join.blueprint(city))
    app.register_blueprint(archive.blueprint(city))
    app.register_blueprint(feeds.blueprint(city))
    rooms = DispatcherMiddleware(app.wsgi_app, {"/desk": _Lazily(lambda: _create_desk(city))})
    app.wsgi_app = Door(rooms, city.channels)  # type: ignore[method-assign]  # Flask's own way
    return app


def _create_desk(city: City) -> "Flask":
    from bot.desk.app import create_desk

    desk = create_desk(city)
    desk.teardown_request(_disconnect)
    return desk


class _Lazily:
    """Makes a WSGI application when somebody first asks for it: forms, charts and password hashing
    take memory and start-up time that a city at night does not need."""

    def __init__(self, make: "Callable[[], Flask]") -> None:
        self._make = make
        self._made: Flask | None = None
        self._making = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._making:
            if self._made is None:
                self._made = self._make()
        return self._made(environ, start_response)


def _disconnect(error: BaseException | None) -> None:
    # Connecting is left to the first query: the door itself then turns a failure into a 503.
    if error is not None:
        let_go(error)
    db.disconnect()


def quiet_libraries() -> None:
    """Libraries speak from WARNING on, whatever level ours is at."""
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
