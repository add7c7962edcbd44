"""What all staff must hear: each until they have said so, nobody of what was before them."""

from datetime import timedelta

import pytest

from broadcasts import clock, db
from broadcasts.people import notices, staff
from broadcasts.people.notices import NoticeSeen, StaffNotice
from broadcasts.people.staff import Role, Staff
from broadcasts.saying import say

pytestmark = pytest.mark.usefixtures("database")


def account(name: str) -> Staff:
    return staff.add(name, [Role.PRESS])[0]


def test_it_is_there_for_each_until_they_have_seen_it() -> None:
    one, other = account("a.anders"), account("b.berg")
    notices.tell(say("Alert %(id)s", id="7"))
    (notice,) = notices.unseen(one)
    assert (notice.said, notice.said.text) == ("Alert 7", "Alert %(id)s")
    assert notices.mark_seen(notice.id, one)
    assert not notices.mark_seen(notice.id, one)
    assert notices.unseen(one) == []
    assert len(notices.unseen(other)) == 1


def test_it_shows_nobody_what_was_before_their_account() -> None:
    with clock.travel(clock.now() - timedelta(days=1)):
        notices.tell(say("before"))
    assert notices.unseen(account("a.anders")) == []


def test_it_knows_no_other_notice() -> None:
    assert not notices.mark_seen(99, account("a.anders"))


def test_it_is_news_for_a_month() -> None:
    person = account("a.anders")
    notices.tell(say("now"))
    with db.transaction():
        notices.mark_seen(notices.unseen(person)[0].id, person)
    notices.forget_old(clock.now() + notices.KEPT_FOR + timedelta(days=1))
    assert (StaffNotice.select().count(), NoticeSeen.select().count()) == (0, 0)
