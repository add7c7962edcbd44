"""Processes: `serve` = web and loops together, `web` and `worker` = the same parts apart.

Owns: starting the web server (granian) and the loops, and ending them together. Never: wiring
(bot/app). Called by the command line.
"""

import functools
import gc
import logging
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bot.app import create_web, open_city, quiet_libraries
from bot.family import PARTS, Family
from bot.loops import Loops
from broadcasts import db
from broadcasts.delivery import heartbeats

log = logging.getLogger(__name__)


def configure_logging(level: str = "INFO") -> None:
    """Event words and ids on standard error; no personal data at any level we allow."""
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    quiet_libraries()


def run(path: Path, *, host: str, port: int, web: bool, loops: bool) -> None:
    """Runs until SIGINT or SIGTERM; one signal ends every part cleanly.

    The web server has its own process: the sender's loop never waits for a page, and the other
    way round. The loops are threads of this one.
    """
    configure_logging()
    check_port(host, port)
    city = open_city(path)
    _spare_the_collector()
    # A forked child would share our connections and half-held locks.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "stadtbote",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=16,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        websockets=False,
    )
    if loops:
        running = Loops(city)
        server.on_startup(running.start)
        server.on_shutdown(running.stop)
    family = Family(PARTS if loops else (), db.process_name())
    loader = functools.partial(_load_web, path, doors=web, family=family)
    server.serve(target_loader=loader, wrap_loader=False)


def _spare_the_collector() -> None:
    """What is there now stays for good; a thousand messages a second make rubbish that goes by
    itself. Without this a twentieth of the CPU time is spent looking through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class PortTakenError(Exception):
    """Something else listens there."""


def check_port(host: str, port: int) -> None:
    """Raises PortTakenError: the web server's own word for it is a stack of frames."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"cannot listen at {host}:{port}: {error.strerror}") from error


def _load_web(path: Path, *, doors: bool, family: Family) -> Callable[..., Any]:
    """Runs in the web server's process."""
    configure_logging()
    city = open_city(path)
    app = create_web(city, replace(family, door=db.process_name() if doors else ""))
    _spare_the_collector()
    if doors:
        threading.Thread(target=_keep_beating, name="door", daemon=True).start()
    return app


def _keep_beating() -> None:
    """The door's own sign of life: settling counts from when it was open (invariant 5)."""
    while True:
        wait = heartbeats.EVERY.total_seconds()
        try:
            with db.session():
                heartbeats.beat(db.process_name(), heartbeats.DOOR)
        except Exception as error:
            # Whatever it is: without the door's sign nothing is settled by silence.
            log.warning("door beat error=%s", type(error).__name__)
            wait = 1.0
        time.sleep(wait)
