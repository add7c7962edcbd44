"""What a page needs at hand: the city, who is signed in, the audit trail.

Owns: nothing. Never: decides who may do what (access). Used by every area of the desk.
"""

from typing import Any

from cryptography.fernet import Fernet
from flask import current_app, g, session
from flask_login import current_user

from bot.city import City
from broadcasts.newsroom.context import Newsroom
from broadcasts.people.staff import Staff
from broadcasts.privacy import audit, keys

CITY = "stadtbote_city"


def city() -> City:
    found: City = current_app.extensions[CITY]
    return found


def newsroom() -> Newsroom:
    return city().newsroom


def me() -> Staff:
    """Who is signed in; only on pages that ask for it."""
    staff: Staff = current_user._get_current_object()
    return staff


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def note(act: str, about: str = "", *, staff: str = "", **detail: Any) -> None:
    """Writes the audit trail; in the transaction of the act itself. Nothing of a citizen."""
    audit.record(city().audit_key, staff or me().name, act, about, **detail)


def codes_key() -> Fernet:
    """Encrypts the secrets of one-time codes."""
    return keys.fernet(city().config.secret_key, "codes")


def person_key() -> Fernet:
    """Encrypts who is meant from one page to the next."""
    return keys.fernet(city().config.secret_key, "person")


def interrupted_key() -> Fernet:
    """Encrypts what was typed when a session had ended."""
    return keys.fernet(city().config.secret_key, "interrupted")


def device_secret() -> bytes:
    """Signs what a browser keeps beyond its session."""
    return keys.derive(city().config.secret_key, "devices")


def hashed(text: str) -> str:
    return keys.keyed_hash(city().key, f"sign-in {text}")


def language() -> str:
    """Of this page: the account's, else what was chosen on the sign-in page, else the city's."""
    if "language" not in g:
        g.language = me().language if is_signed_in() else strangers_language()
    found: str = g.language
    return found


def strangers_language() -> str:
    """Without asking who somebody is."""
    own = city().settings.city.language
    chosen: str = session.get("language") or (own if own in ("de", "en") else "en")
    return chosen
