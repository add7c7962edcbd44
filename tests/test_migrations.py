"""The schema that migrations make is the schema that the models mean."""

import pytest
from playhouse.schema_diff import diff_models

from broadcasts import db, schema

EVERYWHERE = (
    "broadcasts.privacy.errands",
    "broadcasts.privacy.erasure_log",
    "broadcasts.privacy.audit",
    "broadcasts.privacy.notice",
    "broadcasts.privacy.proofs",
    "broadcasts.privacy.copies",
    "broadcasts.privacy.retention",
    "broadcasts.people.staff",
    "broadcasts.figures",
    "broadcasts.newsroom.unsent",
    "broadcasts.newsroom.interrupted",
    "broadcasts.newsroom.releases",
    "broadcasts.newsroom.prepared",
    "broadcasts.people.notices",
    "broadcasts.newsroom.posts",
    "broadcasts.newsroom.answers",
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
