"""What the public pages say, in each language: texts/*.toml, read once.

Owns: how those files are read. Never: a sentence of its own. Used by every public page.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from broadcasts.settings import LANGUAGES


@cache
def _read(language: str) -> Mapping[str, Any]:
    source = files("bot.public") / "texts" / f"{language}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def words(language: str) -> Mapping[str, str]:
    """Of the pages to join and of the archive, and what all share."""
    read = _read(language).items()
    return MappingProxyType({key: said for key, said in read if isinstance(said, str)})


@cache
def section(name: str) -> Mapping[str, Mapping[str, str]]:
    """Language → the words of one kind of page, and the language's own name."""
    return MappingProxyType(
        {
            language: MappingProxyType({"name": words(language)["name"], **_read(language)[name]})
            for language in LANGUAGES
        }
    )
