"""The real processes: up, healthy, one signal ends them; nothing lost or doubled under kill -9."""

import itertools
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.app import open_city
from bot.sandbox import Sandbox, SandboxSettings
from broadcasts import clock, db
from broadcasts.delivery import broadcasts, outbox
from broadcasts.delivery.states import BroadcastState
from broadcasts.newsroom import digests, posts, template_sync
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader
from tests.processes import Serve, free_port
from tests.system import APP_SECRET, NUMBER, TOKEN, VERIFY_TOKEN, write_config

SETTLE = 3


@contextmanager
def city(folder: Path, readers: int) -> Iterator[tuple[Sandbox, Serve]]:
    """A stand-in, a database with readers, templates approved; serve is not started yet."""
    port = free_port()
    settings = SandboxSettings(
        token=TOKEN,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        webhook_url=f"http://127.0.0.1:{port}/webhooks/whatsapp",
        latency=(0.02, 0.06),
        everybody_exists=True,
        tier="TIER_10K",
    )
    with Sandbox(settings) as sandbox:
        config = write_config(
            folder,
            graph_url=f'"{sandbox.url}"',
            time='"00:01"',
            latest='"00:02"',
            settle_after=f'"{SETTLE}s"',
            **{"from": '"00:00"', "to": '"00:00"'},
        )
        here = open_city(config)
        with db.session():
            template_sync.sync(here.newsroom)
            for number in range(1, readers + 1):
                reader(number % 100, window=False) if readers < 100 else _many(number)
            Subscriber.update(account=NUMBER).execute()
            posts.add(here.newsroom, title="Markt", on=clock.today(here.zone))
            yield sandbox, Serve(config, port)
        db.close_database()


def _many(number: int) -> None:
    person = Subscriber.create(
        channel="whatsapp",
        account=NUMBER,
        wa_id=f"1202555{number:04}",
        wants="everything",
        language="de",
        created_at=clock.now(),
        opted_in_at=clock.now(),
        reader_since=clock.now(),
    )
    assert person.id


def test_it_starts_serves_and_ends_by_one_signal(tmp_path: Path) -> None:
    with city(tmp_path, 1) as (sandbox, serve):
        begin = time.monotonic()
        serve.start().wait_healthy()
        assert time.monotonic() - begin < 10
        phone = sandbox.phone("+49 176 04069050")
        phone.text("Start")
        phone.wait_for(1)
        assert serve.stop() == 0
        assert "4917604069050" not in serve.said()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{serve.url}/healthz")


@pytest.mark.parametrize("command", ["web", "worker"])
def test_it_runs_apart(tmp_path: Path, command: str) -> None:
    with city(tmp_path, 1) as (_, whole):
        part = Serve(tmp_path / "config.toml", whole.port, command=command)
        part.start().wait_healthy()
        assert part.stop() == 0


def test_it_shows_a_demo_that_answers(tmp_path: Path) -> None:
    port, phone = free_port(), free_port()
    words = ["--port", str(port), "--phone-port", str(phone), "--dir", str(tmp_path)]
    demo = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "demo", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert demo.stdout is not None
    printed = "".join(itertools.islice(demo.stdout, 14))
    assert f"http://127.0.0.1:{phone}/" in printed
    deadline = time.monotonic() + 20
    accepted: dict[str, int] = {}
    while len(accepted) < 2 and time.monotonic() < deadline:
        accepted = httpx.get(f"http://127.0.0.1:{phone}/sandbox/accepted").json()
        time.sleep(0.05)
    assert len(accepted) == 2  # two citizens have been welcomed
    demo.terminate()
    demo.stdout.close()
    assert demo.wait(20) == 0


def accepted_once(sandbox: Sandbox, readers: int) -> None:
    counts: Counter[int] = Counter(sandbox.call(lambda: dict(sandbox.world.accepted)).values())
    assert counts == {1: readers}, counts


def under_kills(folder: Path, *, kills: int, readers: int, seed: int, chaos: bool) -> None:
    """A digest under `kills` real kills: nobody without a message, nobody with two."""
    dice = random.Random(seed)
    with city(folder, readers) as (sandbox, serve):
        if chaos:
            for kind, chance in (("lost_reply", 0.02), ("reset_after", 0.02), ("too_fast", 0.02)):
                sandbox.faults.chance(kind, chance)
            for kind in ("reset_before", "server_error", "status_double", "status_reversed"):
                sandbox.faults.chance(kind, 0.03)
            sandbox.faults.chance("status_late", 0.1, 0.5)
        here = open_city(serve._config)
        started = digests.send(here.newsroom, now=clock.now(), allow_quiet=True)
        for _ in range(kills):
            serve.start().wait_healthy()
            time.sleep(dice.uniform(0.0, 0.4))
            serve.kill()
        serve.start().wait_healthy()
        deadline = time.monotonic() + 60 + readers / 20
        while broadcasts.get(started.id).state != BroadcastState.FINISHED:
            assert time.monotonic() < deadline, outbox.figures(started.id)
            time.sleep(0.1)
        serve.stop()
        assert outbox.figures(started.id)["recipients"] == readers
        accepted_once(sandbox, readers)


def test_it_loses_and_doubles_nothing_under_five_kills(tmp_path: Path) -> None:
    under_kills(tmp_path, kills=5, readers=120, seed=1, chaos=False)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
def test_it_loses_and_doubles_nothing_under_many_kills(tmp_path: Path, seed: int) -> None:
    under_kills(tmp_path, kills=12, readers=400, seed=seed, chaos=True)
