"""The stand-in refuses what the provider refuses: one row of the table, one request."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.sandbox import Number, Sandbox, SandboxSettings
from bot.sandbox.rules import RULES
from tests.sandbox import asking
from tests.sandbox.asking import STRANGER, code, message, send, template

PICTURE = {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]}
VALUE = {"type": "body", "parameters": [{"parameter_name": "post_1", "text": "a"}]}
BUTTON = {"type": "reply", "reply": {"id": "a", "title": "Ja"}}


def interactive(buttons: list[Any], body: str = "Gehen?") -> dict[str, Any]:
    action = {"buttons": buttons}
    part = {"type": "button", "body": {"text": body}, "action": action}
    return message("interactive", interactive=part)


REFUSED: list[tuple[int, dict[str, Any]]] = [
    (100, {"to": "1"}),
    (131008, message(to=None)),
    (131008, message(text={"body": " "})),
    (131008, template(value="")),
    (131009, message(text={"body": "x" * 4097})),
    (131009, message(biz_opaque_callback_data="x" * 513)),
    (131009, interactive([BUTTON] * 4)),
    (131009, interactive([])),
    (131009, interactive([{"type": "reply", "reply": {"id": "a", "title": "x" * 21}}])),
    (131009, interactive([BUTTON], body="x" * 1025)),
    (131051, message("hologram")),
    (131053, message("image", image={"id": "404"})),
    (132000, template(components=[])),
    (132000, template(components=[{"type": "body", "parameters": [{"text": "a"}] * 2}])),
    (132001, template(name="unknown")),
    (132001, template(language={"code": "nl"})),
    (132005, template(value="x" * 1024)),
    (132012, template(components=[PICTURE, VALUE])),
    (132018, template(value="zwei\nZeilen")),
    (132018, template(value="ein\tTab")),
    (132018, template(value="fünf     Leerzeichen")),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "body"), REFUSED)
def test_it_refuses(http: httpx.Client, expected: int, body: dict[str, Any]) -> None:
    answer = send(http, body)
    assert code(answer) == expected
    assert answer.status_code == RULES[expected].status


def test_it_refuses_without_a_token(sandbox: Sandbox) -> None:
    answer = httpx.post(f"{sandbox.url}/1234567890/messages", json=message())
    assert (answer.status_code, code(answer)) == (401, 190)


def test_it_refuses_a_replaced_token(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.replace_token("another")
    assert code(send(http, message())) == 190


def test_it_refuses_an_unknown_number(http: httpx.Client) -> None:
    assert code(send(http, message(), number="999")) == 33


def test_it_refuses_free_text_outside_the_window(sandbox: Sandbox, http: httpx.Client) -> None:
    assert code(send(http, message())) is None
    sandbox.advance(24 * 3600 + 1)
    assert code(send(http, message())) == 131047
    assert code(send(http, template())) is None


def test_it_refuses_the_46th_of_a_burst(sandbox: Sandbox, http: httpx.Client) -> None:
    codes = [code(send(http, message())) for _ in range(46)]
    assert codes == [None] * 45 + [131056]
    sandbox.advance(7)
    assert code(send(http, message())) is None


def fill_tier(sandbox: Sandbox, number: int) -> None:
    """So many persons have been written to outside their window, of 50 who may be."""
    at = sandbox.world.now()
    sandbox.call(lambda: sandbox.world.started.update({str(one): at for one in range(number)}))
    sandbox.set_tier("TIER_50")


def to(last: int) -> dict[str, Any]:
    return {**template(), "to": f"491760406901{last}"}


def test_it_refuses_more_persons_than_the_tier_allows(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.add_readers([to(last)["to"] for last in range(3)])
    fill_tier(sandbox, 48)
    codes = [code(send(http, to(last))) for last in (0, 1, 2, 0)]
    assert codes == [None, None, 131048, None]
    assert code(send(http, template())) is None  # has written: the window is open
    sandbox.advance(24 * 3600 + 1)
    assert code(send(http, to(2))) is None
    assert len(sandbox.world.started) == 1


def test_it_refuses_them_in_the_way_it_is_told(sandbox: Sandbox, http: httpx.Client) -> None:
    sandbox.add_readers([to(1)["to"]])
    fill_tier(sandbox, 50)
    sandbox.world.settings = replace(sandbox.settings, tier_code=130429)
    assert code(send(http, to(1))) == 130429
    sandbox.world.settings = replace(sandbox.settings, tier_code=131049, tier_late=True)
    assert fails_late(sandbox, http, to(1)) == 131049


def test_it_refuses_what_is_over_the_rate() -> None:
    slow = SandboxSettings(
        token="t", app_secret="s", verify_token="v", numbers=(Number("1234567890", "+49", 2),)
    )
    with Sandbox(slow) as sandbox, httpx.Client(base_url=sandbox.url) as client:
        client.headers["Authorization"] = "Bearer t"
        codes = [code(send(client, message(to="DE.x1"))) for _ in range(10)]
    assert codes[:2] == [None, None]
    assert 130429 in codes


@pytest.mark.parametrize(
    ("status", "expected"),
    [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001)],
)
def test_it_refuses_a_template_that_is_not_approved(
    sandbox: Sandbox, http: httpx.Client, status: str, expected: int
) -> None:
    sandbox.set_template("news", "de", status)
    assert code(send(http, template())) == expected


@pytest.mark.parametrize("account", [368, 131031, 131042, 131057, 133010])
def test_it_refuses_for_the_account(sandbox: Sandbox, http: httpx.Client, account: int) -> None:
    sandbox.set_account_error(account)
    assert code(send(http, message())) == account


def fails_late(sandbox: Sandbox, http: httpx.Client, body: dict[str, Any]) -> int | None:
    """The code of the failed status of an accepted message."""
    told: list[dict[str, Any]] = []
    report = sandbox.webhooks.tell
    sandbox.webhooks.tell = lambda *a: told.append(a[2]) or report(*a)
    assert code(send(http, body)) is None
    sandbox.wait_for(lambda: bool(told))
    assert told[0]["status"] == "failed"
    return int(told[0]["errors"][0]["code"])


def _block(sandbox: Sandbox) -> None:
    sandbox.phone("+49 176 04069001").block()


def _no_marketing(sandbox: Sandbox) -> None:
    sandbox.world.people["4917604069001"].no_marketing = True


def _capped(sandbox: Sandbox) -> None:
    sandbox.world.people["4917604069001"].marketing_capped = True


@pytest.mark.parametrize(
    ("prepare", "body", "expected"),
    [
        (None, message(to=STRANGER), 131026),
        (None, message(to="DE.x00abc"), 131026),
        (_block, template(), 131026),
        (_no_marketing, template(), 131050),
        (_capped, template(), 131049),
    ],
)
def test_it_accepts_first_and_fails_later(
    sandbox: Sandbox,
    http: httpx.Client,
    prepare: Callable[[Sandbox], None] | None,
    body: dict[str, Any],
    expected: int,
) -> None:
    if prepare:
        prepare(sandbox)
    assert fails_late(sandbox, http, body) == expected


def test_it_lets_alerts_through_to_who_stopped_marketing(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    _no_marketing(sandbox)
    assert code(send(http, template(name="alarm"))) is None
    sandbox.phone("+49 176 04069001").wait_for(1)


def parts(*more: dict[str, Any], body: str = "a") -> list[dict[str, Any]]:
    return [{"type": "BODY", "text": body}, *more]


BAD_DRAFTS: list[dict[str, Any]] = [
    {"name": "Großbuchstaben"},
    {"language": "Deutsch"},
    {"category": "NEWS"},
    {"components": []},
    {"components": None},
    {"components": parts(body="x" * 1025)},
    {"components": parts(body="{{a}} vorn")},
    {"components": parts(body="hinten {{a}}")},
    {"components": parts(body="ohne {{a}} Beispiel")},
    {"components": parts(body="")},
    {"components": parts({"type": "FOOTER", "text": "x" * 61})},
    {"components": parts({"type": "FOOTER", "text": "{{b}}"})},
    {"components": parts({"type": "HEADER", "format": "IMAGE"})},
    {"components": parts({"type": "BUTTONS", "buttons": [{}] * 11})},
    {"name": "news"},
]


@pytest.mark.parametrize("draft", BAD_DRAFTS)
def test_it_refuses_a_bad_draft(http: httpx.Client, draft: dict[str, Any]) -> None:
    body = {**asking.draft("ok"), **draft}
    assert code(http.post("/9876543210/message_templates", json=body)) == 100


def test_it_has_a_row_for_each_code_it_refuses_with() -> None:
    assert {expected for expected, _ in REFUSED} <= set(RULES)
