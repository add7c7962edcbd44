"""A mail as the standard library reads it: headers, both forms, a picture within it."""

import email
import html
import re
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from broadcasts.channels.base import Address, Button, Text
from broadcasts.channels.email import compose, markup, tokens
from broadcasts.channels.email.compose import Picture
from tests.channels.email import samples

DIGEST = Text(
    "*Neues · Stadt Müsterstadt*\n\n"
    "*Wochenmarkt zieht um*\nAb Samstag 🥕 <Rathausplatz> & Umgebung,\n"
    "https://www.musterstadt.example/ab_cd_ef?a=1&b=2.\n\n_Links am Ende_"
)
READER = Address(bsuid=samples.PERSON, language="de", called="Frau Beispiel")


def mail(
    content: Text = DIGEST, address: Address = READER, picture: Picture | None = None, **more: Any
) -> EmailMessage:
    made = compose.compose(samples.post(**more), content, address, tracker="7:1", picture=picture)
    raw = compose.as_bytes(made)
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return email.message_from_bytes(raw, policy=policy.default)


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def page(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def words(text: str) -> list[str]:
    """Of both forms alike: without tags, links' addresses and where lines end."""
    visible = re.sub(r"<head>.*?</head>", " ", text, flags=re.DOTALL)
    visible = html.unescape(re.sub(r"<[^>]+>", " ", visible)) if "<html" in text else text
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", visible))


def test_it_says_the_same_in_both_forms() -> None:
    message = mail()
    assert message.get_content_type() == "multipart/alternative"
    assert words(plain(message)) == words(page(message))
    assert "Guten Tag Frau Beispiel," in plain(message)
    assert "<b>Wochenmarkt zieht um</b>" in page(message)
    assert "&lt;Rathausplatz&gt; &amp; Umgebung" in page(message)
    assert 'href="https://www.musterstadt.example/ab_cd_ef?a=1&amp;b=2"' in page(message)


def test_it_has_the_headers_of_a_newsletter() -> None:
    message = mail()
    assert message["Subject"] == "Neues · Stadt Müsterstadt"
    assert message["From"] == f"Stadt Müsterstadt <{samples.FROM}>"
    assert message["To"] == samples.PERSON
    assert message["Date"].datetime == samples.AT
    assert message["List-Id"] == "<newsletter.musterstadt.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "list"
    assert "NDR" not in message["X-Auto-Response-Suppress"].split(", ")
    assert message["Reply-To"] is None
    assert mail(reply_to="post@musterstadt.example")["Reply-To"] == "post@musterstadt.example"


def test_it_can_be_left_by_one_click() -> None:
    """RFC 8058: both headers, one https address, whole and readable."""
    raw = compose.as_bytes(compose.compose(samples.post(), DIGEST, READER, tracker="7:1"))
    (line,) = re.findall(rb"^List-Unsubscribe: <(https://[^>\s]+)>\r$", raw, re.MULTILINE)
    assert mail()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = line.decode().rpartition("/")[2]
    link = samples.channel().pages.read(token, samples.AT)
    assert (link.address, link.button) == (Address(bsuid=samples.PERSON), "stop")


def test_it_names_nobody_in_a_link_or_an_id() -> None:
    message = mail()
    links = re.findall(r"https?://\S+", plain(message))
    assert len(links) == 3
    for text in (*links, message["Message-ID"], message["List-Unsubscribe"]):
        assert "anna" not in text.lower()
        assert "reader" not in text.lower()
    assert tokens.find_tracker(samples.SECRETS.secret, message["Message-ID"]) == "7:1"


def test_it_links_leaving_and_details_in_every_mail_but_the_last() -> None:
    found = [
        samples.channel().pages.read(link.rpartition("/")[2], samples.AT).button
        for link in re.findall(r"https://bote\S+", plain(mail()))
    ]
    assert found == ["stop", ""]
    # To somebody erased: nothing is there that could be left.
    receipt = mail(Text("*Ihre Daten sind gelöscht*"), Address(bsuid=samples.PERSON))
    assert receipt["List-Unsubscribe"] is None
    assert "https://" not in plain(receipt)
    assert "Guten Tag" not in plain(receipt)


def test_it_makes_links_of_buttons() -> None:
    asked = Text("*Bitte bestätigen*", (Button("start:yes", "Ja"), Button("start:no", "Nein")))
    message = mail(asked)
    assert re.search(r"Ja:\nhttps://bote\S+/abo/email/\S+", plain(message))
    assert re.search(r'<a href="https://bote[^"]+" style="[^"]+">Ja</a>', page(message))
    assert "Nein" not in plain(message)


def test_it_says_what_its_picture_shows() -> None:
    evil = 'Am "Fluss" <script>alert(1)</script>'
    assert 'src="cid:bild" alt=""' in page(mail(picture=Picture(b"x", "jpeg")))
    shown = page(mail(picture=Picture(b"x", "jpeg", evil)))
    assert f'src="cid:bild" alt="{html.escape(evil)}"' in shown


def test_it_loads_nothing_and_tells_nobody() -> None:
    picture = Picture(b"\xff\xd8\xff picture", "jpeg")
    message = mail(picture=picture)
    assert re.findall(r'(?:src|background)="([^"]+)"', page(message)) == ["cid:bild"]
    assert not re.search(r"<(script|iframe|link|object|form)|@import|url\(", page(message))
    (attached,) = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert attached.get_content() == picture.content
    assert attached["Content-ID"] == "<bild>"
    assert attached.get_content_disposition() == "inline"
    structure = [part.get_content_type() for part in message.walk()]
    assert structure == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/jpeg",
    ]


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ("*Neues · Stadt*\n\n*Markt*\nText", "Neues · Stadt"),
        ("*PROBEALARM*\n*Warnung: Sturm*\n\nText", "PROBEALARM · Warnung: Sturm"),
        ("Ohne Überschrift, mit *Fett*\nZeile", "Ohne Überschrift, mit Fett"),
        ("*" + "Überaus lange Straßen " * 20 + "*", None),
    ],
)
def test_it_takes_the_subject_from_the_headline(body: str, subject: str | None) -> None:
    found = mail(Text(body))["Subject"]
    assert len(found) <= markup.LONGEST_SUBJECT
    assert found == subject or (subject is None and found.endswith("…"))


def test_it_puts_no_line_into_a_header() -> None:
    message = mail(Text("*Neues\x0bBcc: x@y.example\r*\n\nText"))
    assert message["Bcc"] is None


def test_it_has_a_sender_of_its_own_for_each_mail_where_the_city_wants_it() -> None:
    plain_post = samples.post()
    assert compose.envelope_sender(plain_post, "7:1") == samples.FROM
    post = samples.post(bounce_address="bounce@musterstadt.example")
    sender = compose.envelope_sender(post, "7:1")
    assert sender == f"bounce+{samples.mark()}@musterstadt.example"
    assert len(sender.partition("@")[0]) <= 64


@pytest.mark.parametrize(("language", "word"), [("de", "Abmelden"), ("en", "Unsubscribe")])
def test_it_speaks_the_readers_language(language: str, word: str) -> None:
    message = mail(address=Address(bsuid=samples.PERSON, language=language))
    assert f"{word}:\n" in plain(message)
    assert f'<html lang="{language}">' in page(message)
