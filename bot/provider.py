"""What the providers say when they are asked: credentials, token, clock, templates.

Owns: the checks that wait for somebody outside. Never: asks while a page waits. Used by bot/health.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from bot.checks import SET_THE_CLOCK, Check
from bot.city import City
from broadcasts import clock
from broadcasts.channels.base import AccountState, Outcome, ProviderError
from broadcasts.delivery import accounts
from broadcasts.delivery.templates import QUALITIES
from broadcasts.newsroom import template_sync
from broadcasts.saying import Said, say

TOLERANCE = timedelta(seconds=30)
"""Between the provider's clock and ours. One-time codes fail beyond it, and a window that is taken
for open when it is not costs a message."""

EXPIRES_SOON = timedelta(days=14)


def ask(city: City) -> Iterator[Check]:
    """What is learned of numbers and templates is kept where it belongs, too."""
    for kind, channel in city.channels.items():
        try:
            states = channel.account_states()
            findings = channel.look(city.settings.city.public_url)
        except ProviderError as error:
            yield Check(f"{kind}.credentials", False, refusal(error), _remedy(error), stops=True)
            continue
        for state in states:
            accounts.apply_state(state)
        yield Check(f"{kind}.credentials", True, say("open: %(numbers)s", numbers=_numbers(states)))
        yield _token(kind, states)
        yield _clock(states)
        for found in findings:
            id = f"{kind}.{found.id}"
            stops = found.stops and not found.ok
            yield Check(id, found.ok, found.detail, found.remedy, stops=stops)
    try:
        template_sync.refresh(city.newsroom)
    except ProviderError as error:
        yield Check("templates.provider", False, refusal(error), _remedy(error))


WHY: Mapping[Outcome, Said] = {
    Outcome.CREDENTIALS: say("the provider refuses the access token"),
    Outcome.ACCOUNT: say("the provider refuses the account"),
    Outcome.NETWORK: say("the provider does not answer"),
}
"""In our own words where we have some: the provider's are English."""

REMEDIES: Mapping[Outcome, Said] = {
    Outcome.CREDENTIALS: say("Put a new access token into .env; no restart is needed."),
    Outcome.ACCOUNT: say("The provider's business manager says why, and what it wants."),
    Outcome.NETWORK: say("It is tried again by itself. Does this machine reach the internet?"),
}


def refusal(error: ProviderError) -> Said:
    why = WHY.get(error.outcome, str(error))
    return say("%(why)s (code %(code)s)", why=why, code=error.code)


def _remedy(error: ProviderError) -> Said | None:
    return REMEDIES.get(error.outcome)


def _numbers(states: Sequence[AccountState]) -> list[Said]:
    return [
        say(
            "%(account)s: limit %(limit)s, quality %(quality)s",
            account=state.account,
            limit=say("not named") if state.limit is None else state.limit,
            quality=QUALITIES.get(state.quality, state.quality),
        )
        for state in states
    ]


def _token(kind: str, states: Sequence[AccountState]) -> Check:
    until = min((s.token_until for s in states if s.token_until), default=None)
    if until is None:
        return Check(f"{kind}.token", True, say("has no end that the provider names"))
    return Check(
        f"{kind}.token",
        until - clock.now() > EXPIRES_SOON,
        say("ends on %(time)s", time=until),
        say("Make a permanent token of a system user and put it into .env; no restart is needed."),
    )


def _clock(states: Sequence[AccountState]) -> Check:
    """`Date` of the provider's answers against ours."""
    known = [state.ahead for state in states if state.ahead is not None]
    most = max(known, key=abs, default=None)
    if most is None:
        return Check("clock", True, say("the provider has not said its time"), is_known=False)
    if abs(most) <= TOLERANCE:
        return Check("clock", True, say("agrees with the provider's"))
    seconds = f"{abs(most).total_seconds():.0f}"
    text = (
        say("%(seconds)s s behind the provider's", seconds=seconds)
        if most > timedelta(0)
        else say("%(seconds)s s ahead of the provider's", seconds=seconds)
    )
    return Check("clock", False, text, SET_THE_CLOCK)
