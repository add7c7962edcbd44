"""What a citizen sent along: from Meta's id to its bytes, and away again.

Owns: asking where a file is, getting it, having it deleted. Never: a table, or what is in a file.
developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from broadcasts.channels.base import Outcome, ProviderError
from broadcasts.channels.tls import trusted
from broadcasts.channels.whatsapp import errors
from broadcasts.channels.whatsapp.settings import WhatsAppSecrets, WhatsAppSettings

SECONDS = 10.0
"""For each step without a byte."""
LONGEST = 45.0
"""For all of a file."""
METAS = (".fbsbx.com", ".facebook.com", ".fbcdn.net", ".whatsapp.net")
"""Only to these does the token go; Meta's files lie on lookaside.fbsbx.com."""
MEDIA_ID = re.compile(r"\d{1,40}")


def drop(settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets], media: str) -> None:
    """Has it deleted before Meta does it by itself. Raises ProviderError (MEDIA: it is gone)."""
    if not MEDIA_ID.fullmatch(media):
        raise ProviderError(Outcome.MEDIA, "no_id", "is no id of a file")
    headers = {"Authorization": f"Bearer {secrets().token}"}
    graph = f"{settings.graph_url.rstrip('/')}/v{settings.api_version}"
    try:
        answer = httpx.delete(f"{graph}/{media}", headers=headers, timeout=SECONDS)
    except httpx.HTTPError as error:
        name = type(error).__name__
        raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
    if answer.status_code != 200:
        raise _refused(answer)


def fetch(
    settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets], media: str, *, most: int
) -> bytes:
    """At most `most` bytes, whatever is said of them. Raises ProviderError."""
    if not MEDIA_ID.fullmatch(media):
        raise ProviderError(Outcome.MEDIA, "no_id", "is no id of a file")
    headers = {"Authorization": f"Bearer {secrets().token}"}
    graph = f"{settings.graph_url.rstrip('/')}/v{settings.api_version}"
    try:
        # A redirection could lead the token away: httpx follows none unless told to.
        with httpx.Client(timeout=SECONDS, verify=trusted(), headers=headers) as client:
            url = _address(client, f"{graph}/{media}", settings.graph_url, most)
            return _bytes(client, url, most)
    except httpx.HTTPError as error:
        name = type(error).__name__
        raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
    except httpx.InvalidURL:
        raise _strange_host() from None


def _address(client: httpx.Client, asked: str, graph_url: str, most: int) -> str:
    """Where the file lies; good for five minutes."""
    answer = client.get(asked)
    if answer.status_code != 200:
        raise _refused(answer)
    try:
        found = answer.json()
        url, size = str(found["url"]), int(found.get("file_size") or 0)
    except (ValueError, KeyError, TypeError):
        raise ProviderError(Outcome.TRANSIENT, "unreadable", "cannot be read") from None
    if size > most:
        raise _too_large()
    if not _is_metas(url, graph_url):
        raise _strange_host()
    return url


def _strange_host() -> ProviderError:
    return ProviderError(Outcome.MEDIA, "strange_host", "lies with somebody else")


def _is_metas(url: str, graph_url: str) -> bool:
    """Meta's own, or beside the stand-in."""
    try:
        parts, graph = urlsplit(url), urlsplit(graph_url)
        port = parts.port
    except ValueError:
        return False
    if (parts.scheme, parts.netloc) == (graph.scheme, graph.netloc):
        return True
    host = f".{parts.hostname or ''}"
    return parts.scheme == "https" and port in (None, 443) and host.endswith(METAS)


def _bytes(client: httpx.Client, url: str, most: int) -> bytes:
    found, began = bytearray(), time.monotonic()
    with client.stream("GET", url) as answer:
        if answer.status_code != 200:
            # Not read: a hostile answer could be endless.
            raise _without_words(answer.status_code)
        for part in answer.iter_bytes():
            found += part
            if len(found) > most:
                raise _too_large()
            if time.monotonic() - began > LONGEST:
                raise ProviderError(Outcome.NETWORK, "too_slow", "takes too long")
    return bytes(found)


def _too_large() -> ProviderError:
    return ProviderError(Outcome.MEDIA, "too_large", "is too large")


def _refused(answer: httpx.Response) -> ProviderError:
    """Meta's error, or the status where it says nothing."""
    try:
        code = int(answer.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return _without_words(answer.status_code)
    outcome = errors.outcome(code, answer.status_code)
    return ProviderError(outcome, str(code), "the provider does not give it")


def _without_words(status: int) -> ProviderError:
    """A file that has gone is 404."""
    gone = status in (404, 410)
    outcome = Outcome.MEDIA if gone else errors.outcome(0, status, is_graph_error=False)
    return ProviderError(outcome, str(status), "the provider does not give it")
