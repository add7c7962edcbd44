"""The join page over real HTTP: its codes read by a decoder, its card by a parser."""

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
import vobject
import zxingcpp
from PIL import Image, ImageDraw

from bot import keywords
from bot.public import contact, join, site
from bot.words import Intent
from broadcasts import db
from broadcasts.settings import LANGUAGES
from tests.newsroom.test_archive import digest
from tests.processes import free_port
from tests.system import System, running

pytestmark = pytest.mark.usefixtures("pages_made_anew")

START = "https://wa.me/4917604069000?text=Start"


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    Image.new("RGB", (900, 300), "#12507b").save(tmp_path / "wappen.png")
    extra = {"picture": '"wappen.png"', "weekdays": '["mon", "thu"]'}
    with running(tmp_path, database_url, loops=False, telegram="webhook", **extra) as made:
        yield made


def read(system: System, path: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}")


def pixels(svg: str, scale: int = 4) -> Image.Image:
    """What a browser makes of such a picture: a light square, and dark runs of one module's
    height."""
    (edge,) = re.findall(r'viewBox="0 0 (\d+) \d+"', svg)
    drawn = Image.new("L", (int(edge), int(edge)), 255)
    x = y = 0.0
    (path,) = re.findall(r'stroke="#000" d="([^"]+)"', svg)
    for move, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if move == "h":
            row = int(y - 0.5)
            ImageDraw.Draw(drawn).line((x, row, x + float(first) - 1, row), fill=0)
            x += float(first)
        else:
            x, y = float(first) + x * (move == "m"), float(second) + y * (move == "m")
    return drawn.resize((drawn.width * scale, drawn.height * scale))


def decoded(picture: Any) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_it_says_what_one_gets_and_how_to_leave(system: System) -> None:
    page = read(system, "/")
    for said in (
        "gegen 00:01 Uhr und nur, wenn es Neues gibt (Montag, Donnerstag).",
        "Warnungen im Notfall sofort",
        "mindestens 16 Jahre alt",
        f'href="{START}"',
        'href="https://t.me/MusterstadtBot?start=Start"',
        "„Stopp“",
        "„Alle Daten löschen“",
        "112",
        'href="/kontakt.vcf"',
        'href="/datenschutz"',
    ):
        assert said in page.text, said
    assert len(page.content) + len(read(system, site.style_address()).content) < 30_000
    assert "<script" not in page.text


def test_it_draws_codes_that_say_what_its_links_say(system: System) -> None:
    for language in LANGUAGES:
        page = read(system, f"/{language}").text
        links = re.findall(r'class="join" href="([^"]+)"', page)
        codes = re.findall(r'class="qr" src="([^"]+)"', page)
        assert len(links) == len(codes) == 2
        for link, code in zip(links, codes, strict=True):
            picture = read(system, code)
            assert picture.headers["content-type"].startswith("image/svg+xml")
            assert decoded(pixels(picture.text)) == [link]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_types_in_a_word_that_is_answered_in_its_language(language: str) -> None:
    command = keywords.read(site.words(language)["keyword"])
    assert command == keywords.Command(Intent.START, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_words_that_are_understood(language: str) -> None:
    named = {
        key: re.findall("[„“]([^“”]+)[“”]", site.words(language)[key])
        for key in ("what_only_alerts", "leave_stop", "leave_erase")
    }
    understood = [keywords.read(word) for words in named.values() for word in words]
    assert [getattr(one, "intent", None) for one in understood] == [
        Intent.ALERTS_ONLY,
        Intent.STOP,
        Intent.ERASE,
    ]


@pytest.mark.parametrize(
    "path",
    ["/qr/whatsapp-1.svg", "/qr/whatsapp-99999999999999999999.svg", "/qr/fax-0.svg", "/qr/fr/x"],
)
def test_it_draws_no_other_code(system: System, path: str) -> None:
    assert read(system, path).status_code == 404


def test_it_gives_a_card_with_name_number_and_picture(system: System) -> None:
    answer = read(system, "/kontakt.vcf")
    assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
    card = vobject.readOne(answer.text)
    assert card.version.value == "3.0"
    assert card.fn.value == "Stadt Musterstadt"
    assert card.org.value == ["Stadt Musterstadt"]
    assert card.tel.value == "+4917604069000"
    assert card.url.value == "https://bote.musterstadt.example"
    assert "„Start“" in card.note.value
    with Image.open(io.BytesIO(card.photo.value)) as photo:
        assert (photo.format, photo.size) == ("JPEG", (contact.EDGE, contact.EDGE))
    assert len(answer.content) < 100_000
    again = httpx.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["Stadt; Land, Fluß\\", "Zeile\neins", "Ü" * 120, "👋" * 60, "BEGIN:VCARD\r\nTEL:110"]
)
def test_it_escapes_and_folds_a_card(name: str, tmp_path: Path) -> None:
    made = contact.card(
        name=name, numbers=["+4917604069000"], url="https://a.example", note=name, picture=None
    )
    lines = made.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines[:-1]), "no sign is cut in two"
    card = vobject.readOne(made.decode())
    said = "\n".join(name.splitlines())
    assert (card.fn.value, card.note.value) == (said, said)
    assert [tel.value for tel in card.tel_list] == ["+4917604069000"]


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\xff\xd8\xff broken"])
def test_it_leaves_out_a_picture_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wappen.png"
    assert contact.read(path) is None
    path.write_bytes(content)
    assert contact.read(path) is None


