"""Plain language and other languages on the command line."""

import io
import sys

import pytest

from broadcasts import clock
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import alerts, voices
from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.voices import Voice
from tests.bot.commands.makers import Run, Say, readers, today
from tests.system import System

LACKING = "there is no version in plain language"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_adds_a_post_with_its_versions(run: Run) -> None:
    words = ("--plain-title", "Markt zu", "--plain-text", "Der Markt ist zu.")
    day = today().isoformat()
    run("post", "add", "Markt", "--text", "Gesperrt", "--en-title", "Market", "--on", day, *words)
    (row,) = run("post", "list")
    plain = {"title": "Markt zu", "text": "Der Markt ist zu.", "link": ""}
    assert row["versions"]["plain"] == plain
    assert row["versions"].keys() == {"en", "plain"}
    readers(1, language="plain")
    found = run("digest", "preview", "--on", day)
    assert found["posts"][0]["versions"] == ["en", "plain"]
    texts = {one["language"]: one["text"] for one in found["renditions"]}
    assert "Der Markt ist zu." in texts["plain"]
    assert "Gesperrt" in texts["de"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plain-title", "T", "--plain-text", "x" * 10_000), "plain_text: 10,000 signs"),
        (("--en-text", "Without a title"), "en_title: missing"),
        (("--nl-title", "a\x07b"), "nl_title: holds signs"),
        (("--de-title", "Markt"), "in de there is no version (there are plain, en, nl)"),
    ],
)
def test_it_refuses_a_post_with_a_wrong_version(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    assert said in run("post", "add", "Markt", *words, status=1)
    assert not Post.select().exists()


def test_it_sends_an_alert_its_update_and_its_all_clear_in_every_version(run: Run) -> None:
    readers(1)
    words = ("--plain-text", "Es kommt ein Sturm.", "--en-title", "Storm", "--en-text", "Stay in.")
    sent = run("alert", "send", "Sturm", *words, "--yes")
    assert "Es kommt ein Sturm." in sent["versions"]["plain"]
    assert "Storm" in sent["versions"]["en"]
    number = str(sent["broadcast_id"])
    for command in ("update", "clear"):
        Delivery.update(state="sent", due_at=None).execute()
        run("alert", command, number, "Neu", "--plain-text", f"Neu: {command}.", "--yes")
        last = Broadcast.select().order_by(Broadcast.id.desc()).get()
        assert voices.kept(last.voices) == {"plain": Voice("", f"Neu: {command}.")}


def test_it_warns_of_missing_plain_words_and_yes_answers(run: Run) -> None:
    readers(1, language="plain")
    sent = run("alert", "send", "Sturm", "--yes")
    assert (
        f"{LACKING}; readers who have chosen it and would get the other text: 1"
        in (sent["warnings"])
    )
    assert sent["broadcast_id"] == 1


def test_it_asks_before_an_alert_without_plain_words(
    run: Run, say: Say, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readers(1, language="plain")
    asks = "Send this without plain language to 1 readers now?"
    monkeypatch.setattr(sys, "stdin", Terminal("nein\n"))
    assert asks in run("alert", "send", "Sturm", status=1)
    monkeypatch.setattr(sys, "stdin", Terminal("nein\n"))
    printed = run("alert", "send", "Sturm", "--plain-text", "Ein Sturm kommt.", status=1)
    assert asks not in printed
    assert LACKING not in printed
    assert not Broadcast.select().exists()


def test_it_refuses_an_alert_with_a_wrong_version(run: Run) -> None:
    readers(1)
    for words, said in (
        (("--plain-text", "x" * 10_000), "plain_text: the text is"),
        (("--en-title", "Only a title"), "en_text: the text is empty"),
        (("--de-text", "Sturm"), "in de there is no version"),
    ):
        assert said in run("alert", "send", "Sturm", *words, "--yes", status=1)
    assert not Broadcast.select().exists()


def test_it_shows_the_second_person_every_version(run: Run, system: System) -> None:
    readers(1, language="plain")
    room = system.city.newsroom
    given = {"plain": Voice("", "Ein Sturm kommt.")}
    draft = alerts.Draft(alerts.BroadcastKind.ALERT, "Sturm", voices=given)
    seen = alerts.outlook(room, draft, clock.now())
    assert seen.question is None
    assert "Ein Sturm kommt." in seen.others["plain"]
