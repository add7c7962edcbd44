"""Conversations: what a message changes, who waits, who takes which, what is found."""

from datetime import timedelta

import pytest

from broadcasts import clock
from broadcasts.people import conversations, inbox, staff
from broadcasts.people.conversations import Tab
from broadcasts.people.inbox import Conversation, InboxError, Message, OutdatedError, Picture
from broadcasts.people.staff import Role
from broadcasts.people.subscribers import Subscriber
from tests.delivery.makers import reader

pytestmark = pytest.mark.usefixtures("database")


def write(person: Subscriber, text: str = "Wann?", *, ago: int = 0, kind: str = "text") -> int:
    """A message of so many minutes ago; gives its conversation's id."""
    at = clock.now() - timedelta(minutes=ago)
    media = "77" if kind != "text" else None
    person.window_closes_at = at + timedelta(hours=24)
    inbox.receive(person, kind=kind, text=text, media=media, at=at)
    found: Conversation = Conversation.get(Conversation.subscriber == person)
    return found.id


def get(number: int) -> Conversation:
    return conversations.get(number)


def listed(tab: Tab = Tab.OPEN, me: str = "presse", limit: int = 30) -> list[int]:
    """Ids in order, read page by page."""
    found, after = [], ""
    while True:
        page = conversations.page(tab, me=me, now=clock.now(), after=after, limit=limit)
        found += [row.id for row in page.rows]
        if not (after := page.next):
            return found


def answered(number: int, by: str = "presse") -> None:
    inbox.take_answer(number, version=get(number).version, by=by)


def test_it_waits_from_the_first_message_that_nobody_has_answered() -> None:
    person = reader(1)
    number = write(person, ago=50)
    since = get(number).waiting_since
    write(person, ago=10)
    row = get(number)
    assert row.waiting_since == since
    assert row.last_at > since
    answered(number)
    assert get(number).waiting_since is None
    write(person)
    assert get(number).waiting_since > since
    assert Conversation.select().count() == 1


def test_it_puts_late_messages_where_they_belong() -> None:
    person = reader(1)
    number = write(person, ago=5)
    last = get(number).last_at
    write(person, ago=500)
    row = get(number)
    assert row.last_at == last
    assert row.waiting_since < last
    assert row.due_by == last + timedelta(hours=24)


def test_it_tells_the_second_of_two_who_answer_at_once() -> None:
    number = write(reader(1))
    version = get(number).version
    inbox.take_answer(number, version=version, by="presse")
    with pytest.raises(OutdatedError):
        inbox.take_answer(number, version=version, by="lage")
    assert get(number).assigned_to == "presse"


def test_it_tells_whoever_has_not_seen_the_newest_message() -> None:
    person = reader(1)
    number = write(person)
    version = get(number).version
    write(person)
    with pytest.raises(OutdatedError):
        inbox.take_answer(number, version=version, by="presse")


def test_it_counts_who_waits_and_since_when() -> None:
    assert inbox.unanswered() == inbox.Unanswered(0, None)
    first, second, third = (write(reader(n), ago=n) for n in (1, 2, 3))
    answered(second)
    conversations.close(third, by="presse")
    waiting = inbox.unanswered()
    assert (waiting.number, waiting.oldest) == (1, get(first).waiting_since)


def test_it_lists_first_whose_time_ends_soonest() -> None:
    over = write(reader(1), ago=26 * 60)
    soon = write(reader(2), ago=23 * 60)
    later = write(reader(3), ago=60)
    done = write(reader(4), ago=5)
    answered(done)
    closed = write(reader(5))
    conversations.close(closed, by="presse")
    assert listed() == [soon, later, done, over]
    assert listed(Tab.CLOSED) == [closed]
    assert listed(Tab.ALL) == [closed, done, later, soon, over]


@pytest.mark.parametrize("tab", list(Tab))
def test_it_leaves_nobody_out_from_page_to_page(tab: Tab) -> None:
    numbers = [write(reader(n), ago=n % 3 * 700) for n in range(1, 10)]
    for number in numbers[:3]:
        answered(number)
    for number in numbers[3:6]:
        conversations.close(number, by="presse")
    once = listed(tab)
    assert listed(tab, limit=2) == listed(tab, limit=1) == once
    assert len(once) == len(set(once)) == {"open": 6, "mine": 3, "all": 9, "closed": 3}[tab]