def test_it_takes_a_new_picture_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "wappen.png"
    Image.new("RGB", (40, 40), "red").save(path)
    first = contact.read(path)
    Image.new("RGB", (40, 40), "blue").save(path)
    assert contact.read(path) not in (None, first)


def test_it_leads_to_each_channel_and_says_what_it_cannot_do(
    tmp_path: Path, database_url: str
) -> None:
    ways = {"telegram": "webhook", "meta": True, "email": free_port()}
    with running(tmp_path, database_url, loops=False, **ways) as system:
        for language in LANGUAGES:
            page = read(system, f"/{language}").text
            links = re.findall(r'class="join" href="([^"]+)"', page)
            codes = re.findall(r'class="qr" src="([^"]+)"', page)
            assert len(links) == len(codes) == len(system.city.channels) == 5
            for link, code in zip(links, codes, strict=True):
                whole = urljoin("https://bote.musterstadt.example", link)
                assert decoded(pixels(read(system, code).text)) == [whole]
            assert page.count("24 ") == 2, "Messenger and Instagram reach only who has written"
            (form,) = (link for link in links if link.startswith("/"))
            assert f'<html lang="{language}">' in read(system, form).text
        assert "Links für beides" in read(system, "/").text


def test_it_names_the_address_where_a_channel_has_no_link(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = system.city.channels["telegram"]
    monkeypatch.setattr(channel, "accounts", (replace(channel.accounts[0], join=""),))
    page = read(system, "/").text
    assert "Schreiben Sie „Start“ an @MusterstadtBot." in page
    assert page.count('class="qr"') == 1
    assert read(system, "/qr/telegram-0.svg").status_code == 404


def test_it_shows_what_was_sent_last(system: System) -> None:
    assert "Zuletzt verschickt" not in read(system, "/").text
    digest("Markt")
    page = read(system, "/").text
    assert "Zuletzt verschickt" in page
    assert 'href="/archiv/2026-11-24#beitrag-' in page


def test_it_says_how_to_join_while_the_database_is_away(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **more: object) -> None:
        raise db.DatabaseError

    monkeypatch.setattr(join.archive, "page", away)
    assert START in read(system, "/").text
    answer = read(system, "/archiv/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


def test_it_keeps_base64_as_it_is() -> None:
    """A folded picture is the same picture."""
    raw = bytes(range(256)) * 40
    line = f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(raw).decode()}"
    unfolded = b"".join(
        part[1:] if number else part for number, part in enumerate(contact._folded(line))
    )
    assert unfolded.decode() == line
