"""The city's website, and those of worse people: a real HTTP server that says what it is told."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Website:
    """`pages`: path → what answers there. It lies at the name `localhost`, which a city may allow;
    under its number nobody may come."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """(path, headers) of each request."""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def put(self, path: str, body: bytes, **headers: str) -> None:
        """A page; with `etag` it is sent once only."""
        self.pages[path] = lambda to: say(to, body, **headers)

    def leads(self, path: str, to: str) -> None:
        self.pages[path] = lambda asker: say(asker, b"", status=302, location=to)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def say(to: Any, body: bytes, *, status: int = 200, **headers: str) -> None:
    etag = headers.get("etag", "")
    if etag and to.headers.get("If-None-Match") == etag:
        status, body = 304, b""
    to.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"content-length": str(len(body)), **named}.items():
        to.send_header(name, value)
    to.end_headers()
    to.wfile.write(body)


def endless(site: Website, *, pause: float = 0.0, chunk: bytes = b"x" * 65536) -> Answer:
    """A body without an end; with a pause, one that drips."""

    def answer(to: Any) -> None:
        to.send_response(200)
        to.end_headers()
        while not site.closing.is_set():
            to.wfile.write(chunk)
            time.sleep(pause)

    return answer


def bomb(megabytes: int) -> bytes:
    """Gzip of so many megabytes of nothing, a thousandth of it in size."""
    return gzip.compress(bytes(megabytes * 1024**2))


@contextmanager
def website() -> Iterator[Website]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            path = self.path
            site.asked.append((path, {k.lower(): v for k, v in self.headers.items()}))
            answer = site.pages.get(path)
            with suppress(OSError):  # they have gone away, as they should
                answer(self) if answer else say(self, b"nothing here", status=404)

        def log_message(self, *arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    site = Website(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
