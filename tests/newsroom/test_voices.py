"""Who reads which version of a post or an alert, and what a version may look like."""

from datetime import date
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.channels.base import TemplateMessage, Text, unpack
from broadcasts.delivery import audience
from broadcasts.delivery.broadcasts import Broadcast, Form, Rendition
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import alerts, digests, plain, posts, standing, voices, wording
from broadcasts.newsroom.alerts import AlertError, Draft, Severity
from broadcasts.newsroom.posts import Post, PostError, Written
from broadcasts.newsroom.reach import Group
from broadcasts.newsroom.voices import Voice
from broadcasts.people.subscribers import Wants
from tests.delivery.makers import reader
from tests.newsroom.makers import approve, local, newsroom, post

pytestmark = pytest.mark.usefixtures("database")
ROOM = newsroom()
DAY = date(2026, 11, 24)
PLAIN = Voice("Markt zu", "Der Markt ist zu.")
ENGLISH = Voice("Market", "The market is closed.", "https://stadt.example/en")
GIVEN = {"plain": PLAIN, "en": ENGLISH}


def queue(**more: Any) -> Post:
    written = Written("Markt", "Gesperrt", "https://stadt.example", on=DAY, **more)
    return posts.add(ROOM, written)


@pytest.mark.parametrize(
    ("language", "read"),
    [
        ("de", ("Markt", "Gesperrt", "https://stadt.example")),
        ("plain", ("Markt zu", "Der Markt ist zu.", "https://stadt.example")),
        ("en", ("Market", "The market is closed.", "https://stadt.example/en")),
        ("nl", ("Markt", "Gesperrt", "https://stadt.example")),
        ("xx", ("Markt", "Gesperrt", "https://stadt.example")),
    ],
)
def test_it_gives_each_reader_their_version_else_the_citys(
    language: str, read: tuple[str, str, str]
) -> None:
    with clock.travel(local("2026-11-24", "09:00")):
        (found,) = voices.read([queue(voices=GIVEN)], language)
    assert (found.title, found.text, found.link) == read


def test_it_changes_no_row_by_reading_it() -> None:
    row = post(voices=voices.keep(GIVEN))
    voices.read([row], "en")
    assert row.title == "Markt"


def test_it_keeps_the_picture_and_the_day_in_every_version() -> None:
    row = post(voices=voices.keep(GIVEN), image="a.jpg", on=DAY)
    (found,) = voices.read([row], "plain")
    assert (found.image, found.on) == ("a.jpg", DAY)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"plain": Voice("T", "x" * 10_000)}, "plain_text", "10,000 signs, at most 3,000"),
        ({"en": Voice("T" * 121)}, "en_title", "121 signs"),
        ({"en": Voice("", "Only a text")}, "en_title", "missing"),
        ({"nl": Voice("T", "\x00\x07")}, "nl_text", "cannot be shown"),
        ({"nl": Voice("T", "", "javascript:alert(1)")}, "nl_link", "https"),
        ({"xx": Voice("T")}, "", "in xx there is no version"),
        ({"de": Voice("T")}, "", "in de there is no version"),
    ],
)
def test_it_refuses_a_version_that_cannot_be_sent(
    given: dict[str, Voice], field: str, said: str
) -> None:
    with clock.travel(local("2026-11-24", "09:00")), pytest.raises(PostError) as error:
        queue(voices=given)
    (problem,) = error.value.said
    assert (problem.field, said in problem) == (field, True)
    assert not Post.select().exists()


def test_it_takes_no_notice_of_a_version_that_says_nothing() -> None:
    with clock.travel(local("2026-11-24", "09:00")):
        assert queue(voices={"plain": Voice(" ", "\n"), "en": ENGLISH}).voices.keys() == {"en"}


def test_it_keeps_the_versions_when_only_the_text_is_taken_over() -> None:
    """As a feed does it, which knows of none."""
    with clock.travel(local("2026-11-24", "09:00")):
        row = queue(voices=GIVEN)
        changed = posts.edit(ROOM, row.id, Written("Neu", on=DAY), version=1, by="feed")
    assert (changed.title, voices.kept(changed.voices)) == ("Neu", GIVEN)


def test_it_duplicates_the_versions() -> None:
    with clock.travel(local("2026-11-24", "09:00")):
        again = posts.duplicate(ROOM, queue(voices=GIVEN).id, by="eva")
    assert voices.kept(posts.get(again.id).voices) == GIVEN


