"""Gets one file from an address that somebody else wrote: bounded in time and size, guarded.

Owns: the only requests whose address comes from what somebody else has published. Never: looks into
what it got, or follows anybody into our own network. Called by bot/feeds.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import httpcore
import httpx

from broadcasts.channels.tls import trusted
from broadcasts.saying import Refusal, say

SECONDS = 20.0
"""For all of a file: name, connections, redirects, every byte."""
STEP = 8.0
"""For each step without a byte."""
MOST_REDIRECTS = 5
MOST_ADDRESSES = 4
"""Of one name that are tried."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PORTS = {"http": 80, "https": 443}
AGENT = "Stadtbote (feeds)"
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""An IPv4 address in IPv6's clothes, for whatever stands behind the translator (RFC 6052)."""

Resolve = Callable[[str, int], Sequence[str]]


class FetchError(Refusal):
    """It cannot be had. `said` never holds an address: it may carry a token."""


@dataclass(frozen=True)
class Fetched:
    body: bytes
    """None of it where `is_unchanged`."""
    url: str
    """Where it was found in the end."""
    kind: str
    """The Content-Type as it was said."""
    etag: str = ""
    modified: str = ""
    is_unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`etag` and `modified`: as the last answer said them; what is still the same is not sent."""

    url: str
    most: int
    """Bytes, unpacked."""
    accept: str = "*/*"
    etag: str = ""
    modified: str = ""
    intranet: str = ""
    """HOST or HOST:PORT that may lie in our own network: named by the administrator."""
    seconds: float = SECONDS


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name, by the system's own means. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def fetch(
    wanted: Wanted, *, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None
) -> Fetched:
    """Raises FetchError. `resolve` and `tls`: what a test puts in their place."""
    deadline = time.monotonic() + wanted.seconds
    url = _address(wanted.url)
    for _ in range(MOST_REDIRECTS + 1):
        guard = _Guard(_allows(url, wanted.intranet), deadline, resolve)
        try:
            found = _get(url, wanted, guard, tls or trusted())
        except (httpcore.TimeoutException, TimeoutError):
            raise FetchError(say("does not answer in time")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            raise FetchError(say("does not answer, or not as a web server does")) from None
        if isinstance(found, Fetched):
            return found
        url = _address(found, after=url)
    raise FetchError(say("leads on and on"))


def _address(text: str, *, after: httpx.URL | None = None) -> httpx.URL:
    """`after`: the one that led here."""
    try:
        url = (after.join(text) if after else httpx.URL(text)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise FetchError(say("is no address")) from None
    if url.scheme not in PORTS or not url.host or url.userinfo:
        raise FetchError(say("is no address like https://…"))
    if after is not None and (after.scheme, url.scheme) == ("https", "http"):
        raise FetchError(say("leads from an encrypted address to one that is not"))
    return url


def _port(url: httpx.URL) -> int:
    return url.port or PORTS[url.scheme]


def _allows(url: httpx.URL, intranet: str) -> bool:
    """The very host that was named, at the very port."""
    if not intranet:
        return False
    host, _, port = intranet.lower().partition(":")
    ports = {int(port)} if port.isdigit() else set(PORTS.values())
    return url.host.lower() == host and _port(url) in ports


def _get(url: httpx.URL, wanted: Wanted, guard: "_Guard", tls: ssl.SSLContext) -> Fetched | str:
    """What is there, or where it leads."""
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    headers = [
        ("Host", url.netloc.decode("ascii")),
        ("User-Agent", AGENT),
        ("Accept", wanted.accept),
        ("Accept-Encoding", "gzip"),
        *(("If-None-Match", one) for one in [wanted.etag] if one),
        *(("If-Modified-Since", one) for one in [wanted.modified] if one),
    ]
    timeout = {"connect": STEP, "read": STEP, "write": STEP, "pool": STEP}
    # Not httpx itself: it unpacks whatever a packet of 64 kB holds, and heeds a proxy's variables.
    with (
        httpcore.ConnectionPool(ssl_context=tls, network_backend=guard) as pool,
        pool.stream("GET", target, headers=headers, extensions={"timeout": timeout}) as answer,
    ):
        said = httpx.Headers(answer.headers)
        if answer.status in REDIRECTS and "location" in said:
            return said["location"]
        if answer.status == 304:
            return Fetched(b"", str(url), "", wanted.etag, wanted.modified, is_unchanged=True)
        if answer.status != 200:
            raise FetchError(say("answers %(code)s", code=answer.status))
        length = said.get("content-length", "")
        if length.isdigit() and int(length) > wanted.most:
            raise _too_large(wanted.most)
        body = _unpacked(answer.iter_stream(), said.get("content-encoding", ""), wanted.most)
        etag, modified = (_kept(said, name) for name in ("etag", "last-modified"))
        return Fetched(body, str(url), said.get("content-type", ""), etag, modified)


def _kept(said: httpx.Headers, name: str) -> str:
    """To be said again with the next question."""
    value = said.get(name, "")
    return value if value.isascii() and len(value) <= 200 else ""


def _unpacked(chunks: Iterable[bytes], encoding: str, most: int) -> bytes:
    """Never more than `most` and a little, however small it was packed."""
    packing = encoding.strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise FetchError(say("is packed in a way nobody asked for"))
    unpack = zlib.decompressobj(wbits=31) if "gzip" in packing else None
    body = bytearray()
    for chunk in chunks:
        try:
            body += unpack.decompress(chunk, most + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise FetchError(say("is damaged")) from None
        if len(body) > most:
            raise _too_large(most)
    if unpack and not unpack.eof:
        raise FetchError(say("is damaged"))
    return bytes(body)


def _too_large(most: int) -> FetchError:
    return FetchError(say("is larger than %(most)s MB", most=most // 1024**2))


# ------------------------------------------------------------------ where it may lie


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to nobody's own network, in whichever
    clothes it comes."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in NAT64:
            inner = ipaddress.IPv4Address(found.packed[-4:])
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not (
        found.is_private
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
    )


def _is_own(address: str) -> bool:
    """What an administrator can mean by a host of the intranet: never the machine that a cloud
    answers at (169.254.169.254)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)


