"""How to have everything deleted, on each messenger there is: what Meta wants an address of.

Owns: this page. Never: erases (the keyword does), or knows who reads it. Wired by bot/public/pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import abort, render_template

from bot.city import City
from bot.names import CHANNELS
from bot.public import words
from bot.words import Intent, first_word
from broadcasts.channels.base import Account

PATH = "/datenschutz/loeschen"

WORDS = words.section("erasing")


@dataclass(frozen=True)
class Way:
    name: str
    address: str
    link: str
    """Opens the conversation; empty where there is no such address."""


def show(city: City, language: str) -> str:
    settings = city.settings
    language = language or settings.city.language
    if language not in WORDS:
        abort(404)
    names = {
        "city": settings.city.name,
        "contact": settings.privacy.officer or settings.privacy.controller or settings.city.name,
    }
    return render_template(
        "erasing.html",
        city=settings.city,
        lang=language,
        words={key: text.format(**names) for key, text in WORDS[language].items()},
        keyword=first_word(Intent.ERASE, language),
        ways=list(_ways(city)),
        languages=[(tongue, WORDS[tongue]["name"]) for tongue in WORDS if tongue != language],
        path=PATH,
    )


def _ways(city: City) -> Iterator[Way]:
    for kind, channel in city.channels.items():
        for account in channel.accounts:
            yield Way(CHANNELS.get(kind, kind), account.address, _link(account))


def _link(account: Account) -> str:
    """Without a text typed in: not every messenger takes one, and a tap must not be half of it."""
    return account.join.partition("?")[0]