def test_it_finds_no_twin_with_other_versions() -> None:
    now = local("2026-11-24", "09:00")
    with clock.travel(now):
        queue(voices=GIVEN)
        same = Written("Markt", "Gesperrt", "https://stadt.example", on=DAY, voices=GIVEN)
        since = local("2026-11-24", "08:00")
        assert posts.twin(ROOM, same, by="", since=since) is not None
        other = Written("Markt", "Gesperrt", "https://stadt.example", on=DAY, voices={})
        assert posts.twin(ROOM, other, by="", since=since) is None


# ------------------------------------------------------------------ the digest


def renditions(of: Broadcast) -> dict[tuple[str, Form], Any]:
    rows = Rendition.select().where(Rendition.broadcast == of.id)
    return {(row.language, Form(row.form)): unpack(row.content) for row in rows}


def test_it_words_the_digest_and_its_template_in_plain_words() -> None:
    approve(ROOM)
    with clock.travel(local("2026-11-24", "17:30")):
        for number, language in enumerate(("de", "plain", "nl"), start=1):
            reader(number, language=language, window=False)
        queue(voices=GIVEN)
        found = renditions(digests.send(ROOM, now=clock.now()))
    assert {language for language, _ in found} == {"de", "plain", "nl"}  # nobody reads English
    template = found["plain", Form.TEMPLATE]
    assert isinstance(template, TemplateMessage)
    assert (template.name, template.language) == ("digest_1", "de")
    (value,) = (text for _, text in template.values)
    assert "Der Markt ist zu." in value
    free = found["plain", Form.WINDOW]
    assert isinstance(free, Text)
    assert "Der Markt ist zu." in free.body
    assert "Gesperrt" not in free.body
    assert "Abmelden: Stopp" in free.body
    assert "Gesperrt" in found["nl", Form.WINDOW].body


def test_it_names_no_template_in_plain_language_as_missing() -> None:
    found = wording.digest(ROOM, [post()], ["plain"], on=DAY)
    assert [str(need) for need in found[1]] == ["digest_1 (de)"]
    words = wording.AlertWords("Sturm")
    _, needs = wording.alert(ROOM, "alert", "2h", words=words, languages=["plain"])
    assert [str(need) for need in needs] == ["alert_2h (de)"]


def test_it_leads_readers_of_plain_words_to_the_whole_in_plain_words() -> None:
    approve(ROOM)
    row = post(voices=voices.keep({"plain": Voice("T", "Ein Satz. " * 290)}))
    text = wording.digest_text(ROOM, [row, row], "plain", ROOM.channels["whatsapp"], on=DAY)
    assert "/archiv/2026-11-24?sprache=plain" in text.body
    many = wording.digest_values(ROOM, [row] * 7, "plain", on=DAY, pictures_as_links=False)
    assert "/archiv/2026-11-24?sprache=plain" in many[-1][1]


