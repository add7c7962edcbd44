"""Our texts' *bold* and _italic_, for channels that show them in another way or not at all.

Owns: where they stand. Never: a provider's form of them. Pure.
"""

import re

MARK = re.compile(
    r"(?P<link>https?://\S+)"
    r"|(?<![\w*])\*(?!\s)(?P<bold>[^*\n]+?)(?<!\s)\*(?![\w*])"
    r"|(?<![\w_])_(?!\s)(?P<italic>[^_\n]+?)(?<!\s)_(?![\w_])"
)
"""Links stay as they are, with their underscores."""


def without(text: str) -> str:
    """For whoever would show the asterisks themselves."""
    return MARK.sub(lambda found: found["bold"] or found["italic"] or found["link"], text)
