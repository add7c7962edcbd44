"""Too many attempts: whose failures count, and how many are too many.

Owns: the limits of guessing a password or code, and the mark of a browser that is known. Never: a
password or code (people/staff), the table (people/attempts). Used by signin and account.
"""

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from bot.desk import here
from bot.desk.language import lazy
from broadcasts.people import attempts as tried

MOST_FROM_ONE_PLACE = 30
"""Failures: a whole town hall may share one address."""
MOST_FOR_ONE_NAME = 50
"""Failures, from wherever."""
DEVICE = "stadtbote_device"

TOO_MANY = lazy("Too many attempts. Please wait a quarter of an hour, or ask an administrator.")


def is_barred(name: str) -> bool:
    return any(tried.is_barred(who, most=most) for who, most in _limits(name))


def note_failure(name: str) -> None:
    tried.note([who for who, _ in _limits(name)])


def own(name: str) -> str:
    """Under what the failures are kept that a success wipes out."""
    return _limits(name)[0][0]


def _limits(name: str) -> list[tuple[str, int]]:
    """Whose failures count, and how many are too many. A browser in which this person has signed
    in before counts for itself: strangers who try passwords must not keep the emergency staff out
    (OWASP, device cookies)."""
    if device := _device(name):
        return [(here.hashed(f"device {device}"), tried.MOST_FAILURES)]
    place = request.remote_addr
    return [
        (here.hashed(f"name {name} place {place}"), tried.MOST_FAILURES),
        (here.hashed(f"place {place}"), MOST_FROM_ONE_PLACE),
        (here.hashed(f"name {name}"), MOST_FOR_ONE_NAME),
    ]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(here.device_secret(), salt="device")


def _device(name: str) -> str:
    """The mark of a browser in which this name has signed in; empty elsewhere."""
    try:
        known, mark = _signer().loads(request.cookies.get(DEVICE, ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if known == here.hashed(f"known {name}") else ""


def remember_device(response: Response, name: str) -> None:
    mark = [here.hashed(f"known {name}"), _device(name) or secrets.token_urlsafe(12)]
    response.set_cookie(
        DEVICE,
        str(_signer().dumps(mark)),
        max_age=timedelta(days=180),
        path="/desk",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