def test_it_starts_anew_when_a_version_is_changed_while_readers_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two at once: the press office saves, the digest has just been worded."""
    approve(ROOM)
    words = wording.digest
    left = [Voice("Markt zu", "Der Markt ist am Montag zu.")]

    def slow(*arguments: Any, **more: Any) -> Any:
        made = words(*arguments, **more)
        if left:
            row = Post.get()
            link, given = "https://stadt.example", {"plain": left.pop(), "en": ENGLISH}
            written = Written("Markt", "Gesperrt", link, on=DAY, voices=given)
            posts.edit(ROOM, row.id, written, version=row.version, by="eva")
        return made

    monkeypatch.setattr(wording, "digest", slow)
    with clock.travel(local("2026-11-24", "17:30")):
        reader(1, language="plain")
        queue(voices=GIVEN)
        found = renditions(digests.send(ROOM, now=clock.now()))
    assert "am Montag" in found["plain", Form.WINDOW].body


def test_it_gives_plain_words_to_who_asks_for_todays_message() -> None:
    approve(ROOM)
    with clock.travel(local("2026-11-24", "17:30")):
        reader(1)
        queue(voices=GIVEN)
        digests.send(ROOM, now=clock.now())
        found = {
            language: digests.current(ROOM, "whatsapp", language, clock.now())
            for language in ("plain", "en", "nl")
        }
    said = {language: one.body for language, one in found.items() if isinstance(one, Text)}
    assert "Der Markt ist zu." in said["plain"]
    assert "The market is closed." in said["en"]
    assert "Gesperrt" in said["nl"]


def test_it_tells_of_the_versions_in_the_preview() -> None:
    approve(ROOM)
    with clock.travel(local("2026-11-24", "12:00")):
        reader(1, language="plain")
        queue(voices=GIVEN)
        found = digests.preview(ROOM, DAY, clock.now()).as_json()
    assert found["posts"][0]["versions"] == ["en", "plain"]
    shown = {row["language"]: row for row in found["renditions"] if row["form"] == "window"}
    assert shown.keys() == {"de", "plain"}
    assert (shown["plain"]["recipients"], shown["de"]["recipients"]) == (1, 0)


# ------------------------------------------------------------------ alerts

STORM = {"plain": Voice("", "Es kommt ein Sturm."), "en": Voice("Storm", "A storm is coming.")}


def draft(**more: Any) -> Draft:
    values = {"title": "Sturm", "severity": Severity.DANGER, "voices": STORM, **more}
    return Draft(BroadcastKind.ALERT, "Es wird ein Sturm erwartet.", **values)


def test_it_warns_each_in_their_language_else_in_the_citys() -> None:
    approve(ROOM)
    approve(ROOM, language="en")
    for number, language in enumerate(("de", "plain", "en", "nl"), start=1):
        reader(number, language=language)
    started = alerts.send(ROOM, draft(), clock.now())
    audience.write_all_waiting(ROOM.channels)
    found = renditions(started)
    said = {language: found[language, Form.TEMPLATE] for language in ("de", "plain", "en", "nl")}
    assert said["plain"].language == "de"
    assert said["plain"].values[0][1] == "*🟠 Gefahr · Sturm* Es kommt ein Sturm."
    assert said["en"].language == "en"
    assert said["en"].values[0][1] == "*🟠 Danger · Storm* A storm is coming."
    assert "erwartet" in said["de"].values[0][1]
    assert "erwartet" in said["nl"].values[0][1]
    assert "A storm" in found["en", Form.REPEAT].values[0][1]


def test_it_tells_who_comes_later_in_their_language() -> None:
    approve(ROOM)
    reader(1)
    alerts.send(ROOM, draft(), clock.now())
    channel = ROOM.channels["whatsapp"]
    found = {
        language: standing.in_force(ROOM, channel, language, clock.now(), is_reader=True)
        for language in ("plain", "en", "nl")
    }
    said = {language: rows[0].texts[0].body for language, rows in found.items()}
    assert "Es kommt ein Sturm." in said["plain"]
    assert "A storm is coming." in said["en"]
    assert "erwartet" in said["nl"]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"plain": Voice("", "x" * 10_000)}, "plain_text", "signs too long"),
        ({"en": Voice("Storm", " ")}, "en_text", "empty"),
        ({"en": Voice("", "Storm\x07")}, "en_text", "cannot be shown"),
        ({"xx": Voice("", "Storm")}, "", "in xx there is no version"),
    ],
)
def test_it_refuses_an_alert_whose_version_cannot_be_sent(
    given: dict[str, Voice], field: str, said: str
) -> None:
    approve(ROOM)
    reader(1)
    with pytest.raises(AlertError) as error:
        alerts.send(ROOM, draft(voices=given), clock.now())
    assert (error.value.said[0].field, said in error.value.said[0]) == (field, True)
    assert not Broadcast.select().exists()


def test_it_finds_square_brackets_in_every_version() -> None:
    assert draft(voices={"en": Voice("", "In [street]")}).unfilled == ["[street]"]


def test_it_shows_every_version_beforehand_although_nobody_reads_it_yet() -> None:
    approve(ROOM)
    reader(1)
    seen = alerts.outlook(ROOM, draft(), clock.now())
    assert seen.others.keys() == {"plain", "en"}
    assert "A storm is coming." in seen.others["en"]
    assert seen.as_json()["versions"] == seen.others


# ------------------------------------------------------------------ the question


@pytest.mark.parametrize(
    ("language", "has_version", "is_set", "asks"),
    [
        ("plain", False, False, True),
        ("plain", True, False, False),
        ("plain", True, True, False),
        ("en", False, False, False),
        ("en", False, True, True),
    ],
)
def test_it_asks_before_an_alert_without_plain_words(
    language: str, has_version: bool, is_set: bool, asks: bool
) -> None:
    room = newsroom(city={"plain_language": is_set})
    group = Group("whatsapp", "4711", language, window_open=True, number=3)
    given = {"plain": PLAIN} if has_version else {"en": ENGLISH}
    assert (plain.question(room, given, [group]) is not None) is asks


def test_it_asks_only_for_those_who_would_get_it() -> None:
    approve(ROOM)
    reader(1)
    reader(2, Wants.STOPPED, language="plain")
    assert alerts.outlook(ROOM, draft(voices={}), clock.now()).question is None
    reader(3, Wants.ALERTS_ONLY, language="plain")
    seen = alerts.outlook(ROOM, draft(voices={}), clock.now())
    assert seen.question is not None
    assert seen.question.endswith(": 1")
    assert seen.question in seen.warnings
    drill = alerts.outlook(ROOM, draft(voices={}, is_drill=True), clock.now())
    assert drill.question is None  # nobody of them has offered to take part
