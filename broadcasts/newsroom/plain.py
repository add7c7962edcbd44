"""What is asked before an alert leaves without a version in plain words.

Owns: when that is asked. Never: holds an alert up: one answer, and it goes. Used by alerts.
"""

from collections.abc import Sequence

from broadcasts.languages import PLAIN
from broadcasts.newsroom import reach
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.reach import Group
from broadcasts.newsroom.voices import Voices
from broadcasts.saying import Said, say


def question(newsroom: Newsroom, voices: Voices, found: Sequence[Group]) -> Said | None:
    """None: nothing to ask. It is asked while somebody who would get it has chosen plain language,
    and always where the city has set so."""
    if voices.get(PLAIN):
        return None
    readers = reach.total([group for group in found if group.language == PLAIN])
    if readers:
        return say(
            "there is no version in plain language; readers who have chosen it and would get the"
            " other text: %(number)s",
            number=readers,
        )
    if newsroom.settings.city.plain_language:
        return say("there is no version in plain language")
    return None
