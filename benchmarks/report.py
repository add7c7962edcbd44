"""results.md: what was measured, beside what must be reached and what was measured with it.

Owns: the file's form. Never: a measurement. Every figure is the median of its rounds.
"""

import json
import os
import platform
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.md"
FIGURES = FOLDER / "figures.json"
"""The last figures of every benchmark, so that one can be measured anew without the others."""

LIBRARIES = ("aiohttp", "granian", "peewee", "pywa", "flask", "psycopg")


@dataclass(frozen=True)
class Row:
    """One figure of one round."""

    benchmark: str
    what: str
    who: str
    value: float
    must: str = ""


def remember(rows: Iterable[Row]) -> list[tuple[str, str, str, str, float, int]]:
    """Adds medians to what is known; returns them for printing."""
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    grouped: dict[tuple[str, str, str, str], list[float]] = defaultdict(list)
    for row in rows:
        grouped[row.benchmark, row.what, row.who, row.must].append(row.value)
    medians = [(*key, median(values), len(values)) for key, values in grouped.items()]
    for benchmark in {key[0] for key in grouped}:
        known[benchmark] = {
            "measured": datetime.now(UTC).date().isoformat(),
            "rows": [list(entry[1:]) for entry in medians if entry[0] == benchmark],
        }
    FIGURES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return medians


def write(kills: Sequence[str]) -> None:
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    lines = [
        "# Measured",
        "",
        "Made by `make bench` and `make kills`; never edited by hand. The machines are shared and",
        "noisy: read the ratios to the baseline beside a figure rather than the figure. The marks",
        "were set and reached where the plain pywa loop took 3.8 CPU-ms a message; on a machine",
        "where it takes 11.7, ours take three times as much, too.",
        "",
        f"- machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "- " + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "- the stand-in and the load generator run on the same cores and are not counted in CPU;",
        "  the stand-in answers after 100 to 150 ms",
        "",
    ]
    for benchmark, found in known.items():
        lines += _table(benchmark, **found)
    RESULTS.write_text("\n".join([*lines, *kills]).rstrip() + "\n", encoding="utf-8")


def _table(benchmark: str, measured: str, rows: list[list[Any]]) -> Iterator[str]:
    yield from (f"## {benchmark}", "", f"Measured on {measured}.", "")
    yield from ("| what | who | median | must reach | rounds |", "|---|---|---|---|---|")
    for what, who, must, value, rounds in rows:
        yield f"| {what} | {who} | {_figure(value)} | {must} | {rounds} |"
    yield ""


def _figure(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
