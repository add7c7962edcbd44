"""`stadtbote topics …`: what readers may choose, and how many have."""

import argparse

from bot.commands.base import Answer, city, session, table
from broadcasts.newsroom import subjects
from broadcasts.people import subscribers

COLUMNS = ["name", "kind", "label", "readers"]


def listing(options: argparse.Namespace) -> Answer:
    here = city(options)
    tongue = here.settings.city.language
    with session():
        found = subjects.demand(here.settings, subscribers.by_selection())
    rows = [
        {"name": one.name, "kind": one.kind, "label": one.label(tongue), "readers": number}
        for one, number in found
    ]
    return Answer(rows, table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows]))
