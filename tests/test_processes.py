"""The real processes: up, healthy, one signal ends them; nothing lost or doubled under kill -9."""

import itertools
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from benchmarks import kill
from tests.patience import PATIENCE
from tests.processes import Serve, city, free_port


def test_it_starts_serves_and_ends_by_one_signal(tmp_path: Path) -> None:
    with city(tmp_path, readers=1) as ground:
        sandbox, serve = ground.sandbox, ground.serve
        serve.start().wait_healthy()
        phone = sandbox.phone("+49 176 04069050")
        phone.text("Start")
        phone.wait_for(1)
        assert serve.stop() == 0
        assert "4917604069050" not in serve.said()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{serve.url}/healthz")


@pytest.mark.parametrize("command", ["web", "worker"])
def test_it_runs_apart(tmp_path: Path, command: str) -> None:
    with city(tmp_path, readers=1) as ground:
        part = Serve(ground.config, ground.serve.port, command=command)
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
    printed = "".join(itertools.islice(demo.stdout, 8))
    assert f"http://127.0.0.1:{phone}/" in printed
    assert f"http://127.0.0.1:{port}/desk/" in printed
    assert "lage2" in httpx.get(f"http://127.0.0.1:{phone}/authenticator").text
    deadline = time.monotonic() + PATIENCE
    accepted: dict[str, int] = {}
    while len(accepted) < 4 and time.monotonic() < deadline:
        accepted = httpx.get(f"http://127.0.0.1:{phone}/sandbox/accepted").json()
        time.sleep(0.05)
    assert len(accepted) == 4  # two are welcomed, two have asked something
    assert "Anmelden" in httpx.get(f"http://127.0.0.1:{port}/desk/", follow_redirects=True).text
    demo.terminate()
    demo.stdout.close()
    assert demo.wait(20) == 0


def test_it_loses_and_doubles_nothing_under_five_kills(tmp_path: Path) -> None:
    plan = kill.Plan(seed=1, kills=5, readers=120, chaos=False)
    report = kill.run(plan, tmp_path, f"sqlite:///{tmp_path / 'stadtbote.db'}")
    assert (report.without, report.doubled, report.unasked) == (0, 0, 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 5))
def test_it_loses_and_doubles_nothing_under_many_kills(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    plan = kill.Plan(seed=seed, kills=10, readers=400)
    report = kill.run(plan, tmp_path, database_url)
    assert (report.without, report.doubled, report.unasked) == (0, 0, 0)
