"""`--plain-text …`, `--en-text …`: the same text in plain words and in other languages.

Owns: these options. Never: what a version may look like (newsroom/voices). Used by posts and
alerts.
"""

import argparse

from broadcasts.languages import PLAIN, READ
from broadcasts.newsroom.voices import Voice

PARTS = ("title", "text")


def add_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group(
        "other versions", "Each reader gets the version of their language, else TITLE and TEXT."
    )
    for language in sorted(READ, key=lambda one: one != PLAIN):
        name = "plain language" if language == PLAIN else language
        for part in PARTS:
            group.add_argument(f"--{language}-{part}", default="", help=f"its {part} in {name}")


def read(options: argparse.Namespace) -> dict[str, Voice]:
    """Those that say something."""
    found = {
        language: Voice(**{part: getattr(options, f"{language}_{part}") for part in PARTS})
        for language in READ
    }
    return {language: voice for language, voice in found.items() if voice}
