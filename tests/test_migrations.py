"""The schema that migrations make is the schema that the models mean."""

from urllib.parse import urlsplit

import psycopg
import pytest
from playhouse.schema_diff import diff_models

from broadcasts import db, schema
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
