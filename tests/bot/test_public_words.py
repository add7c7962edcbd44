"""What the public pages say: in one form, the same in each language."""

import ast
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import public
from broadcasts.settings import LANGUAGES

FOLDER = Path(public.__file__).parent


def read(language: str) -> Mapping[str, str]:
    """Key, with its section → sentence."""
    found = tomllib.loads((FOLDER / "texts" / f"{language}.toml").read_text("utf-8"))
    sections = {name: one for name, one in found.items() if isinstance(one, dict)}
    plain = {name: one for name, one in found.items() if name not in sections}
    return plain | {f"{name}.{key}": one[key] for name, one in sections.items() for key in one}


def test_it_has_the_same_sentences_in_each_language() -> None:
    assert {path.stem for path in (FOLDER / "texts").iterdir()} == set(LANGUAGES)
    assert len({frozenset(read(language)) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_something_and_names_the_same_values(language: str) -> None:
    german = read("de")
    for key, said in read(language).items():
        assert said.strip() == said != "", key
        assert _values(said) == _values(german[key]), key


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_it_keeps_no_sentences_in_code() -> None:
    tables = [
        f"{path.name}:{node.lineno}"
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        and {key.value for key in node.keys if isinstance(key, ast.Constant)} >= set(LANGUAGES)
    ]
    assert tables == []


def test_it_keeps_no_sentence_that_no_page_says() -> None:
    sources = "".join(
        path.read_text("utf-8") for path in FOLDER.rglob("*") if path.suffix in (".html", ".py")
    )
    names = {key.rpartition(".")[2].removesuffix("_text") for key in read("de")}
    states = {"in_force", "expired", "stopped", "cleared", "update", "clear"}
    assert {name for name in names - states if name not in sources} == set()
