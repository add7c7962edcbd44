"""The house is as its maps say: each room where a stranger expects it, nothing grown too large."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "broadcasts")
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
CHANNELS = ("whatsapp", "telegram", "messenger", "instagram", "email")


def names(package: str) -> set[str]:
    """Files and folders of a package that hold code."""
    folder = ROOT / package
    files = {path.name for path in folder.glob("*.py")} - {"__init__.py", "__main__.py"}
    folders = {f"{path.name}/" for path in folder.iterdir() if any(path.rglob("*.py"))}
    return files | folders


@pytest.mark.parametrize("package", PACKAGES)
def test_it_prints_a_map_that_matches_the_files(package: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))
    assert docstring
    shown = set(re.findall(r"^ *([a-z_]+(?:\.py|/)) ", docstring, re.MULTILINE))
    assert shown == names(package)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_says_what_each_module_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree)


def test_it_keeps_modules_and_functions_small() -> None:
    large = [path.name for path in MODULES if len(path.read_text().splitlines()) > 400]
    assert large == []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                lines = node.end_lineno - node.lineno + 1
                assert lines <= 60, f"{path.name}: {node.name} has {lines} lines"


def test_it_branches_on_no_channels_name_outside_its_folder() -> None:
    for path in MODULES:
        if "sandbox" in path.parts or set(CHANNELS) & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                words = {
                    part.value
                    for part in (node.left, *node.comparators)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
                assert not words & set(CHANNELS), f"{path}:{node.lineno}"


def test_it_reads_the_environment_in_one_place() -> None:
    allowed = {ROOT / "bot" / "config.py", ROOT / "bot" / "sandbox" / "__main__.py"}
    for path in MODULES:
        if path not in allowed:
            assert not re.search(r"os\.environ|getenv", path.read_text()), path


def test_it_reads_a_query_to_its_end_before_it_writes() -> None:
    """An open query holds SQLite's snapshot: a write in its loop fails at once where somebody else
    writes, without waiting."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
                called = ast.unparse(node.iter)
                assert ".select(" not in called or re.match(r"(list|db\.\w+)\(", called), (
                    f"{path}:{node.lineno}"
                )


def test_it_logs_without_f_strings() -> None:
    for path in MODULES:
        assert not re.search(r"\blog\.\w+\(\s*f[\"']", path.read_text()), path


def test_it_names_only_numbers_kept_free_for_fiction() -> None:
    german = re.compile(r"\+?49 ?1[567]\d[\d ]{7,}")
    for path in [*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        for found in german.findall(path.read_text()):
            digits = re.sub(r"\D", "", found)
            assert digits.startswith("4917604069"[: len(digits)]), f"{path}: {found}"
