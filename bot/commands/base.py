"""What every command shares: the tree of parsers, printing, refusing, opening the city.

Owns: exit statuses and the form of answers. Never: what a command does. Used by bot/cli and
the command modules.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from bot.app import open_city, quiet_libraries
from bot.city import City
from bot.config import ConfigError
from broadcasts import db
from broadcasts.channels.base import ProviderError
from broadcasts.schema import SchemaError

Command = Callable[[argparse.Namespace], "Answer"]


class Refused(Exception):
    """A command cannot be carried out; its text is the one line for standard error."""


@dataclass(frozen=True)
class Answer:
    """What a command prints: `data` for --json, `lines` for people."""

    data: Any = None
    lines: list[str] = field(default_factory=list)
    complaint: str = ""
    """With status 1: the one line for standard error."""


class Tree:
    """The parser with its sub-commands; each one takes the shared options too."""

    def __init__(self, parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
        self._shared = shared
        self._commands = parser.add_subparsers(metavar="COMMAND", required=True)
        self.commands: list[argparse.ArgumentParser] = []

    def add(self, name: str, function: Command, text: str) -> argparse.ArgumentParser:
        command = self._commands.add_parser(
            name, help=text, description=text[0].upper() + text[1:] + ".", parents=[self._shared]
        )
        command.set_defaults(function=function)
        self.commands.append(command)
        return command

    def group(self, name: str, text: str) -> "Tree":
        parser = self._commands.add_parser(name, help=text, description=text[0].upper() + text[1:])
        return Tree(parser, self._shared)


def run(options: argparse.Namespace) -> int:
    """Carries out one command and prints its answer."""
    quiet_libraries()
    try:
        answer = options.function(options)
    except (Refused, ConfigError, SchemaError) as error:
        return _fail(str(error))
    except ProviderError as error:
        return _fail(f"the provider refuses: {error} (code {error.code})")
    except db.DatabaseError as error:
        return _fail(f"the database does not answer: {type(error).__name__}: {error}")
    except (OverflowError, OSError) as error:
        return _fail(f"cannot be done: {error}")
    except KeyboardInterrupt:
        return _fail("interrupted")
    return _print(options, answer)


def _fail(text: str) -> int:
    print(f"stadtbote: {text}", file=sys.stderr)
    return 1


def _print(options: argparse.Namespace, answer: Answer) -> int:
    try:
        if options.json and answer.data is not None:
            print(json.dumps(answer.data, ensure_ascii=False, default=str))
        else:
            print("\n".join(answer.lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # `| head` has seen enough; Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _fail(answer.complaint) if answer.complaint else 0


def city(options: argparse.Namespace) -> City:
    """The configured city with its database open. Raises ConfigError."""
    return open_city(options.config)


def session() -> AbstractContextManager[Any]:
    return db.session()


def confirm(question: str) -> bool:
    """Asks on the terminal; without one the answer is no."""
    return ask(question).lower() in ("ja", "j", "yes", "y")


def ask(question: str) -> str:
    """What is typed on the terminal; without one nothing."""
    if not sys.stdin.isatty():
        return ""
    print(question, file=sys.stderr, end=" ", flush=True)
    return sys.stdin.readline().strip()


def table(head: list[str], rows: list[list[Any]]) -> list[str]:
    """Columns for people."""
    cells = [head, *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
