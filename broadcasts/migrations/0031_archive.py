"""What a picture shows; the archive's search: a full-text index of what was sent, kept by triggers.

Both kinds hold every part of a word. SQLite: FTS5 by three signs in a row, folded by itself.
PostgreSQL: the endings of each word, found by their beginning. A later migration that has SQLite
write `post`, `correction` or `broadcast` anew (a column NOT NULL) must make the triggers again.
"""

from typing import Any

import peewee

POST_SAID = """post.title || ' ' || post.text || coalesce(' ' || (
    SELECT {joined} FROM correction WHERE correction.post_id = post.id), '')"""
BROADCAST_SAID = "broadcast.title || ' ' || broadcast.text"

SENT, NO_DIGEST = "post.state = 'sent'", "broadcast.kind <> 'digest'"

# Two blanks: the last signs are the beginning of three, too.
SQLITE_FOLDED = "replace(replace({said}, 'ß', 'ss'), 'ẞ', 'ss') || '  '"

LETTERS = [(sign, sign.lower()) for sign in map(chr, range(0xC0, 0x180)) if len(sign.lower()) == 1]
"""By itself PostgreSQL knows the small ones only where its locale does."""

ENDINGS = """
CREATE FUNCTION archive_endings(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT array_to_tsvector(array(
        SELECT DISTINCT substr(word, place, 40)
        FROM regexp_split_to_table(
            translate(
                lower(replace(replace(left(said, 6000), 'ß', 'ss'), 'ẞ', 'ss')),
                '{capital}', '{small}'
            ), '[[:space:]]+'
        ) AS word, generate_series(1, length(word)) AS place
    ))
$$"""
# 6,000 times 40 signs of four bytes: what a tsvector can hold (1 MB).

POSTGRES_PUT = """
CREATE FUNCTION archive_put_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
BEGIN
    -- Two corrections at once: the second waits, and then sees the first.
    PERFORM FROM {table} WHERE id = number FOR NO KEY UPDATE;
    DELETE FROM {index} WHERE rowid = number;
    INSERT INTO {index} (rowid, words) SELECT id, archive_endings({said}) FROM {table}
        WHERE id = number AND {public};
    RETURN NULL;
END
$$"""


def up(migrator: Any, db: Any) -> None:
    # Not by the migrator: on SQLite it would write the table anew.
    db.execute_sql("ALTER TABLE post ADD COLUMN image_alt TEXT NOT NULL DEFAULT ''")
    search(db)


def search(db: Any) -> None:
    for sql in _sqlite() if isinstance(db, peewee.SqliteDatabase) else _postgres():
        db.execute_sql(sql)


def _sqlite() -> list[str]:
    said = POST_SAID.format(joined="group_concat(correction.text, ' ')")
    return [
        *_sqlite_index("post", "post_search", said, SENT, "title, text, state"),
        *_sqlite_index("broadcast", "broadcast_search", BROADCAST_SAID, NO_DIGEST, "title, text"),
        "CREATE TRIGGER correction_search_insert AFTER INSERT ON correction BEGIN"
        " DELETE FROM post_search WHERE rowid = new.post_id;"
        f" {_sqlite_put('post', 'post_search', said, SENT)} AND post.id = new.post_id; END",
    ]


def _sqlite_put(table: str, index: str, said: str, public: str) -> str:
    folded = SQLITE_FOLDED.format(said=said)
    return f"INSERT INTO {index}(rowid, words) SELECT id, {folded} FROM {table} WHERE {public}"


def _sqlite_index(table: str, index: str, said: str, public: str, columns: str) -> list[str]:
    put = _sqlite_put(table, index, said, public)
    forget = f"DELETE FROM {index} WHERE rowid = old.id"
    again = f"{put} AND {table}.id = new.id"
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5(words, tokenize = 'trigram')",
        f"CREATE VIRTUAL TABLE {index}_parts USING fts5vocab({index}, 'row')",
        put,
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {again}; END",
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF {columns} ON {table}"
        f" BEGIN {forget}; {again}; END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {forget}; END",
    ]


def _postgres() -> list[str]:
    said = POST_SAID.format(joined="string_agg(correction.text, ' ')")
    capital, small = ("".join(column) for column in zip(*LETTERS, strict=True))
    return [
        ENDINGS.format(capital=capital, small=small),
        *_postgres_index("post", "post_search", said, SENT, "title, text, state"),
        *_postgres_index("broadcast", "broadcast_search", BROADCAST_SAID, NO_DIGEST, "title, text"),
        "CREATE TRIGGER correction_search_insert AFTER INSERT ON correction"
        " FOR EACH ROW EXECUTE FUNCTION archive_put_post('post_id')",
    ]


def _postgres_index(table: str, index: str, said: str, public: str, columns: str) -> list[str]:
    return [
        f"CREATE TABLE {index} (words tsvector NOT NULL, rowid bigint PRIMARY KEY"
        f" REFERENCES {table} (id) ON DELETE CASCADE)",
        f"INSERT INTO {index} (rowid, words) SELECT id, archive_endings({said}) FROM {table}"
        f" WHERE {public}",
        f"CREATE INDEX {index}_words ON {index} USING gin (words)",
        POSTGRES_PUT.format(table=table, index=index, said=said, public=public),
        f"CREATE TRIGGER {index}_put AFTER INSERT OR UPDATE OF {columns} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION archive_put_{table}('id')",
    ]
