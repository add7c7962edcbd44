"""The search's index: filled by the database itself, and asked whatever somebody types."""

import importlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playhouse.test_utils import count_queries

from broadcasts import db, schema
from broadcasts.newsroom import archive, corrections, posts, search
from broadcasts.newsroom.posts import Post, PostState
from tests.newsroom.test_archive import DAY, alert, digest, found

pytestmark = pytest.mark.usefixtures("database")

MIGRATION = importlib.import_module("broadcasts.migrations.0031_archive")


def test_it_finds_what_a_correction_says_with_the_words_of_its_post() -> None:
    digest("Markt", "Bad")
    corrections.add(Post.get(Post.title == "Markt").id, "Nicht am Rathaus.", by="eva")
    corrections.add(Post.get(Post.title == "Markt").id, "Sondern am Bahnhof.", by="eva")
    assert found("rathaus bahnhof markt") == ["Markt"]
    assert found("rathaus bad") == []


def test_it_forgets_what_waits_again_and_finds_it_as_it_was_sent_then() -> None:
    """A digest that reached nobody: its posts may still be changed."""
    row = digest("Markt")
    posts.queue_again(row.id)
    assert found("markt") == []
    Post.update(title="Messe").execute()
    assert found("messe") == []
    posts.mark_sent([Post.get().id], row.id)
    assert (found("messe"), found("markt")) == (["Messe"], [])


def test_it_follows_whatever_is_changed_or_taken_out() -> None:
    digest("Markt")
    warned = alert(text="Sturm")
    Post.update(title="Messe").execute()
    warned.text = "Hagel"
    warned.save()
    assert (found("messe"), found("markt"), len(found("hagel"))) == (["Messe"], [], 1)
    assert found("sturm") == []
    Post.delete().execute()
    assert found("messe") == []


@pytest.mark.parametrize("typed", ["öl", "ÖL", "l", "l.", "ß", "ss", "ÉT", "é", "zöll", "(ö"])
def test_it_finds_parts_too_short_for_three_signs(typed: str) -> None:
    digest("Heizöl.", text="Preis (Öl): zum Verzollen, größer, l'Été")
    digest("Anderes", on=DAY.replace(day=1), text="am Markt")
    expected = ["Heizöl."] if typed != "zöll" else []
    assert found(typed) == expected


def test_it_finds_the_very_last_signs() -> None:
    digest("Markt", text="bis Kirche b")
    alert(text="Sturm bis q")
    assert found("b") == ["Markt"] or len(found("b")) == 2
    assert found("he b") == ["Markt"]
    assert len(found("q")) == 1


def test_it_finds_longer_words_than_the_index_holds() -> None:
    long = "donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    digest(long.title())
    assert len(found(long)) == len(found(long[30:])) == len(found(long.upper())) == 1


HOSTILE = [
    '"',
    '""',
    "'",
    "\\",
    "\\'",
    "*",
    "mar*",
    "NEAR(",
    "NEAR(markt bad, 2)",
    "markt AND",
    "OR OR",
    "NOT markt",
    "-markt",
    "^markt",
    "words : markt",
    "{words} : x",
    "markt:*",
    "!markt",
    "markt & bad",
    "<->",
    "(((((",
    ")",
    "%",
    "_",
    "\x00",
    "mar\x00kt",
    "\ud800",
    "\U0010ffff",
    "🎄",
    "ä" * 10_000,
    "a b c d " * 1_250,
    "'; DROP TABLE post; --",
]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_it_takes_no_sign_for_an_operator(typed: str) -> None:
    digest("Öffnung", text="wann")
    assert found(typed) == []
    digest("Öffnung", on=DAY.replace(day=1), text=typed.replace("\x00", "").replace("\ud800", ""))
    assert len(found(typed)) == bool(archive.read_words(typed))


@given(st.text())
def test_it_never_raises(typed: str) -> None:
    assert isinstance(found(typed), list)


def test_it_stands_everything_that_may_be_written() -> None:
    """No sentence keeps a digest from being sent, nor a correction from being added: PostgreSQL
    holds 1 MB of endings."""
    strange = [chr(0x20000 + number) for number in range(12_000)]
    digest("Markt", text="".join(strange[: posts.LONGEST_TEXT]))
    for begin in range(posts.LONGEST_TEXT, len(strange), corrections.LONGEST):
        end = begin + corrections.LONGEST
        corrections.add(Post.get().id, "".join(strange[begin:end]), by="eva")
    assert found("markt") == found("".join(strange[2000:2060])) == ["Markt"]
    if not db.is_sqlite():  # beyond 1 MB PostgreSQL does not complain, but counts from 0 again
        whole = "SELECT words::text::tsvector = words FROM post_search"
        assert db.database.execute_sql(whole).fetchall() == [(True,)]


def test_it_is_filled_with_what_was_there_before_it() -> None:
    digest("Markt")
    digest("Später", on=DAY.replace(day=1))
    Post.update(state=PostState.QUEUED).where(Post.title == "Später").execute()
    corrections.add(Post.get(Post.title == "Markt").id, "Am Bahnhof", by="eva")
    alert(text="Sturm")
    _clear()
    MIGRATION.search(db.database.obj)
    assert found("bahnhof markt") == ["Markt"]
    assert len(found("sturm")) == 1
    assert found("später") == []
    digest("Danach", on=DAY.replace(day=2))
    assert found("danach") == ["Danach"]


def _clear() -> None:
    """As the database was before the migration."""
    if not db.is_sqlite():
        for table in search.TABLES:
            db.database.execute_sql(f"DROP TABLE {table} CASCADE")
        for routine in search.ROUTINES:
            db.database.execute_sql(f"DROP FUNCTION {routine} CASCADE")
        return
    kinds = "SELECT type, name FROM sqlite_master WHERE name LIKE '%\\_search%' ESCAPE '\\'"
    made = "AND sql LIKE 'CREATE VIRTUAL%' OR type = 'trigger'"
    for kind, name in db.database.execute_sql(f"{kinds} {made} ORDER BY name DESC").fetchall():
        db.database.execute_sql(f"DROP {kind} {name}")


@pytest.mark.sqlite
def test_it_says_at_the_start_that_a_python_has_no_full_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Later the first digest would fail."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 33, 0))
    with pytest.raises(schema.SchemaError, match="FTS5"):
        schema.migrate()


@pytest.mark.sqlite
def test_it_reads_the_newest_off_the_index() -> None:
    """Not all that hold a word, to sort them: that is what would grow with the years."""
    with count_queries() as asked:
        assert archive.search(["markt"]) == []
    plans = [
        str(db.database.execute_sql(f"EXPLAIN QUERY PLAN {entry.msg[0]}", entry.msg[1]).fetchall())
        for entry in asked.get_queries()
    ]
    assert len(plans) == 3  # posts, notices, alerts
    for plan in plans:
        assert "VIRTUAL TABLE INDEX" in plan
        assert "TEMP B-TREE" not in plan
