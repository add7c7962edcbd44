"""What an administrator asks of Meta: the page or account, its webhooks, the token's end.

Owns: the blocking calls beside sending. Never: a message to a person. Each raises ProviderError.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx

from broadcasts.channels.base import AccountState, Finding, Outcome, ProviderError
from broadcasts.channels.meta import errors
from broadcasts.channels.meta.dialect import Access, Dialect, Secrets
from broadcasts.channels.meta.transport import RefusedError, StrangerError, check
from broadcasts.channels.tls import trusted
from broadcasts.saying import Said, say

SECONDS = 15.0
REVIEW = Finding(
    "review",
    True,
    say(
        "needs Meta's app review and business verification; Meta does not tell whether they are"
        " passed: let somebody write who has no role in the app"
    ),
)
"""What no call can find out: until it is passed only the app's own testers get anything."""

UNTOLD = Finding(
    "token_end",
    False,
    say("Meta does not tell when a token of Instagram Login ends: 60 days after it was made"),
    say("Write the day into token_expires_on: two weeks before you are told."),
    stops=False,
)


class Admin:
    def __init__(
        self, dialect: Dialect, access: Access, secrets: Callable[[], Secrets], until: str = ""
    ) -> None:
        """`until`: the day on which the token ends, where only its owner knows."""
        self._dialect, self._access, self._secrets, self._until = dialect, access, secrets, until

    def _ask(self, method: str, path: str, **parameters: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._secrets().token}"}
        url = f"{self._access.graph}/{path}"
        try:
            with httpx.Client(timeout=SECONDS, verify=trusted(), headers=headers) as client:
                answer = client.request(method, url, params=parameters)
            return check(answer.status_code, answer.content)
        except RefusedError as error:
            table = self._dialect.outcomes
            found = errors.outcome(table, error.code, error.subcode, error.status)
            raise ProviderError(found, error.shown, "the provider refuses it") from None
        except StrangerError as error:
            text = "something else than the provider has answered"
            raise ProviderError(Outcome.NETWORK, str(error.status), text) from None
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None

    def _name(self) -> str:
        field = self._access.name_field
        return str(self._ask("GET", self._access.node, fields=field).get(field) or "")

    def account_states(self) -> list[AccountState]:
        """Meta names no limits here: that the token is good, and until when, is what is learned."""
        self._name()
        return [
            AccountState(
                self._access.account,
                limit=None,
                quality="UNKNOWN",
                token_until=self._token_until(),
            )
        ]

    def _token_until(self) -> datetime | None:
        """(developers.facebook.com/docs/graph-api/reference/debug_token) A token that may not ask
        this of itself is no fault."""
        if self._until:
            return datetime.fromisoformat(self._until).replace(tzinfo=UTC)
        if not self._access.tells_token:
            return None
        with suppress(ProviderError, KeyError, TypeError, ValueError, OverflowError):
            answer = self._ask("GET", "debug_token", input_token=self._secrets().token)
            ends = int(answer["data"]["expires_at"])
            return datetime.fromtimestamp(ends, UTC) if ends else None
        return None

    def look(self, public_url: str) -> list[Finding]:
        """(developers.facebook.com/docs/graph-api/reference/page/subscribed_apps) Where the webhook
        itself leads Meta does not tell a token of the page."""
        name = Finding("page", True, say("the token belongs to %(name)s", name=self._name()))
        rows = self._ask("GET", f"{self._access.node}/subscribed_apps").get("data")
        asked: set[str] = set()
        for row in rows if isinstance(rows, list) else ():
            asked |= set(row.get("subscribed_fields") or ())
        missing = [field for field in self._access.fields if field not in asked]
        is_untold = not self._access.tells_token and not self._until
        return [name, self._subscribed(missing), REVIEW, *([UNTOLD] if is_untold else [])]

    def _subscribed(self, missing: list[str]) -> Finding:
        if not missing:
            return Finding("webhook", True, say("everything is asked for"))
        return Finding(
            "webhook",
            False,
            say("not asked for: %(fields)s", fields=", ".join(missing)),
            say("Run: stadtbote connect %(channel)s", channel=self._dialect.kind),
        )

    def connect(self, public_url: str) -> Said:
        fields = ",".join(self._access.fields)
        path = f"{self._access.node}/subscribed_apps"
        self._ask("POST", path, subscribed_fields=fields)
        address = f"{public_url.rstrip('/')}/webhooks/{self._dialect.kind}"
        return say(
            "messages are asked for; enter %(address)s as webhook in Meta's app settings",
            address=address,
        )
