"""What staff should know before an alert goes.

Owns: these sentences. Never: holds one up. Called by alerts.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from broadcasts.delivery import accounts
from broadcasts.newsroom import reach
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.reach import Group
from broadcasts.newsroom.wording import Need
from broadcasts.saying import Said, say

if TYPE_CHECKING:
    from broadcasts.newsroom.alerts import Draft

NO_VOLUNTEERS = say(
    "nobody would get it: no reader has offered to get drills yet (they write: Probealarm)"
)


def of(
    newsroom: Newsroom,
    draft: "Draft",
    found: Sequence[Group],
    needs: Sequence[Need],
    unreachable: int,
    duration: timedelta,
    ttl: timedelta,
) -> list[Said]:
    said = []
    if draft.unfilled:
        said.append(say("not filled in yet: %(places)s", places=", ".join(draft.unfilled)))
    if not found:
        is_first_drill = draft.is_drill and draft.follows is None
        said.append(NO_VOLUNTEERS if is_first_drill else say("nobody would get it"))
    if needs:
        said.append(
            say(
                "not approved: %(names)s: goes as free text, only to those whose window is open,"
                " without time-to-live; %(number)s are not reached",
                names=", ".join(str(need) for need in needs),
                number=unreachable,
            )
        )
    if draft.expires_in > ttl and any(
        channel.has_templates for channel in newsroom.channels.values()
    ):
        said.append(
            say(
                "undelivered for more than %(time)s it is given up (longest time-to-live)", time=ttl
            )
        )
    if duration > draft.expires_in:
        said.append(say("the last readers would get it after it has expired; they are left out"))
    outside = reach.total([group for group in found if not group.window_open])
    for state in accounts.everyone():
        if state.daily_limit is not None and outside > state.daily_limit:
            said.append(
                say(
                    "the provider lets %(account)s reach %(limit)s persons outside the window per"
                    " day, %(meant)s are meant: raise the messaging limit",
                    account=state.account,
                    limit=state.daily_limit,
                    meant=outside,
                )
            )
        if state.stopped_at is not None:
            said.append(
                say(
                    "number %(account)s is stopped (code %(code)s)",
                    account=state.account,
                    code=state.stop_code,
                )
            )
    return said
