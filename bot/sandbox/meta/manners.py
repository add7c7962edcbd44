"""Where Messenger and Instagram differ: limits, codes, fields.

Owns: the two tables. Never: state. Source: developers.facebook.com/documentation/
business-messaging/messenger-platform/error-codes, …/instagram-messaging
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Code = tuple[int, int | None]
"""(code, subcode)"""


@dataclass(frozen=True)
class Manners:
    kind: str
    title: str
    object: str
    name_field: str
    per_second: int
    """Calls."""
    outside: Code
    too_fast: Code
    nobody: Code
    unavailable: Code
    """Has blocked the page."""
    takes_files: bool
    needs_type: bool
    knows_silence: bool
    unsends: bool
    """People can take a message back, and the page is told."""
    echo_field: str
    """Whoever asks for this hears of every message of the page's own."""
    first_id: int
    mid: str
    """How a message's id begins."""

    def fits(self, text: str) -> bool:
        if self.kind == "instagram":
            return len(text.encode("utf-8", "surrogatepass")) <= 1000
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 < 2000


MESSENGER = Manners(
    kind="messenger",
    title="Messenger",
    object="page",
    name_field="name",
    per_second=300,
    outside=(10, 2018278),
    too_fast=(613, None),
    nobody=(100, 2018001),
    unavailable=(551, 1545041),
    takes_files=True,
    needs_type=True,
    knows_silence=True,
    unsends=False,
    echo_field="message_echoes",
    first_id=7_000_000_000_000_000,
    mid="m_",
)

INSTAGRAM = Manners(
    kind="instagram",
    title="Instagram",
    object="instagram",
    name_field="username",
    per_second=100,
    outside=(10, 2534022),
    too_fast=(613, 2534040),
    nobody=(100, 2534014),
    unavailable=(36103, None),
    takes_files=False,
    needs_type=False,
    knows_silence=False,
    unsends=True,
    echo_field="messages",
    first_id=8_000_000_000_000_000,
    mid="aWdfZAG1faXRlbTox",
)

TITLES: Mapping[int, tuple[int, str]] = {
    1: (500, "An unknown error occurred"),
    2: (500, "Service temporarily unavailable"),
    10: (403, "This message is sent outside of allowed window."),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token."),
    551: (400, "This person isn't available right now."),
    613: (400, "Calls to this api have exceeded the rate limit."),
}
"""Code → HTTP status, words."""


class MetaError(Exception):
    """A refusal in Meta's form."""

    def __init__(self, code: int, subcode: int | None = None, details: str = "") -> None:
        super().__init__(f"{code}/{subcode} {details}")
        self.code, self.subcode = code, subcode
        self.status, self.title = TITLES.get(code, (400, "Error"))
        self.details = details

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title} {self.details}".strip(),
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "Asandbox0000000000000",
        }
        return {"error": error | ({"error_subcode": self.subcode} if self.subcode else {})}
