"""What Meta says of the account, its numbers and templates.

Owns: reading those webhook fields. Never: a person's message or status (receive). Only an
`account_update` that restricts stops a number (design, invariant 7).
"""

from collections.abc import Mapping
from typing import Any

from broadcasts.channels.base import AccountNotice, TemplateChanged
from broadcasts.channels.whatsapp.split import Item


def system_error(item: Item) -> AccountNotice:
    """A system-level error without a message: recorded and shown, it stops nothing."""
    error = item.item
    return AccountNotice(
        account=item.value["metadata"]["phone_number_id"],
        what="errors",
        code=str(error["code"]),
        detail=str(error.get("title") or error.get("message") or "")[:200],
    )


_STATES: Mapping[str, str | None] = {"REINSTATED": "APPROVED", "FLAGGED": None, "UNARCHIVED": None}
"""Events that are no states: FLAGGED is only a threat, UNARCHIVED restores what was before."""


def template_status(item: Item) -> TemplateChanged:
    value = item.value
    return TemplateChanged(
        name=value["message_template_name"],
        language=value["message_template_language"],
        state=_STATES.get(event := str(value["event"]).upper(), event),
        category=value.get("message_template_category"),
        reason=value.get("reason"),
    )


def template_quality(item: Item) -> TemplateChanged:
    value = item.value
    return TemplateChanged(
        name=value["message_template_name"],
        language=value["message_template_language"],
        quality=value["new_quality_score"],
    )


def template_category(item: Item) -> TemplateChanged:
    value = item.value
    return TemplateChanged(
        name=value["message_template_name"],
        language=value["message_template_language"],
        category=value["new_category"],
    )


_STOPPING = frozenset({"DISABLED_UPDATE", "ACCOUNT_RESTRICTION", "ACCOUNT_DELETED"})
"""Events of `account_update` after which nothing may be sent."""


def account_update(item: Item) -> AccountNotice:
    value = item.value
    event = str(value["event"])
    ban = value.get("ban_info") or {}
    reinstated = ban.get("waba_ban_state") == "REINSTATE"
    return AccountNotice(
        account=None,
        what="account_update",
        code=event[:40],
        detail=str(ban.get("waba_ban_state") or "")[:200],
        stops=event in _STOPPING and not reinstated,
    )


def account_alert(item: Item) -> AccountNotice:
    value = item.value
    return AccountNotice(
        account=None,
        what="account_alerts",
        code=str(value.get("alert_type", ""))[:40],
        detail=str(value.get("alert_status", ""))[:200],
    )


def number_quality(item: Item) -> AccountNotice:
    value = item.value
    return AccountNotice(
        account=None,
        what="phone_number_quality_update",
        code=str(value.get("event", ""))[:40],
        limit=limit(value.get("current_limit")),
    )


def capability(item: Item) -> AccountNotice:
    value = item.value
    number = value.get("max_daily_conversations_per_business") or value.get(
        "max_daily_conversation_per_phone"
    )
    return AccountNotice(
        account=None,
        what="business_capability_update",
        limit=number if isinstance(number, int) and number > 0 else limit(number),
    )


_TIERS: Mapping[str, int] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}


def limit(tier: Any) -> int | None:
    """Unique persons per 24 h outside the window; None: unlimited or not said."""
    return _TIERS.get(tier) if isinstance(tier, str) else None
