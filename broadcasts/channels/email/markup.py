"""Our texts' *bold* and _italic_ → HTML for a mail, and the same as plain text; the subject.

Owns: the translation. Never: a remote picture, a script, a link that is not in the text. Pure.
"""

import html
import re
from collections.abc import Iterator

MARK = re.compile(
    r"(?P<link>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])"
    r"|(?<![\w*])\*(?!\s)(?P<bold>[^*\n]+?)(?<!\s)\*(?![\w*])"
    r"|(?<![\w_])_(?!\s)(?P<italic>[^_\n]+?)(?<!\s)_(?![\w_])"
)
HEADLINE = re.compile(r"\*([^*\n]+)\*")

LONGEST_SUBJECT = 150


def paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n{2,}", text.strip()) if part.strip()]


def to_html(text: str) -> str:
    """One paragraph's inside."""
    return "".join(_parts(text)).replace("\n", "<br>\n")


def _parts(text: str) -> Iterator[str]:
    last = 0
    for found in MARK.finditer(text):
        yield html.escape(text[last : found.start()])
        yield _marked(found)
        last = found.end()
    yield html.escape(text[last:])


def _marked(found: "re.Match[str]") -> str:
    if found["link"]:
        return link(found["link"], found["link"])
    tag = "b" if found["bold"] else "i"
    # A mark may hold a link, which stays one.
    return f"<{tag}>{''.join(_parts(found['bold'] or found['italic']))}</{tag}>"


def link(address: str, label: str, *, style: str = "") -> str:
    look = f' style="{style}"' if style else ""
    return f'<a href="{html.escape(address)}"{look}>{html.escape(label)}</a>'


def to_plain(text: str) -> str:
    """Without marks; links stay whole."""
    return MARK.sub(lambda found: found["link"] or found["bold"] or found["italic"], text)


def subject(body: str) -> str:
    """The headline, and the next one where it stands right below; else how the text begins."""
    lines = [line.strip() for line in body.strip().split("\n")]
    headlines = []
    for line in lines[:2]:
        found = HEADLINE.fullmatch(line)
        if found is None:
            break
        headlines.append(found[1].strip())
    whole = " · ".join(headlines) or to_plain(lines[0])
    if len(whole) <= LONGEST_SUBJECT:
        return whole
    return whole[: LONGEST_SUBJECT - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
