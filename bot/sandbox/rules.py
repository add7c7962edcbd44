"""What the stand-in refuses: one table, code → HTTP status, title, what provokes it.

Owns: the provider's errors as the provider words their shape. Never: state. Source of the codes:
developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    status: int
    title: str
    provoked_by: str


RULES: Mapping[int, Rule] = {
    1: Rule(500, "API Unknown", "fault on request"),
    4: Rule(400, "Application request limit reached", "fault on request"),
    33: Rule(400, "Parameter value is not valid", "a number that is not ours"),
    100: Rule(400, "Invalid parameter", "a body that is no message; a bad template draft"),
    190: Rule(401, "Access token has expired or is invalid", "no token or a wrong one"),
    368: Rule(400, "Temporarily blocked for policies violations", "account state on request"),
    130429: Rule(400, "Rate limit hit", "more in a second than the number may"),
    131000: Rule(500, "Something went wrong", "fault on request"),
    131008: Rule(400, "Required parameter is missing", "no recipient; an empty parameter"),
    131009: Rule(400, "Parameter value is not valid", "text over 4096; button title over 20"),
    131016: Rule(500, "Service unavailable", "fault on request"),
    131026: Rule(400, "Message undeliverable", "unknown or blocking person; a user id in `to`"),
    131031: Rule(400, "Account has been locked", "account state on request"),
    131042: Rule(400, "Business eligibility payment issue", "account state on request"),
    131047: Rule(400, "Re-engagement message", "free-form text outside the 24 hours"),
    131048: Rule(400, "Spam rate limit hit", "more persons in 24 h than the tier allows"),
    131049: Rule(400, "Not delivered to maintain ecosystem health", "person capped on request"),
    131050: Rule(400, "User has stopped marketing messages", "marketing to such a person"),
    131051: Rule(400, "Unsupported message type", "an unknown type"),
    131053: Rule(400, "Media upload error", "a media id that is not known or too old"),
    131056: Rule(400, "(Business, consumer) pair rate limit hit", "the 46th of a burst"),
    131057: Rule(400, "Account in maintenance mode", "account state on request"),
    132000: Rule(400, "Number of parameters does not match", "a parameter missing or too many"),
    132001: Rule(404, "Template does not exist in the translation", "unknown or not approved"),
    132005: Rule(400, "Template hydrated text too long", "filled body over 1024"),
    132012: Rule(400, "Parameter format does not match", "a header image missing or not asked"),
    132015: Rule(400, "Template is paused", "a paused template"),
    132016: Rule(400, "Template is disabled", "a disabled template"),
    132018: Rule(400, "Invalid parameter text", "newline, tab or five spaces in a parameter"),
    133010: Rule(400, "Phone number not registered", "account state on request"),
}


class GraphError(Exception):
    """A refusal in the provider's form."""

    def __init__(self, code: int, details: str = "", *, status: int | None = None) -> None:
        super().__init__(f"{code} {details}")
        rule = RULES.get(code) or Rule(400, "Error", "")
        self.code = code
        self.status = status or rule.status
        self.details = details or rule.provoked_by
        self.title = rule.title

    def body(self) -> dict[str, Any]:
        return {
            "error": {
                "message": f"(#{self.code}) {self.title}",
                "type": "OAuthException",
                "code": self.code,
                "error_data": {"messaging_product": "whatsapp", "details": self.details},
                "fbtrace_id": "Asandbox0000000000000",
            }
        }


def failed_error(code: int) -> dict[str, Any]:
    """The `errors` item of a failed status."""
    error = GraphError(code)
    return {
        "code": code,
        "title": error.title,
        "message": error.title,
        "error_data": {"details": error.details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