@pytest.mark.parametrize("after", ["x", "u", "r1", "r1.x", "r99999999999999999999999.1", "u1.²"])
def test_it_begins_at_the_top_for_rubbish(after: str) -> None:
    number = write(reader(1))
    page = conversations.page(Tab.OPEN, me="x", now=clock.now(), after=after)
    assert [row.id for row in page.rows] == [number]


def test_it_opens_again_by_a_message_and_drops_assignment_and_mark() -> None:
    staff.add("presse", [Role.PRESS])
    person = reader(1)
    number = write(person)
    conversations.assign(number, "presse")
    conversations.mark_checked(number, by="presse")
    conversations.close(number, by="presse")
    row = get(number)
    assert (row.assigned_to, row.checked_by, row.checked_at) == ("", "", None)
    assert (row.closed_by, row.waiting_since) == ("presse", None)
    write(person)
    row = get(number)
    assert row.is_open
    assert row.checked_at is None
    assert row.waiting_since


def test_it_says_when_somebody_else_was_quicker() -> None:
    number = write(reader(1))
    conversations.close(number, by="presse")
    for late in (
        lambda: conversations.close(number, by="lage"),
        lambda: conversations.mark_checked(number, by="lage"),
        lambda: conversations.assign(number, ""),
    ):
        with pytest.raises(InboxError, match="closed already"):
            late()
    conversations.reopen(number)
    with pytest.raises(InboxError, match="open already"):
        conversations.reopen(number)


def test_it_is_given_only_to_those_whose_work_it_is() -> None:
    number = write(reader(1))
    for name, role in (("presse", Role.PRESS), ("lage", Role.EMERGENCY), ("daten", Role.PRIVACY)):
        staff.add(name, [role])
    gone, _ = staff.add("gone", [Role.PRESS])
    staff.disable(gone)
    assert conversations.colleagues() == ["lage", "presse"]
    for name in ("daten", "gone", "nobody"):
        with pytest.raises(InboxError):
            conversations.assign(number, name)
    conversations.assign(number, "lage")
    conversations.assign(number, "")


def test_it_keeps_a_picture_to_be_fetched_and_no_other_file() -> None:
    person = reader(1)
    for kind in ("image", "audio", "document"):
        write(person, "", kind=kind)
    (picture,) = list(Picture.select())
    assert picture.message.kind == "image"
    assert picture.due_at
    assert inbox.files_of(person) == [picture.file]
    assert inbox.find_picture(picture.id) is None


class TestSearch:
    def test_it_finds_in_any_spelling(self) -> None:
        number = write(reader(1), "Die ÄPFEL im Straßengarten: 100 % gut")
        write(reader(2), "Birnen")
        for term in ("äpfel", "100 % ", "STRAẞE"):
            hits = conversations.search(term).hits
            assert [row.id for row, _ in hits] == [number], term
        for term in ("%p%", "a_fel", "100%"):
            assert conversations.search(term).hits == [], term

    def test_it_shows_each_conversation_once_and_says_what_was_searched(self) -> None:
        assert conversations.search("markt").since is None
        person = reader(1)
        write(person, "Markt eins", ago=90)
        write(person, "Markt zwei")
        found = conversations.search("markt")
        ((_, message),) = found.hits
        assert message.text == "Markt zwei"
        assert found.since == Message.select().order_by(Message.id).first().at
        assert not found.has_more

    def test_it_says_that_there_is_more(self) -> None:
        for n in range(1, 5):
            write(reader(n), "Markt")
        assert conversations.search("markt", limit=3).has_more

    def test_it_looks_only_through_the_newest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(conversations, "SEARCHED", 2)
        for n, text in enumerate(("Markt", "Baum", "Baum"), start=1):
            write(reader(n), text)
        assert conversations.search("markt").hits == []

    def test_it_refuses_a_term_too_short(self) -> None:
        with pytest.raises(InboxError, match="at least 2"):
            conversations.search(" x ")