@dataclass
class _Guard(httpcore.NetworkBackend):
    """Connects to the very address it has looked at. A name is asked for once: what it says a
    moment later (DNS rebinding) changes nothing. TLS goes on to want the name's certificate."""

    is_own_allowed: bool
    deadline: float
    resolve: Resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        allowed = _is_own if self.is_own_allowed else is_public
        # One that is not, among others that are: somebody tries what we do with it.
        if not addresses or not all(map(allowed, addresses)):
            raise FetchError(say("lies at an address that is not public"))
        failure: Exception = TimeoutError()
        for address in addresses[:MOST_ADDRESSES]:
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, min(STEP, self.left()), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The system's own question knows no time-out: it is left behind, not waited for."""
        found: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put(self.resolve(host, port))
            except (OSError, UnicodeError) as error:
                found.put(error if isinstance(error, OSError) else OSError())

        threading.Thread(target=ask, daemon=True, name="resolve").start()
        try:
            answer = found.get(timeout=min(STEP, self.left()))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, OSError):
            raise FetchError(say("has a name that leads nowhere"))
        return answer

    def left(self) -> float:
        """Seconds until all of it must be over. Raises TimeoutError."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@dataclass
class _Stream(httpcore.NetworkStream):
    """Looks at the clock with each packet: a byte now and then keeps nobody busy for ever."""

    inner: httpcore.NetworkStream
    guard: _Guard

    def _within(self, timeout: float | None) -> float:
        return min(timeout or STEP, self.guard.left())

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self._within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self._within(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        within = self._within(timeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, within), self.guard)

    def get_extra_info(self, info: str) -> object:
        return self.inner.get_extra_info(info)
