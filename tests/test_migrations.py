"""The schema that migrations make is the schema that the models mean."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from broadcasts import clock, db, schema
from broadcasts.newsroom.posts import Post
from tests.newsroom.test_archive import digest, found
from tests.postgres import Postgres

EVERYWHERE = (
    "broadcasts.privacy.errands",
    "broadcasts.privacy.opt_outs",
    "broadcasts.privacy.erasure_log",
    "broadcasts.privacy.audit",
    "broadcasts.privacy.notice",
    "broadcasts.privacy.proofs",
    "broadcasts.privacy.copies",
    "broadcasts.privacy.link_codes",
    "broadcasts.privacy.retention",
    "broadcasts.people.staff",
    "broadcasts.figures",
    "broadcasts.newsroom.unsent",
    "broadcasts.newsroom.interrupted",
    "broadcasts.newsroom.releases",
    "broadcasts.newsroom.prepared",
    "broadcasts.people.notices",
    "broadcasts.newsroom.posts",
    "broadcasts.newsroom.corrections",
    "broadcasts.newsroom.answers",
    "broadcasts.newsroom.satisfaction",
    "broadcasts.newsroom.feed_items",
    "broadcasts.newsroom.proposals",
    "broadcasts.people.inbox",
    "broadcasts.delivery.events",
    "broadcasts.delivery.tallies",
    "broadcasts.delivery.billing",
    "broadcasts.people.growth",
)


@pytest.mark.usefixtures("database")
def test_it_leaves_no_difference_between_models_and_tables() -> None:
    for module in EVERYWHERE:
        __import__(module)
    difference = diff_models(db.database.obj, db.Model.__subclasses__())
    assert not difference, difference


def test_it_applies_each_migration_once(database: str) -> None:
    assert schema.migrate() == []


def test_it_says_what_a_role_without_the_right_to_make_a_schema_needs(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as owner:
        owner.execute("CREATE ROLE modest LOGIN")
        owner.execute("CREATE DATABASE modest")
    at = urlsplit(postgres.url)
    there = at._replace(path="/modest")
    with psycopg.connect(there.geturl(), autocommit=True) as owner:
        owner.execute("GRANT CREATE ON SCHEMA public TO modest")
    db.open_database(there._replace(netloc=at.netloc.replace("postgres", "modest", 1)).geturl())
    try:
        with pytest.raises(schema.SchemaError, match="AUTHORIZATION modest"):
            schema.migrate()
        with psycopg.connect(there.geturl(), autocommit=True) as owner:
            owner.execute("CREATE SCHEMA erasures AUTHORIZATION modest")
        assert schema.migrate()
    finally:
        db.close_database()
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("DROP DATABASE modest WITH (FORCE)")
            owner.execute("DROP ROLE modest")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE without_tables")
        yield urlsplit(server.url)._replace(path="/without_tables").geturl()
        owner.execute("DROP DATABASE without_tables WITH (FORCE)")


NOTES = ("", "[]", '["Verkehr"]', "Verkehr", 'a"b\\c', "Käse 🧀", "[", "null", "Verkehr")


def test_it_makes_a_list_of_what_a_post_was_noted_to_be_about(
    tmp_path: Path, empty_url: str
) -> None:
    """Whatever was typed there."""
    folder = Path(schema.__file__).parent / "migrations"
    shutil.copytree(folder, tmp_path / "old")
    for path in (tmp_path / "old").glob("[0-9]*.py"):
        if path.name >= "0027":
            path.unlink()
    db.open_database(empty_url)
    try:
        with db.session():
            schema._erasures(folder / db.ERASURES)
            Runner(db.database.obj, str(tmp_path / "old")).up()
            db.execute_many(
                "INSERT INTO post (title, text, link, topic, on_date, state, created_at, version,"
                " author, changed_by)"
                " VALUES ('T', '', '', ?, '2026-11-24', 'queued', ?, 1, '', '')",
                [(note, db.moment(clock.now())) for note in NOTES],
            )
        assert schema.migrate()
        with db.session():
            kept = [(post.topics, post.districts) for post in Post.select().order_by(Post.id)]
            assert kept == [([note] if note else [], []) for note in NOTES]
    finally:
        db.close_database()


def test_it_knows_capital_umlauts_where_the_database_does_not(postgres: Postgres) -> None:
    at = urlsplit(postgres.url)
    with psycopg.connect(postgres.url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE plain TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    db.open_database(at._replace(path="/plain").geturl())
    try:
        schema.migrate()
        with db.session():
            digest("ÖLTANK GRÖẞE")
            assert found("öltank") == found("grösse") == found("Ö") == ["ÖLTANK GRÖẞE"]
    finally:
        db.close_database()
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("DROP DATABASE plain WITH (FORCE)")
