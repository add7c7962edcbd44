"""A text longer than one message holds, as several.

Owns: where it is cut, and what becomes of a message of which only a part got through. Never: a
provider's call. Used by each channel's sender.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from broadcasts.channels.base import Outcome, Result, Text, Unit, size

ENDS = ("\n\n", "\n", ". ", " ")
"""Where it may be cut, the best first; inside a word only where there is none of them."""


def parts(body: str, limit: int, unit: Unit) -> list[str]:
    """The text in pieces of at most `limit`; each but the last as long as it can be."""
    found = []
    while size(body, unit) > limit:
        cut = _longest(body, limit, unit)
        end = next((e for e in ENDS if body.rfind(e, 1, cut + 1) > cut // 2), None)
        if end is not None:
            cut = body.rfind(end, 1, cut + 1) + len(end.rstrip())
        found.append(body[:cut].strip())
        body = body[cut:].lstrip()
    # A provider refuses an empty one, and the whole would count as not surely sent.
    return [part for part in (*found, body) if part] or [body]


def _longest(body: str, limit: int, unit: Unit) -> int:
    """How many signs fit."""
    few, many = 1, min(len(body), limit)
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if size(body[:middle], unit) <= limit else (few, middle - 1)
    return few


async def send(
    content: Text,
    limit: int,
    unit: Unit,
    call: Callable[[Text], Awaitable[Result]],
    *,
    pause: float = 0.0,
) -> Result:
    """One call after the other, `pause` seconds between them: the picture with the first, the
    buttons with the last.

    The result is the first one's. Where a later one is refused it is UNKNOWN: a part has arrived,
    and the whole must not simply be sent again.
    """
    bodies = parts(content.body, limit, unit)
    first = Result(Outcome.UNKNOWN)
    for number, body in enumerate(bodies, start=1):
        piece = replace(
            content,
            body=body,
            buttons=content.buttons if number == len(bodies) else (),
            picture=content.picture if number == 1 else None,
        )
        if number > 1:
            await asyncio.sleep(pause)
        result = await call(piece)
        if number == 1:
            first = result
        if result.outcome is not Outcome.ACCEPTED:
            return result if number == 1 else Result(Outcome.UNKNOWN, code=f"part {number}")
    return first
