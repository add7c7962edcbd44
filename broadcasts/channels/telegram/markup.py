"""Our texts' *bold* and _italic_ → Telegram's HTML.

Owns: the translation. Never: a length (marks only make a text longer than what is counted: Telegram
counts after parsing, core.telegram.org/bots/api#sendmessage). Pure.
"""

import html
import re

from broadcasts.channels.marks import MARK


def to_html(text: str) -> str:
    """For `parse_mode=HTML`; links stay as they are, with their underscores."""
    parts: list[str] = []
    last = 0
    for found in MARK.finditer(text):
        parts.append(html.escape(text[last : found.start()], quote=False))
        parts.append(_marked(found))
        last = found.end()
    parts.append(html.escape(text[last:], quote=False))
    return "".join(parts)


def _marked(found: "re.Match[str]") -> str:
    if found["bold"]:
        return f"<b>{html.escape(found['bold'], quote=False)}</b>"
    if found["italic"]:
        return f"<i>{html.escape(found['italic'], quote=False)}</i>"
    return html.escape(found["link"], quote=False)
