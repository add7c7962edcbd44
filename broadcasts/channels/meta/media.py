"""What a citizen sent along: Meta names an address, and only Meta's own are asked.

Owns: getting a picture. Never: a table, a token (the address itself is signed, and runs out), or
what is in a file. An address comes from outside: no other host is ever called, also where Meta's
sends us on.
"""

import time
from urllib.parse import urljoin, urlsplit

import httpx

from broadcasts.channels.base import Outcome, ProviderError
from broadcasts.channels.meta import errors
from broadcasts.channels.tls import trusted

SECONDS = 10.0
"""For each step without a byte."""
LONGEST = 45.0
"""For all of a file."""
METAS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
"""Where Meta keeps what people send."""
MOST_STEPS = 3
LONGEST_ADDRESS = 2000


def is_metas(url: str, graph: str) -> bool:
    """Meta's own, or beside the stand-in."""
    try:
        parts, own = urlsplit(url), urlsplit(graph)
        port = parts.port
    except ValueError:
        return False
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or "\\" in url:
        return False
    if own.scheme == "http" and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    host = f".{parts.hostname or ''}"
    is_plain = port in (None, 443) and "@" not in parts.netloc
    return parts.scheme == "https" and is_plain and host.endswith(METAS)


def fetch(url: str, graph: str, *, most: int) -> bytes:
    """At most `most` bytes, whatever is said of them. Raises ProviderError."""
    began = time.monotonic()
    try:
        with httpx.Client(timeout=SECONDS, verify=trusted(), trust_env=False) as client:
            for _ in range(MOST_STEPS):
                if not is_metas(url, graph):
                    raise ProviderError(Outcome.MEDIA, "strange_host", "lies with somebody else")
                with client.stream("GET", url) as answer:
                    if not answer.has_redirect_location:
                        return _bytes(answer, most, began)
                    url = urljoin(url, answer.headers["Location"])
    except httpx.HTTPError as error:
        name = type(error).__name__
        raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
    except (httpx.InvalidURL, ValueError):
        raise ProviderError(Outcome.MEDIA, "no_address", "is no address") from None
    raise ProviderError(Outcome.MEDIA, "sent_on", "is sent on and on")


def _bytes(answer: httpx.Response, most: int, began: float) -> bytes:
    if answer.status_code != 200:
        # Not read: a hostile answer could be endless. 403: the address has run out.
        gone = answer.status_code in (403, 404, 410)
        outcome = Outcome.MEDIA if gone else errors.of_stranger(answer.status_code)
        raise ProviderError(outcome, str(answer.status_code), "the provider does not give it")
    found = bytearray()
    for part in answer.iter_bytes():
        found += part
        if len(found) > most:
            raise ProviderError(Outcome.MEDIA, "too_large", "is too large")
        if time.monotonic() - began > LONGEST:
            raise ProviderError(Outcome.NETWORK, "too_slow", "takes too long")
    return bytes(found)
