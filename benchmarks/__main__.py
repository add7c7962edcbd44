"""`python -m benchmarks [NAME …] [--rounds N]`: measures, prints, writes results.md."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping

from tqdm import tqdm

from benchmarks import (
    alert,
    archive,
    growth,
    idle,
    kill,
    machines,
    mixed,
    pace,
    pages,
    report,
    retention,
    telegram,
    throughput,
)
from benchmarks.report import Row

BENCHMARKS: Mapping[str, tuple[Callable[[int], Iterator[Row]], int]] = {
    "idle": (idle.run, 3),
    "throughput": (throughput.run, 3),
    "pace": (pace.run, 3),
    "telegram": (telegram.run, 3),
    "mixed": (mixed.run, 3),
    "alert": (alert.run, 4),
    "machines": (machines.run, 3),
    "growth": (growth.run, 3),
    "pages": (pages.run, 3),
    "retention": (retention.run, 1),
    "archive": (archive.run, 3),
}
"""Name → (what measures it, how many rounds)."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=0, help="default: each one's own")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in tqdm(options.names or list(BENCHMARKS), unit="benchmark"):
        measure, rounds = BENCHMARKS[name]
        for entry in report.remember(measure(options.rounds or rounds)):
            benchmark, what, who, must, value, number = entry
            print(f"{benchmark:14} {what:45} {who:34} {value:10.2f}  {must}  (of {number})")
    report.write(kill.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
