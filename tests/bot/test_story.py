"""The demonstration's past is one that could have been."""

import datetime as dt
from pathlib import Path

from bot import story
from bot.app import open_city
from broadcasts import clock, db
from broadcasts.delivery import outbox
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.newsroom import budget, digests
from broadcasts.people import growth, staff, subscribers
from tests.system import write_config


def test_it_tells_once_of_weeks_that_could_have_been(tmp_path: Path, database_url: str) -> None:
    city = open_city(write_config(tmp_path, url=f'"{database_url}"'))
    with db.session():
        story.tell(city)
        story.tell(city)
        sent = list(Broadcast.select())
        assert len(sent) == story.DAYS - 1 + 2
        assert all(sum(outbox.figures(row.id).values()) > 0 for row in sent[-10:])
        assert 100 < subscribers.count()["active"] <= len(story.numbers())
        months = budget.months(city.newsroom, clock.today(city.zone), 3)
        assert sum(month.estimated_messages for month in months) > 1000
        assert sum(month.billed_messages for month in months) > 1000
        assert len(growth.rows(clock.today(city.zone) - dt.timedelta(days=30))) == 31
        assert digests.due(city.newsroom, clock.now()) is None
    db.close_database()


def test_it_has_an_account_for_each_role(tmp_path: Path, database_url: str) -> None:
    city = open_city(write_config(tmp_path, url=f'"{database_url}"'))
    secrets = {account.name: staff.new_code_secret() for account in story.ACCOUNTS}
    with db.session():
        story.add_staff(city, "Nachtigall-im-Rathaus", secrets)
        story.add_staff(city, "Nachtigall-im-Rathaus", secrets)
        made = staff.everyone()
    db.close_database()
    assert {role for row in made for role in row.roles} == set(staff.Role)
    assert all((row.code_secret is not None) == row.needs_code for row in made)
