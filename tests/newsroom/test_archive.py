"""The archive: what has been said and nothing else, in order, and found again."""

from datetime import date, datetime, timedelta

import pytest

from broadcasts import clock
from broadcasts.delivery import broadcasts
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.delivery.states import BroadcastKind, BroadcastState
from broadcasts.newsroom import archive, corrections
from broadcasts.newsroom.archive import Entry, Key, Standing
from broadcasts.newsroom.posts import Post, PostError, PostState
from tests.delivery.makers import sent

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 11, 24)
NOW = clock.now()
LATER = NOW + timedelta(days=1)


def digest(*titles: str, on: date = DAY, text: str = "", **more: object) -> Broadcast:
    row = sent({}, on=on, **more)
    for title in titles:
        values = {"on": on, "created_at": NOW, "text": text}
        Post.create(title=title, state=PostState.SENT, broadcast=row, **values)
    return row


def alert(kind: BroadcastKind = BroadcastKind.ALERT, **more: object) -> Broadcast:
    return sent({}, kind=kind, **{"text": "Sturm ab 16 Uhr", "severity": "danger", **more})


def shown(now: datetime = NOW) -> list[str]:
    return [entry.path for entry in archive.page(now)]


def only(now: datetime = NOW) -> Entry:
    (entry,) = archive.page(now)
    return entry


def found(text: str) -> list[str]:
    return [hit.title for hit in archive.search(archive.read_words(text))]


def test_it_shows_digests_and_alerts_the_newest_day_first() -> None:
    digest("Alt", on=DAY - timedelta(days=9))
    warned = alert()
    digest("Markt", "Bad", on=DAY)
    assert shown() == [
        "/archiv/2026-11-24",
        f"/archiv/2026-11-24/warnung-{warned.id}",
        "/archiv/2026-11-15",
    ]
    assert [item.title for item in archive.page(NOW)[0].items] == ["Markt", "Bad"]


@pytest.mark.parametrize("kind", [BroadcastKind.DIGEST, BroadcastKind.ALERT])
def test_it_shows_nothing_of_what_was_stopped_before_anything_left(kind: BroadcastKind) -> None:
    row = digest("Falsch") if kind is BroadcastKind.DIGEST else alert()
    Broadcast.update(state=BroadcastState.STOPPED).execute()
    assert len(shown()) == 1, "what has left can be read"
    Broadcast.update(started_at=None).execute()
    assert shown() == archive.paths(DAY.year) == found("falsch sturm") == found("sturm") == []
    assert archive.digest(row.on, NOW) is None
    assert archive.alert(Key(row.on, row.id), NOW) is None
    assert not archive.years()


def test_it_shows_what_is_on_its_way_before_the_first_answer() -> None:
    digest("Markt", started_at=None, state=BroadcastState.WRITING)
    assert shown() == ["/archiv/2026-11-24"]


def test_it_never_shows_a_drill() -> None:
    drill = alert(is_drill=True)
    alert(BroadcastKind.UPDATE, is_drill=True, follows=drill.id)
    assert shown() == archive.paths(DAY.year) == found("sturm") == []
    assert archive.alert(Key(drill.on, drill.id), NOW) is None


@pytest.mark.parametrize("state", [PostState.QUEUED, PostState.WITHDRAWN])
def test_it_never_shows_a_post_that_was_not_sent(state: PostState) -> None:
    """Nor the digest of which nothing arrived: its posts wait for the next one."""
    row = digest("Markt")
    Post.update(state=state).execute()
    assert shown() == archive.paths(DAY.year) == found("markt") == []
    assert archive.digest(row.on, NOW) is None


def test_it_pages_by_key() -> None:
    for days in range(archive.ON_A_PAGE + 5):
        digest("Markt", on=DAY - timedelta(days=days))
    alert()
    first = archive.page(NOW)
    rest = archive.page(NOW, before=first[-1].key)
    assert [len(first), len(rest)] == [archive.ON_A_PAGE, 6]
    assert sorted((one.key for one in [*first, *rest]), reverse=True) == [
        one.key for one in [*first, *rest]
    ]
    assert archive.page(NOW, before=rest[-1].key) == []


def test_it_loses_nothing_between_pages_of_one_day() -> None:
    for _ in range(3):
        alert()
    digest("Markt")
    digest("Alt", on=DAY - timedelta(days=1))
    whole = [entry.key for entry in archive.page(NOW)]
    found: list[Key] = []
    while entries := archive.page(NOW, before=found[-1] if found else None, limit=1):
        found.append(entries[0].key)
    assert found == whole


