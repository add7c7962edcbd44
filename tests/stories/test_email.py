"""A newsletter by e-mail, beside WhatsApp: signed up on a page, confirmed, read, left, erased; over
real HTTP and a real mail server."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot.app import quiet_libraries
from bot.cli import main
from broadcasts import clock, journal
from broadcasts.channels.base import Address
from broadcasts.channels.email import door
from broadcasts.delivery import broadcasts
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.newsroom import alerts, digests, posts
from broadcasts.newsroom.alerts import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.people import subscribers
from broadcasts.people.consent import Consent, Deed
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import search
from broadcasts.privacy.search import Places
from tests.channels.email import samples
from tests.channels.email.server import MailServer, Taken
from tests.channels.email.server import running as mail_server
from tests.patience import wait_until
from tests.stories.telling import everything_stored
from tests.system import EMAIL_SECRET, System, running

ANNA = "anna.beispiel@reader.example"
CALLED = "Frau Beispiel-Zypresse"


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def system(tmp_path: Path, database_url: str, mails: MailServer) -> Iterator[System]:
    with running(tmp_path, database_url, email=mails.port, time='"23:57"') as made:
        yield made


def sign_up(system: System, address: str = ANNA, **more: str) -> httpx.Response:
    form = {"address": address, "wants": "everything", "language": "de", **more}
    return httpx.post(f"{system.url}/anmelden/email", data=form)


def text_of(taken: Taken) -> str:
    part = taken.mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def links(system: System, taken: Taken) -> dict[str, str]:
    """Label → address, on this machine."""
    found = re.findall(r"^(.+):\nhttps?://[^/]+(/abo/email/\S+)$", text_of(taken), re.MULTILINE)
    return {label: f"{system.url}{path}" for label, path in found}


def press(address: str, **form: str) -> httpx.Response:
    answer = httpx.post(address, data=form)
    assert answer.status_code == 200
    return answer


def one_click(system: System, taken: Taken) -> httpx.Response:
    """As a mail program does it (RFC 8058)."""
    path = re.sub(r"^<https?://[^/]+|>$", "", taken.mail["List-Unsubscribe"])
    return httpx.post(f"{system.url}{path}", data={"List-Unsubscribe": "One-Click"})


def find(address: str = ANNA) -> Subscriber:
    person = subscribers.find("email", Address(bsuid=address))
    assert person is not None
    return person


def is_finished(broadcast_id: int) -> bool:
    return broadcasts.get(broadcast_id).state == BroadcastState.FINISHED


def confirmed(system: System, mails: MailServer, address: str = ANNA, **more: str) -> Taken:
    """Signed up and confirmed; gives the welcome."""
    before = len(mails.taken)
    sign_up(system, address, **more)
    asked = mails.wait_for(before + 1)[before]
    press(links(system, asked)["Ja, anmelden"])
    return mails.wait_for(before + 2)[before + 1]


def test_it_tells_the_story_of_a_newsletter(
    system: System, mails: MailServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    # Signed up by whomever: nothing but a question goes out, whatever [consent] says.
    assert "Fast geschafft" in sign_up(system, " Anna.Beispiel@Reader.example", called=CALLED).text
    (asked,) = mails.wait_for(1)
    assert asked.recipients == [ANNA]
    assert asked.mail["Subject"] == "Bitte bestätigen Sie Ihre Anmeldung"
    assert CALLED not in text_of(asked)
    assert find().wants == Wants.NOTHING
    assert [row.deed for row in Consent.select()] == [Deed.REQUESTED]

    # A scanner opens every link of it: nothing happens. The person presses the button.
    for address in links(system, asked).values():
        assert httpx.get(address).status_code == 200
    system.settle()
    assert find().wants == Wants.NOTHING
    assert press(links(system, asked)["Ja, anmelden"]).text.count("Danke")
    welcome = mails.wait_for(2)[1]
    assert welcome.mail["Subject"] == "Willkommen beim Newsletter von Stadt Musterstadt"
    assert f"Guten Tag {CALLED}," in text_of(welcome)
    evidence = Consent.get(Consent.deed == Deed.OPT_IN)
    assert (evidence.keyword, evidence.wording) == ("Ja, anmelden (Link)", "de-2026-11")

    # The digest with its picture.
    newsroom, today = system.city.newsroom, clock.today(system.city.zone)
    Image.new("RGB", (40, 30), "#c0392b").save(tmp_path / "markt.png")
    written = Written("Markt & Musik", "Am Samstag", on=today, image_alt="Stände am Fluss")
    posts.add(newsroom, written, image=tmp_path / "markt.png")
    digest = digests.send(newsroom, now=clock.now(), allow_quiet=True)
    news = mails.wait_for(3)[2]
    assert news.mail["Subject"] == "Neues · Stadt Musterstadt"
    assert "Markt & Musik\nAm Samstag" in text_of(news)
    assert [part.get_content_maintype() for part in news.mail.walk()].count("image") == 1
    assert 'alt="Stände am Fluss"' in str(news.mail.get_body(("html",)).get_content())
    archived = httpx.get(f"{system.url}/archiv/{today}").text
    assert 'alt="Stände am Fluss" lang="de"' in archived
    wait_until(lambda: is_finished(digest.id))
    assert Delivery.get(Delivery.broadcast == digest.id).state == DeliveryState.SENT

    # An alert, then leaving by the mail program's own button.
    alert = alerts.send(newsroom, Draft(BroadcastKind.ALERT, "Sturm ab 16 Uhr"), clock.now())
    warning = mails.wait_for(4)[3]
    assert warning.mail["Subject"] == "⚠️ Warnung"
    assert "Sturm ab 16 Uhr" in text_of(warning)
    wait_until(lambda: is_finished(alert.id))
    answer = one_click(system, warning)
    assert (answer.status_code, answer.text, dict(answer.cookies)) == (200, "", {})
    wait_until(lambda: find().wants == Wants.STOPPED)
    farewell = mails.wait_for(5)[4]
    assert "abgemeldet" in farewell.mail["Subject"]
    assert Consent.get(Consent.deed == Deed.OPT_OUT).keyword == "Abmelden"

    # Everything goes, by the oldest mail, and nothing comes back.
    details = next(url for label, url in links(system, asked).items() if "löschen" in label)
    press(details, do="erase:yes")
    wait_until(lambda: Subscriber.select().count() == 0)
    receipt = mails.wait_for(6)[5]
    assert re.search(r"Quittung: [A-Z2-9]{10}", text_of(receipt))
    assert receipt.mail["List-Unsubscribe"] is None
    assert httpx.get(details).status_code == 404
    assert one_click(system, warning).status_code == 200
    system.settle()
    assert Subscriber.select().count() == 0
    assert len(mails.taken) == 6
    _is_nowhere(system, tmp_path, caplog)


def _is_nowhere(system: System, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    wait_until(lambda: not Delivery.select().where(Delivery.address.is_null(False)).exists())
    values = ANNA, CALLED
    wait_until(lambda: not any(v.encode() in everything_stored(system) for v in values), 5.0)
    lines = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        # The mail server and the test's own client are not ours.
        if not record.name.startswith(("asyncio", "bot.sandbox", "mail.", "httpx", "httpcore"))
    )
    for value in (*values, "reader.example", EMAIL_SECRET):
        assert value not in lines, value
    places = Places(folder=folder, media=folder / "media", logs=folder / "logs")
    who = search.meant(system.city.channels, ANNA)
    assert [find for find in search.everywhere(places, who, (CALLED,)) if find.rows] == []


def test_it_lets_nobody_change_what_somebody_else_reads(system: System, mails: MailServer) -> None:
    confirmed(system, mails, called="Frau Beispiel", wants="alerts_only")
    assert find().wants == Wants.ALERTS_ONLY
    # A stranger fills in her address: she is asked, nothing else.
    sign_up(system, called="Unfug")
    asked = mails.wait_for(3)[2]
    assert "bestätigen" in asked.mail["Subject"]
    assert (find().wants, find().called) == (Wants.ALERTS_ONLY, "Frau Beispiel")
    # The same as she has: she is told, and may see that somebody tried.
    sign_up(system, wants="alerts_only")
    assert mails.wait_for(4)[3].mail["Subject"] == "Sie bekommen schon nur Warnungen"
    assert find().called == "Frau Beispiel"


def test_it_changes_details_where_the_link_is(system: System, mails: MailServer) -> None:
    welcome = confirmed(system, mails)
    details = next(url for label, url in links(system, welcome).items() if "löschen" in label)
    assert 'value="everything" checked' in httpx.get(details).text
    # Only the name: no mail for it.
    press(details, called="Frau  Doktor Beispiel", wants="everything")
    wait_until(lambda: find().called == "Frau Doktor Beispiel")
    press(details, called="Frau Doktor Beispiel", wants="alerts_only")
    wait_until(lambda: find().wants == Wants.ALERTS_ONLY)
    assert "nur Warnungen" in mails.wait_for(3)[2].mail["Subject"]
    press(details, called="", wants="alerts_only")
    wait_until(lambda: find().called == "")
    refused = httpx.post(details, data={"called": "http://x.example", "wants": "alerts_only"})
    assert (refused.status_code, "Bitte nur Buchstaben" in refused.text) == (422, True)
    press(details, do="copy")
    copy = mails.wait_for(4)[3]
    assert f"Adresse: {ANNA}" in text_of(copy)
    assert re.search(r"/kopie/\S+", text_of(copy))
    press(details, do="stop")
    wait_until(lambda: find().wants == Wants.STOPPED)
    mails.wait_for(5)
    # And back again, by the same link: it shows who she is.
    press(details, called="", wants="everything")
    assert "wieder dabei" in mails.wait_for(6)[5].mail["Subject"]
    system.settle()
    assert len(mails.taken) == 6


def test_it_learns_from_returned_mail_and_complaints(system: System, mails: MailServer) -> None:
    confirmed(system, mails)
    confirmed(system, mails, "ben@reader.example")
    alert = alerts.send(system.city.newsroom, Draft(BroadcastKind.ALERT, "Sturm"), clock.now())
    wait_until(lambda: is_finished(alert.id))
    warnings = {taken.recipients[0]: taken for taken in mails.wait_for(6)[4:]}
    url = f"{system.url}/webhooks/email/{door.path(EMAIL_SECRET)}"
    headers = {"Content-Type": "message/rfc822", door.HEADER: door.word(EMAIL_SECRET)}

    # A hard bounce of one, with the headers of what really went out.
    head = warnings[ANNA].raw.split(b"\r\n\r\n")[0].decode()
    report = samples.postfix()["message/rfc822"].replace(
        samples.returned_head().strip().replace("\n", "\r\n"), head
    )
    assert httpx.post(url, content=report.encode(), headers=headers).status_code == 200
    wait_until(lambda: _of(alert.id, find()).state == DeliveryState.FAILED)
    failed = _of(alert.id, find())
    assert (failed.outcome, failed.code) == ("unreachable", "550 5.1.1")
    assert find().wants == Wants.EVERYTHING

    # A complaint of the other: the address is left out, our own link says who it is.
    head = warnings["ben@reader.example"].raw.split(b"\r\n\r\n")[0].decode()
    written = format_datetime(clock.now() + timedelta(seconds=2))
    complaint = (
        samples.complaint()["message/rfc822"]
        .replace(samples.returned_head().strip().replace("\n", "\r\n"), head)
        .replace("Tue, 24 Nov 2026 18:00:00 +0000", written)
    )
    assert httpx.post(url, content=complaint.encode(), headers=headers).status_code == 200
    wait_until(lambda: find("ben@reader.example").wants == Wants.STOPPED)
    assert Consent.select().where(Consent.deed == Deed.BLOCKED).count() == 1
    system.settle()
    assert journal.count_strange() == {}
    # Nobody else gets through that door.
    assert httpx.post(url, content=b"x").status_code == 401
    wrong = headers | {door.HEADER: "x"}
    assert httpx.post(url, content=b"x", headers=wrong).status_code == 403
    assert httpx.post(f"{url}x", content=b"x", headers=headers).status_code in (404, 405)


def _of(broadcast_id: int, person: Subscriber) -> Delivery:
    row: Delivery = Delivery.get(
        Delivery.broadcast == broadcast_id, Delivery.subscriber == person.id
    )
    return row


def test_it_offers_no_code_where_nobody_could_write_it(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    ben = system.phone(2)
    ben.text("Start")
    ben.wait_for(1)
    ben.text("Verbinden")
    assert "nur auf diesem Messenger" in ben.wait_for(2)[1].body
    command = ["--config", str(system.config), "channel", "move", "whatsapp", "email"]
    assert main([*command, "--dry-run"]) == 1
    assert "sign up there anew" in capsys.readouterr().err
