"""Every sentence that the desk can show, read from code and pages."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {
    **dict.fromkeys(("gettext", "_", "lazy", "say", "setting")),
    "ngettext": (1, 2),
}
"""`setting`: the comment of a setting, as the page of settings shows it."""
WAYS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}


def sentences() -> set[str | tuple[str, ...]]:
    found = set()
    for folder in ("bot", "broadcasts"):
        for _, _, message, _, _ in extract_from_dir(
            str(ROOT / folder), WAYS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
        ):
            found.add(message)
    return found


def translated(language: str) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    """All files of a language; a sentence that stands in two of them must be the same in both."""
    found: dict[str | tuple[str, ...], str | tuple[str, ...]] = {}
    for path in sorted((ROOT / "bot/desk/translations" / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    assert not message.fuzzy, message.id
                    assert found.setdefault(message.id, message.string) == message.string
    return found
