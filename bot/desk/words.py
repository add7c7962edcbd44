"""Our own words for people: states, outcomes, kinds.

Owns: the tables. Never: a decision. Used by pages of several areas.
"""

from collections.abc import Mapping
from typing import Any

from bot.desk.language import lazy
from bot.names import CHANNELS as CHANNELS
from broadcasts.languages import PLAIN

BROADCAST_STATES: Mapping[str, tuple[Any, str]] = {
    "writing": (lazy("is starting"), "warn"),
    "running": (lazy("is going out"), "warn"),
    "held": (lazy("held"), "bad"),
    "finished": (lazy("finished"), "good"),
    "stopped": (lazy("stopped"), "bad"),
}
"""State → words and tone."""

SEVERITIES: Mapping[str, Any] = {
    "info": lazy("🔵 Notice"),
    "caution": lazy("🟡 Caution"),
    "danger": lazy("🟠 Danger"),
    "extreme": lazy("🔴 Extreme danger"),
    "": lazy("Without a level"),
}
"""Of an alert (broadcasts.newsroom.alerts.Severity)."""

REQUEST_STATES: Mapping[str, Any] = {
    "waiting": lazy("waits for a second person"),
    "released": lazy("released by a second person"),
    "alone": lazy("released alone"),
    "withdrawn": lazy("taken back"),
    "refused": lazy("refused"),
}

KINDS: Mapping[str, Any] = {
    "digest": lazy("Digest"),
    "alert": lazy("Alert"),
    "update": lazy("Update of an alert"),
    "clear": lazy("All-clear"),
    "notice": lazy("Service notice"),
}

DELIVERY_STATES: Mapping[str, Any] = {
    "queued": lazy("waiting"),
    "sending": lazy("is leaving"),
    "unknown": lazy("outcome unknown"),
    "sent": lazy("sent"),
    "delivered": lazy("delivered"),
    "read": lazy("read"),
    "failed": lazy("failed"),
    "skipped": lazy("not meant any more"),
    "expired": lazy("too late"),
    "cancelled": lazy("stopped before it left"),
}

MESSAGE_KINDS: Mapping[str, Any] = {
    "text": lazy("Text"),
    "button": lazy("Button"),
    "image": lazy("Picture"),
    "audio": lazy("Voice message"),
    "video": lazy("Video"),
    "document": lazy("Document"),
    "sticker": lazy("Sticker"),
    "location": lazy("Location"),
    "reaction": lazy("Reaction"),
    "contacts": lazy("Contact card"),
    "other": lazy("Something this desk cannot show"),
}
"""What somebody sent (broadcasts.channels.base.MessageIn)."""

DEEDS: Mapping[str, Any] = {
    "opt_in": lazy("Signed up (Start)"),
    "alerts_only": lazy("Wants alerts only"),
    "opt_out": lazy("Signed off (Stopp)"),
    "platform_opt_out": lazy("Switched news off in the messenger"),
    "platform_opt_in": lazy("Switched news on again in the messenger"),
    "imported": lazy("Moved in from another service"),
    "by_staff": lazy("Opted out by hand"),
    "requested": lazy("Asked to sign up, to be confirmed"),
    "drills": lazy("Offered to get drills"),
    "no_drills": lazy("Wants no drills any more"),
    "paused": lazy("Began a pause"),
    "resumed": lazy("Ended the pause"),
    "blocked": lazy("Blocked the city in the messenger"),
    "connected": lazy("Linked with another messenger"),
    "parted": lazy("Parted from another messenger"),
    "moved": lazy("Moved to another messenger"),
}
"""What a person chose (broadcasts.people.consent.Deed)."""

OUTCOMES: Mapping[str, Any] = {
    "": lazy("left, or asked not to get it, before it was sent"),
    "transient": lazy("the provider was disturbed"),
    "slow_down": lazy("the number's rate was used up"),
    "person_too_fast": lazy("too many messages to one person in a short time"),
    "pause": lazy("the provider asked for a pause"),
    "network": lazy("the network was away"),
    "unknown": lazy("nobody knows whether it arrived"),
    "not_today": lazy("the provider brings this person no more news today"),
    "opted_out": lazy("the person has switched news off in the messenger"),
    "blocked": lazy("the person has blocked the city in the messenger"),
    "unreachable": lazy("not reachable: no messenger, an old version, or blocked"),
    "window_closed": lazy("the 24-hour window was closed"),
    "needs_phone_number": lazy("the provider wants a telephone number for this"),
    "wrong_template": lazy("the template does not fit or is not approved"),
    "template_paused": lazy("the provider has paused the template"),
    "template_disabled": lazy("the provider has disabled the template"),
    "media": lazy("the picture could not be used"),
    "account": lazy("the provider refuses the account"),
    "credentials": lazy("the provider refuses the access token"),
    "our_mistake": lazy("the provider did not understand us: tell your administrator"),
    "accepted": lazy("accepted, then not delivered"),
}
"""Why a delivery did not arrive (broadcasts.channels.base.Outcome)."""

SKIPPED: Mapping[str, Any] = {
    "waiting": lazy("window closed: waits until the person writes"),
    "given": lazy("window was closed: got it when they wrote"),
    "no_wording": lazy("nothing may be written to the person at the moment"),
    "not_chosen": lazy("had chosen none of its topics by then"),
    "paused": lazy("has just begun a pause"),
    "elsewhere": lazy("gets it on another messenger of theirs"),
}
"""Why a delivery was not even tried, by our own code (broadcasts.delivery.states)."""


def cause(outcome: str | None, code: str | None) -> str:
    """Why a delivery did not arrive, or was not even tried."""
    known = OUTCOMES if outcome else SKIPPED
    return str(known.get((outcome or code) or "", OUTCOMES.get(outcome or "", outcome)))


def reason(held: str) -> str:
    """Why something is held or refused: an outcome, and the provider's code."""
    outcome, _, code = held.partition(" ")
    said = str(OUTCOMES.get(outcome, outcome))
    return f"{said} ({code})" if code else said


WANTS: Mapping[str, Any] = {
    "everything": lazy("digests and alerts"),
    "alerts_only": lazy("alerts only"),
    "stopped": lazy("opted out"),
    "retired": lazy("not reachable any more"),
    "nothing": lazy("wrote, never subscribed"),
    "restricted": lazy("restricted (Art. 18 GDPR)"),
}
"""Of a subscriber (broadcasts.people.subscribers.Wants)."""

PRICE_CATEGORIES: Mapping[str, Any] = {
    "marketing": lazy("news outside the window (marketing)"),
    "utility": lazy("alerts (utility)"),
    "service": lazy("inside the window (service)"),
    "free": lazy("free of charge"),
}
"""What the provider bills by; others are shown as it names them."""

LANGUAGES: Mapping[str, Any] = {
    "de": lazy("German"),
    "en": lazy("English"),
    "nl": lazy("Dutch"),
    PLAIN: lazy("Plain language"),
}
