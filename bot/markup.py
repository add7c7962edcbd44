"""What staff type, as people see it: *bold*, _slanted_ as on a telephone, addresses as links.

Owns: the way from such a text to safe HTML. Never: cuts or words it. Used by desk and public pages.
"""

import re

from markupsafe import Markup, escape

_MARKS = r"\*(?P<bold>[^*\n]+)\*|(?<!\w)_(?P<slanted>[^_\n]+)_(?!\w)"
_PHONE = re.compile(_MARKS)
_PAGE = re.compile(rf"(?P<link>https?://[^\s<>*]+)|{_MARKS}")

_CLOSING = ".,;:!?)]}’”“…'\""
"""What stands after an address rather than in it."""


def phone(text: str) -> Markup:
    """As a telephone shows it, which finds addresses by itself."""
    return _shown(text, _PHONE)


def page(text: str) -> Markup:
    """As a page shows it: the same, and addresses can be followed."""
    return _shown(text, _PAGE)


def _shown(text: str, pattern: "re.Pattern[str]") -> Markup:
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts += [escape(text[end : found.start()]), _marked(pattern, **found.groupdict())]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _marked(
    pattern: "re.Pattern[str]",
    *,
    bold: str | None,
    slanted: str | None,
    link: str | None = None,
) -> Markup:
    if bold:
        return Markup("<b>{}</b>").format(_shown(bold, pattern))
    if slanted:
        return Markup("<em>{}</em>").format(_shown(slanted, pattern))
    address = (link or "").rstrip(_CLOSING)
    after = (link or "")[len(address) :]
    return Markup('<a href="{}" rel="noopener">{}</a>{}').format(address, address, after)
