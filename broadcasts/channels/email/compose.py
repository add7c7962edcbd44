"""One mail: headers, plain text, HTML that says the same, a picture within it.

Owns: how a mail is put together (RFC 5322, 2046, 2369, 8058, 3834). Never: sends it; anything
loaded from elsewhere, and anything that tells whether somebody has opened it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any

from broadcasts.channels.base import Address, Text
from broadcasts.channels.email import markup, tokens, words
from broadcasts.channels.email.settings import EmailSettings
from broadcasts.channels.pages import Link

LEAVE, DETAILS = "stop", ""
"""What the two links of every mail say."""

DOES_NOTHING = frozenset({"start:no"})
"""Whoever does not confirm has declined already."""

QUIET = "DR, RN, NRN, OOF, AutoReply"
"""What Exchange must not answer (MS-OXCMAIL, X-Auto-Response-Suppress); reports of what was not
delivered are wanted."""


class _Policy(policy.EmailPolicy):
    """Python would encode the link in List-Unsubscribe, because it is one word longer than a line
    should be: then no mail program finds it. RFC 5322 allows 998 signs."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value}\r\n".encode()
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", cte_type="7bit")

BODY, CARD = (
    "margin:0;padding:0;background:#eef2f5",
    (
        "max-width:36rem;margin:0 auto;padding:1.25rem;background:#ffffff;color:#17212b;"
        "font:16px/1.5 Arial,Helvetica,sans-serif;overflow-wrap:anywhere"
    ),
)
BUTTON = (
    "display:inline-block;background:#12507b;color:#ffffff;padding:.7rem 1.2rem;"
    "border-radius:.4rem;text-decoration:none;font-weight:bold"
)
SMALL = "font-size:14px;color:#4a5560;border-top:1px solid #d5dde3;padding-top:1rem"


@dataclass(frozen=True)
class Picture:
    content: bytes
    subtype: str
    """jpeg or png"""
    alt: str = ""
    """What it shows."""


@dataclass(frozen=True)
class Post:
    """What is known when a mail is written."""

    settings: EmailSettings
    public_url: str
    secret: str
    now: datetime

    def link(self, address: Address, button: str, label: str = "") -> str:
        """To our own pages, by a token in which nobody else can read whose it is."""
        token = tokens.make(self.secret, Link(address, button, label), self.now)
        return f"{self.public_url}/abo/email/{token}"


@dataclass(frozen=True)
class Letter:
    """Said in both forms."""

    subject: str
    greeting: str
    body: str
    buttons: tuple[tuple[str, str], ...]
    """(label, link)"""
    footer: tuple[tuple[str, str], ...]
    """(label, link) of leaving and of one's details; empty: to somebody erased."""
    why: str
    language: str


def compose(
    post: Post, content: Text, address: Address, *, tracker: str, picture: Picture | None = None
) -> EmailMessage:
    letter = _letter(post, content, address)
    message = EmailMessage(policy=POLICY)
    _head(message, post, letter, address, tracker)
    message.set_content(_plain(letter), cte="quoted-printable")
    shown = None if picture is None else picture.alt
    message.add_alternative(_html(letter, alt=shown), subtype="html", cte="quoted-printable")
    if picture is not None:
        _, html = message.iter_parts()
        assert isinstance(html, EmailMessage)
        html.add_related(
            picture.content,
            maintype="image",
            subtype=picture.subtype,
            cid="<bild>",
            disposition="inline",
            filename=f"bild.{picture.subtype}",
        )
    return message


def as_bytes(message: EmailMessage) -> bytes:
    """As it goes over the wire."""
    return message.as_bytes(policy=POLICY)


def message_id(post: Post, tracker: str) -> str:
    """Holds nothing of the person; by its mark a returned mail is known, and nobody can forge
    one."""
    return f"{tokens.mark(post.secret, tracker)}@{_domain(post.settings.from_address)}"


def envelope_sender(post: Post, tracker: str) -> str:
    """An address of its own for each mail, where the city's server takes such ones."""
    to = post.settings.bounce_address
    if not to:
        return post.settings.from_address
    local, _, domain = to.rpartition("@")
    return f"{local}+{tokens.mark(post.secret, tracker)}@{domain}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _letter(post: Post, content: Text, address: Address) -> Letter:
    said = words.of(address.language)
    is_known = bool(address.language)
    footer = (LEAVE, DETAILS) if is_known else ()
    labels = {LEAVE: said["leave"], DETAILS: said["details"]}
    return Letter(
        subject=markup.subject(content.body),
        greeting=said["greeting"].format(called=address.called) if address.called else "",
        body=content.body,
        buttons=tuple(
            (one.label, post.link(address, one.id, one.label))
            for one in content.buttons
            if one.id not in DOES_NOTHING
        ),
        footer=tuple((labels[button], post.link(address, button)) for button in footer),
        why=said["why"].format(city=post.settings.from_name) if is_known else "",
        language=address.language or "de",
    )


def _head(
    message: EmailMessage, post: Post, letter: Letter, address: Address, tracker: str
) -> None:
    settings = post.settings
    domain = _domain(settings.from_address)
    message["Date"] = format_datetime(post.now)
    message["From"] = Mailbox(settings.from_name, addr_spec=settings.from_address)
    message["To"] = address.bsuid
    message["Subject"] = _one_line(letter.subject)
    message["Message-ID"] = f"<{message_id(post, tracker)}>"
    if settings.reply_to:
        message["Reply-To"] = settings.reply_to
    message["List-Id"] = f"<{settings.list_name}.{domain}>"
    if letter.footer:
        _, link = letter.footer[0]
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "list"
    message["X-Auto-Response-Suppress"] = QUIET


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()


def _plain(letter: Letter) -> str:
    parts = [letter.greeting, markup.to_plain(letter.body.strip())]
    parts += [f"{label}:\n{link}" for label, link in letter.buttons]
    if letter.footer:
        links = "\n".join(f"{label}:\n{link}" for label, link in letter.footer)
        parts.append(f"-- \n{letter.why}\n\n{links}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(letter: Letter, *, alt: str | None) -> str:
    """`alt`: of the picture; None: there is none."""
    first, *rest = markup.paragraphs(letter.body)
    parts = [f"<p>{markup.to_html(letter.greeting)}</p>"] if letter.greeting else []
    parts.append(f'<p style="font-size:19px">{markup.to_html(first)}</p>')
    if alt is not None:
        said = escape(alt)
        parts.append(
            f'<p><img src="cid:bild" alt="{said}" style="max-width:100%;height:auto;border:0"></p>'
        )
    parts += [f"<p>{markup.to_html(part)}</p>" for part in rest]
    parts += [f"<p>{markup.link(link, label, style=BUTTON)}</p>" for label, link in letter.buttons]
    if letter.footer:
        links = "<br>\n".join(markup.link(link, label) for label, link in letter.footer)
        parts.append(f'<p style="{SMALL}">{markup.to_html(letter.why)}<br>\n{links}</p>')
    inside = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{letter.language}">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{markup.to_html(_one_line(letter.subject))}</title></head>\n"
        f'<body style="{BODY}">\n<div style="{CARD}">\n{inside}\n</div>\n</body>\n</html>\n'
    )
