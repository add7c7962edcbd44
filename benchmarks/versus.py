"""`python -m benchmarks.versus COMMIT [NAME …]`: an older state of the code and this, in turns.

Owns: the comparison. Never: a measurement of its own. The speed of a shared machine changes from
day to day, threefold at times; the ratio of two codes that were measured in turns does not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks import kill, report
from benchmarks.report import Row

HERE = Path(__file__).parent.parent
REFERENCES = ("baseline", "limit")
"""How it begins where somebody else was measured: those do not change with our code."""

Figure = tuple[str, str, str]
"""(benchmark, what, who)"""


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """A worktree of this repository at a commit, gone afterwards."""
    path = folder / commit
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(path), commit], check=True)
    try:
        yield path
    finally:
        subprocess.run([*git, "remove", "--force", str(path)], check=True)


def measure(code: Path, names: list[str]) -> dict[Figure, float]:
    """One round of these benchmarks on this code."""
    figures = code / "benchmarks" / "figures.json"
    figures.write_text("{}")
    command = [sys.executable, "-m", "benchmarks", *names, "--rounds", "1"]
    environment = {**os.environ, "PYTHONPATH": str(code)}
    subprocess.run(command, cwd=code, env=environment, check=True, stdout=subprocess.DEVNULL)
    return {
        (benchmark, what, who): value
        for benchmark, found in json.loads(figures.read_text()).items()
        for what, who, _, value, _ in found["rows"]
        if not who.startswith(REFERENCES)
    }


def compare(commit: str, names: list[str], rounds: int) -> Iterator[Row]:
    """Then, now, and now as a share of then."""
    found: dict[str, dict[Figure, list[float]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        codes = {name: stack.enter_context(checkout(name, folder)) for name in (commit, "HEAD")}
        for _ in range(rounds):
            for name, code in codes.items():
                for figure, value in measure(code, names).items():
                    found[name][figure].append(value)
    for figure, values in found["HEAD"].items():
        then = found[commit].get(figure)
        if then and median(then):
            benchmark, what, who = figure
            title = f"{benchmark}, compared with {commit}"
            before, now = median(then), median(values)
            for label, value in (("then", before), ("now", now), ("ratio", now / before)):
                for _ in range(rounds):
                    yield Row(title, what, f"{who}: {label}", value)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versus", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("names", nargs="*", default=["throughput"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for entry in report.remember(compare(options.commit, options.names, options.rounds)):
        print(*entry)
    report.write(kill.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