def test_it_says_how_an_alert_stands() -> None:
    warned = alert()
    assert only().standing is Standing.IN_FORCE
    assert only(LATER).standing is Standing.EXPIRED
    assert only(LATER).changed_at == only().ends_at, "it has changed when it ran out"
    longer = alert(BroadcastKind.UPDATE, follows=warned.id, expires_at=LATER + timedelta(hours=1))
    assert only(LATER).standing is Standing.IN_FORCE
    assert only(LATER).ends_at == longer.expires_at
    clear = alert(BroadcastKind.CLEAR, follows=warned.id, text="Vorbei")
    entry = only()
    assert entry.standing is Standing.CLEARED
    assert [part.text for part in entry.parts][-1] == "Vorbei"
    assert entry.changed_at == broadcasts.get(clear.id).created_at


def test_it_puts_corrections_under_their_post() -> None:
    digest("Markt", "Bad")
    post = Post.get(Post.title == "Markt")
    corrections.add(post.id, " Erst um 9 Uhr. ", by="eva")
    corrections.add(post.id, "Erst um 9 Uhr.", by="eva")
    corrections.add(post.id, "Doch um 8 Uhr.", by="eva")
    markt, bad = only().items
    assert [text for _, text in markt.corrections] == ["Erst um 9 Uhr.", "Doch um 8 Uhr."]
    assert bad.corrections == ()
    assert only().changed_at == markt.corrections[-1][0]


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001, "\x00", "\ud800"])
def test_it_refuses_a_correction_that_cannot_be_shown(text: str) -> None:
    digest("Markt")
    with pytest.raises(PostError):
        corrections.add(Post.get().id, text, by="eva")


@pytest.mark.parametrize("state", [PostState.QUEUED, PostState.WITHDRAWN])
def test_it_corrects_only_what_was_sent(state: PostState) -> None:
    digest("Markt")
    Post.update(state=state).execute()
    with pytest.raises(PostError, match="has been sent"):
        corrections.add(Post.get().id, "Erst um 9 Uhr.", by="eva")


@pytest.mark.parametrize(
    "typed",
    [
        "straße",
        "STRASSE",
        "müll",
        "MÜLL",
        "mu\u0308ll",
        "größe müll",
        "100 %",
        "a_b",
        "\\",
        "sperr",
    ],
)
def test_it_finds_words_however_they_are_typed(typed: str) -> None:
    digest("Straßensperrung", text="Müll der Größe 100 % in a_b \\ und mehr")
    digest("Anderes", on=DAY - timedelta(days=1), text="100 Prozent in aXb")
    assert found(typed) == ["Straßensperrung"]


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "_", "'; DROP TABLE post; --", "äöü", "\x00", "\x00q", "x" * 999]
)
def test_it_takes_nothing_typed_for_a_pattern(typed: str) -> None:
    digest("Markt", text="am Samstag")
    assert found(typed) == []


def test_it_finds_an_alert_once_and_by_its_all_clear() -> None:
    warned = alert(title="Unwetter")
    alert(BroadcastKind.CLEAR, follows=warned.id, title="Unwetter", text="Der Sturm ist vorbei")
    (hit,) = archive.search(archive.read_words("sturm unwetter"))
    assert (hit.path, hit.is_alert) == (f"/archiv/2026-11-24/warnung-{warned.id}", True)


def test_it_says_of_what_was_stopped_on_its_way_that_it_does_not_hold() -> None:
    """A panic stop: it was wrong, whoever has got it. Its correction stands for itself."""
    stopped_at = clock.now() + timedelta(hours=1)
    wrong = alert(state=BroadcastState.STOPPED, finished_at=stopped_at)
    assert only().standing is Standing.STOPPED
    assert only(LATER).standing is Standing.STOPPED
    assert only().changed_at == stopped_at
    alert(BroadcastKind.UPDATE, follows=wrong, text="Nur im Norden")
    assert only().standing is Standing.IN_FORCE


def test_it_finds_no_part_of_what_was_stopped_before_anything_left() -> None:
    warned = alert(started_at=None, state=BroadcastState.STOPPED)
    alert(BroadcastKind.UPDATE, follows=warned.id)
    assert found("sturm") == shown() == []


def test_it_finds_the_newest() -> None:
    for days in range(3):
        titles = [f"Öl {number}" for number in range(archive.MOST_FOUND)]
        digest(*titles, on=DAY - timedelta(days=2 - days))
    assert {hit.key.on for hit in archive.search(["öl"])} == {DAY}
    assert len(found("öl")) == archive.MOST_FOUND
