"""The areas of the desk: a new one gets its line here.

Owns: their order in the menu. Never: a page. Used by bot/desk/app.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from bot.desk import (
    account,
    alerts,
    audit,
    broadcasts,
    canned,
    corrections,
    digest,
    feeds,
    health,
    inbox,
    notices,
    person,
    posts,
    proofs,
    retention,
    service_notices,
    settings,
    signin,
    staff,
    statistics,
    subscribers,
    today,
)
from bot.desk.access import PUBLIC, Rule
from broadcasts.settings import Settings

AREAS: tuple[Any, ...] = (
    signin,
    account,
    notices,
    today,
    posts,
    corrections,
    feeds,
    digest,
    service_notices,
    alerts,
    broadcasts,
    inbox,
    canned,
    subscribers,
    person,
    proofs,
    statistics,
    health,
    settings,
    staff,
    audit,
    retention,
)
"""Modules with `pages` (a blueprint), `ACCESS` (endpoint of the area → who), and `MENU`."""


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    endpoint: str
    title: Any


def blueprints() -> list[Blueprint]:
    return [area.pages for area in AREAS]


def rules() -> dict[str, Rule]:
    """Endpoint → who may open it."""
    found: dict[str, Rule] = {"static": PUBLIC}
    for area in AREAS:
        rows: Mapping[str, Rule] = area.ACCESS
        found.update({f"{area.pages.name}.{name}": rule for name, rule in rows.items()})
    return found


NEEDS: Mapping[str, str] = {"service_notices": "business_hours"}
"""Area → section of config.toml without which it is not there."""


def menu(settings: Settings) -> list[Entry]:
    return [
        Entry(f"{area.pages.name}.{name}", title)
        for area in AREAS
        if getattr(settings, NEEDS.get(area.pages.name, "city")) is not None
        for name, title in area.MENU
    ]
