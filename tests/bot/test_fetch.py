"""Getting what a stranger's address names: never from our own network, too much or too long."""

import datetime as dt
import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import fetch
from bot.fetch import Fetched, FetchError, Wanted
from tests.website import Website, bomb, endless, website

MOST = 100_000


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as found:
        yield found


def get(site: Website, path: str, **more: Any) -> Fetched:
    resolve = more.pop("resolve", fetch.resolve)
    values = {"url": site.url(path), "most": MOST, "intranet": site.host, **more}
    return fetch.fetch(Wanted(**values), resolve=resolve)


def refusal(site: Website, path: str = "/", **more: Any) -> str:
    with pytest.raises(FetchError) as caught:
        get(site, path, **more)
    return str(caught.value)


def test_it_gets_what_is_there_with_what_it_needs_to_ask_again(site: Website) -> None:
    body = gzip.compress(b"<rss/>")
    site.put("/feed", body, content_encoding="gzip", content_type="text/xml", etag='"7"')
    found = get(site, "/feed")
    assert (found.body, found.kind, found.etag) == (b"<rss/>", "text/xml", '"7"')
    assert site.asked[0][1]["host"] == site.host
    again = get(site, "/feed", etag='"7"', modified="Tue, 24 Nov 2026 10:00:00 GMT")
    assert again.is_unchanged
    assert (again.etag, again.modified) == ('"7"', "Tue, 24 Nov 2026 10:00:00 GMT")
    assert site.asked[1][1]["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"


def test_it_follows_within_reason(site: Website) -> None:
    site.put("/new", b"found")
    site.leads("/old", "/new#part")
    assert get(site, "/old").url == site.url("/new")
    site.leads("/round", "/round")
    assert refusal(site, "/round") == "leads on and on"
    assert site.paths().count("/round") == fetch.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "there",
    [
        "http://127.0.0.1:{port}/secret",
        "http://127.1:{port}/secret",
        "http://2130706433:{port}/secret",
        "http://0x7f.0.0.1:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://0.0.0.0:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "http://localhost:{other}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
    ],
)
def test_it_is_led_to_no_address_of_our_own(site: Website, there: str) -> None:
    with website() as other:
        for one in (site, other):
            one.put("/secret", b"secret")
        site.leads("/feed", there.format(port=site.port, other=other.port))
        assert refusal(site, "/feed") == "lies at an address that is not public"
        assert (site.paths(), other.paths()) == (["/feed"], [])


@pytest.mark.parametrize(
    "there",
    [
        "file:///etc/passwd",
        "ftp://localhost/feed",
        "http://name:word@localhost/feed",
        "javascript:alert(1)",
        "gopher://x",
    ],
)
def test_it_is_led_to_no_other_kind_of_address(site: Website, there: str) -> None:
    site.leads("/feed", there)
    assert "is no address" in refusal(site, "/feed")


def test_it_asks_no_name_that_lies_in_our_own_network(site: Website) -> None:
    """`localhost` is such a name; so is one with both kinds of addresses."""
    assert "not public" in refusal(site, intranet="")
    url = f"http://feeds.example:{site.port}/"
    for addresses in (["10.1.2.3"], ["1.1.1.1", "127.0.0.1"], []):
        said = refusal(site, url=url, resolve=lambda host, port, found=addresses: found)
        assert "not public" in said
    assert site.paths() == []


def test_it_does_not_ask_a_name_twice(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when it is looked at, ours when it is connected to."""
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])
    connected: list[str] = []

    def connect(address: tuple[str, int], *arguments: Any, **more: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    url = f"http://feeds.example:{site.port}/"
    refusal(site, url=url, resolve=lambda host, port: next(answers))
    assert connected == ["1.1.1.1"]


def test_it_lets_nobody_name_the_clouds_own_machine(site: Website) -> None:
    url, intranet = "http://meta.example/", "meta.example"
    said = refusal(site, url=url, intranet=intranet, resolve=lambda host, port: ["169.254.169.254"])
    assert "not public" in said


def test_it_says_of_a_name_that_it_leads_nowhere(site: Website) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror

    assert "leads nowhere" in refusal(site, url="http://feeds.example/", resolve=nobody)


def test_it_does_not_wait_for_a_name(site: Website) -> None:
    released = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        released.wait()
        return []

    said = refusal(site, url="http://feeds.example/", resolve=silent, seconds=0.3)
    released.set()
    assert said == "does not answer in time"


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_it_ends_what_does_not_end(site: Website, pause: float) -> None:
    site.pages["/"] = endless(site, pause=pause, chunk=b"x" if pause else b"x" * 65536)
    began = time.monotonic()
    said = refusal(site, seconds=0.5 if pause else 20, most=1024**2)
    assert said == ("does not answer in time" if pause else "is larger than 1 MB")
    assert time.monotonic() - began < 15


def test_it_waits_for_no_head_that_drips(site: Website) -> None:
    def drip(to: Any) -> None:
        to.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not site.closing.is_set():
            to.wfile.write(b"x")
            time.sleep(0.05)

    site.pages["/"] = drip
    assert refusal(site, seconds=0.5) == "does not answer in time"


def test_it_unpacks_no_bomb(site: Website) -> None:
    site.put("/", bomb(200), content_encoding="gzip")
    tracemalloc.start()
    try:
        assert refusal(site, most=2 * 1024**2) == "is larger than 2 MB"
        assert tracemalloc.get_traced_memory()[1] < 20 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"x", {"content_encoding": "br"}, "packed"),
        (b"x", {"content_encoding": "gzip"}, "damaged"),
        (gzip.compress(b"<rss/>")[:-9], {"content_encoding": "gzip"}, "damaged"),
        (b"short", {"content_length": "99"}, "does not answer"),
        (b"x", {"content_length": "999999999"}, "larger"),
        (b"x", {"status": 503}, "answers 503"),
    ],
    ids=["other packing", "not packed", "half", "short", "large", "ill"],
)
def test_it_says_what_is_wrong(
    site: Website, body: bytes, headers: dict[str, Any], said: str
) -> None:
    site.put("/", body, **headers)
    assert said in refusal(site)


def test_it_says_no_address_of_what_failed(site: Website) -> None:
    assert "TOKEN" not in refusal(site, "/feed?key=TOKEN")


@pytest.mark.parametrize(
    ("address", "ok"),
    [
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:1.1.1.1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:1::80ff:fffe", False),
    ],
)
def test_it_knows_public_addresses(address: str, ok: bool) -> None:
    assert fetch.is_public(address) is ok


# ------------------------------------------------------------------ encrypted


def certificate(name: str, folder: Path) -> Path:
    """Key and self-signed certificate of a name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("name", ["feeds.example", "other.example"])
def test_it_connects_to_the_checked_address_and_still_wants_the_names_certificate(
    tmp_path: Path, name: str
) -> None:
    path, seen = certificate("feeds.example", tmp_path), []
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    server_side.sni_callback = lambda connection, asked, context: seen.append(asked)
    client_side = ssl.create_default_context(cafile=str(path))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)
        port = listening.getsockname()[1]

        def serve() -> None:
            try:
                connection, _ = listening.accept()
                with server_side.wrap_socket(connection, server_side=True) as inner:
                    inner.recv(4096)
                    inner.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        wanted = Wanted(url=f"https://{name}:{port}/", most=MOST, intranet=f"{name}:{port}")
        try:
            found = fetch.fetch(wanted, resolve=lambda host, port: ["127.0.0.1"], tls=client_side)
            assert (found.body, seen) == (b"ok", ["feeds.example"])
        except FetchError:
            assert name == "other.example"
        thread.join()
    assert seen == [name]
