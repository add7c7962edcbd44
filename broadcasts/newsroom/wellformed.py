"""What a post may look like: lengths, signs that can be shown, addresses.

Owns: the rules. Never: a post. Pure. Used by posts, and by what makes posts of something else.
"""

import re
from urllib.parse import urlsplit

from broadcasts.saying import Said, say

LONGEST_TITLE = 120
LONGEST_TEXT = 3000
LONGEST_LINK = 300
LONGEST_ALT = 300

WITHOUT_SCHEME = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def text_problems(name: str, text: str, longest: int) -> list[Said]:
    problems = []
    if len(text) > longest:
        problems.append(
            say("%(number)s signs, at most %(most)s", about=name, number=len(text), most=longest)
        )
    if UNPRINTABLE.search(text):
        problems.append(say("holds signs that cannot be shown", about=name))
    return problems


def whole(link: str) -> str:
    """As people write it, "www.example.org/x", with what is missing."""
    link = link.strip()
    return f"https://{link}" if WITHOUT_SCHEME.fullmatch(link) else link


def link_problems(link: str, *, about: str = "link") -> list[Said]:
    if not link:
        return []
    if len(link) > LONGEST_LINK:
        return text_problems(about, link, LONGEST_LINK)
    try:
        parts = urlsplit(link)
        ok = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        ok = False
    if not ok or re.search(r"\s", link):
        return [say("is not an address like https://…", about=about)]
    return []
