"""Clock, database, journal, people: what everything else stands on."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts import clock, db, journal
from broadcasts.channels.base import Account, AccountNotice, Address
from broadcasts.delivery import accounts, media
from broadcasts.delivery.broadcasts import Broadcast
from broadcasts.people import consent, subscribers
from broadcasts.people.consent import NoEvidenceError
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import reader

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


# ------------------------------------------------------------------ clock


def test_it_takes_a_skipped_time_for_the_moment_after_the_gap() -> None:
    assert clock.at(SPRING, time(2, 30), BERLIN).astimezone(BERLIN).time() == time(3, 30)


def test_it_takes_the_first_of_a_doubled_time() -> None:
    assert clock.at(AUTUMN, time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2026, 11, 24)])
def test_it_finds_the_next_five_o_clock(day: date) -> None:
    before = clock.at(day, time(16, 59), BERLIN)
    found = clock.next_at(before, time(17, 0), BERLIN)
    assert found.astimezone(BERLIN).time() == time(17, 0)
    assert clock.next_at(found, time(17, 0), BERLIN) > found + timedelta(hours=22)


def test_it_travels_and_comes_back() -> None:
    with clock.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        assert clock.now().year == 2030
        assert clock.today(BERLIN) == date(2030, 1, 1)
    assert clock.now().year < 2030


# ------------------------------------------------------------------ database


@pytest.mark.usefixtures("database")
class TestDatabase:
    @given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
    def test_it_keeps_moments(self, moment: datetime) -> None:
        field = db.UTCField()
        stored = field.db_value(moment)
        assert field.python_value(stored) == moment.astimezone(UTC)

    @given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), min_size=2))
    def test_it_sorts_moments_as_text(self, moments: list[datetime]) -> None:
        aware = [moment.replace(tzinfo=UTC) for moment in moments]
        assert sorted(map(db.moment, aware)) == [db.moment(moment) for moment in sorted(aware)]

    def test_it_refuses_a_naive_moment(self) -> None:
        with pytest.raises(ValueError, match="naive"):
            db.UTCField().db_value(datetime(2026, 1, 1))

    def test_it_refuses_a_word_that_is_not_in_the_list(self) -> None:
        with pytest.raises(ValueError, match="perhaps"):
            Subscriber.update(wants="perhaps").execute()

    @pytest.mark.sqlite
    def test_it_takes_the_writers_place_at_once(self) -> None:
        entered = threading.Event()
        leave = threading.Event()

        def hold() -> None:
            with db.session(), db.transaction():
                entered.set()
                leave.wait(5)

        thread = threading.Thread(target=hold)
        thread.start()
        entered.wait(5)
        with pytest.raises(db.UNAVAILABLE), db.impatient(), db.transaction():
            pass  # pragma: no cover
        leave.set()
        thread.join()

    @pytest.mark.sqlite
    def test_it_notices_what_others_have_written(self) -> None:
        before = db.change_counter()
        assert db.change_counter() == before

        def write() -> None:
            with db.session():
                journal.append([journal.Arrival("whatsapp", b"{}", [])])

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert db.change_counter() != before

    @pytest.mark.sqlite
    def test_it_survives_a_power_cut_by_its_settings(self) -> None:
        assert db.database.execute_sql("PRAGMA synchronous").fetchone() == (2,)
        assert db.database.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.database.execute_sql("PRAGMA secure_delete").fetchone() == (1,)
        assert db.database.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)

    def test_it_refuses_a_second_digest_of_a_day(self) -> None:
        row = {
            "kind": "digest",
            "on": SPRING,
            "digest_on": SPRING,
            "audience": "digest_readers",
            "audience_at": clock.now(),
            "cut_off": 0,
            "created_at": clock.now(),
            "expires_at": clock.now(),
        }
        Broadcast.create(**row)
        with pytest.raises(peewee.IntegrityError):
            Broadcast.create(**row)


def test_it_knows_two_kinds_of_database() -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        db.open_database("oracle://x")


# ------------------------------------------------------------------ journal


@pytest.mark.usefixtures("database")
class TestJournal:
    def test_it_gives_entries_in_their_order(self) -> None:
        for number in range(3):
            journal.append([journal.Arrival("whatsapp", b"%d" % number, ["DE.x"])])
        with journal.taking(in_order=True) as entries:
            assert [bytes(entry.body) for entry in entries] == [b"0", b"1", b"2"]
            journal.done([entry.id for entry in entries[:2]])
        assert not journal.is_drained()

    def test_it_takes_large_bodies_one_by_one(self) -> None:
        for number in range(3):
            journal.append([journal.Arrival("whatsapp", b"%d" % number * 200_000, ["DE.x"])])
        with journal.taking(in_order=True) as entries:
            assert len(entries) == 1

    def test_it_names_everybody_who_wrote(self) -> None:
        journal.append([journal.Arrival("whatsapp", b"{}", ["4917604069001", "DE.x"])])
        journal.append([journal.Arrival("whatsapp", b"{}", [])])
        assert journal.writers_waiting() == {"4917604069001", "DE.x"}

    def test_it_knows_a_message_again_without_keeping_its_id(self) -> None:
        assert journal.first_time(b"key", "wamid.x")
        assert not journal.first_time(b"key", "wamid.x")
        assert journal.first_time(b"key", "wamid.y")
        assert "wamid" not in journal.Seen.get().mark


# ------------------------------------------------------------------ people


@pytest.mark.usefixtures("database")
class TestPeople:
    def test_it_subscribes_nobody_without_evidence(self) -> None:
        with pytest.raises(NoEvidenceError):
            consent.record(reader(1), consent.Deed.OPT_IN, at=clock.now())

    def test_it_refuses_the_same_address_twice(self) -> None:
        reader(1)
        with pytest.raises(peewee.IntegrityError):
            reader(1)

    def test_it_finds_nobody_by_nothing(self) -> None:
        reader(1)
        assert subscribers.find("whatsapp", Address()) is None

    def test_it_opens_the_window_by_the_newest_message_only(self) -> None:
        person, now = reader(1), clock.now()
        subscribers.heard_from(person, "4711", now, timedelta(hours=24))
        subscribers.heard_from(person, "4711", now - timedelta(days=3), timedelta(hours=24))
        assert person.window_closes_at == now + timedelta(hours=24)

    def test_it_belongs_to_the_number_last_written_to(self) -> None:
        person = reader(1)
        subscribers.heard_from(person, "other", clock.now(), None)
        assert (person.account, person.window_closes_at) == ("other", None)

    def test_it_brings_back_who_is_heard_from(self) -> None:
        person = reader(1)
        subscribers.note_unreachable(person.id, SPRING, days=3)
        subscribers.note_unreachable(person.id, SPRING, days=3)
        assert Subscriber.get_by_id(person.id).unreachable_days == 1
        subscribers.heard_from(person, "4711", clock.now(), None)
        assert Subscriber.get_by_id(person.id).unreachable_days == 0

    @pytest.mark.parametrize(
        ("deed", "wants"),
        [("opt_in", Wants.EVERYTHING), ("alerts_only", Wants.ALERTS_ONLY), (None, Wants.NOTHING)],
    )
    def test_it_gives_the_retired_back_what_they_asked_for(
        self, deed: str | None, wants: Wants
    ) -> None:
        person = reader(1, Wants.RETIRED)
        if deed:
            consent.record(person, consent.Deed(deed), at=clock.now(), message_id="wamid.x")
        consent.bring_back(person)
        assert Subscriber.get_by_id(person.id).wants == wants

    def test_it_counts_the_retired_apart(self) -> None:
        reader(1, Wants.RETIRED)
        assert subscribers.count()["retired"] == 1
        assert subscribers.count()["active"] == 0


# ------------------------------------------------------------- numbers, media


@pytest.mark.usefixtures("database")
class TestNumbers:
    def test_it_keeps_the_first_reason_of_a_stop(self) -> None:
        accounts.ensure([Account("whatsapp", "1", "+49", 80)])
        assert accounts.stop("1", accounts.Outcome.CREDENTIALS, "190")
        assert not accounts.stop("1", accounts.Outcome.ACCOUNT, "368")
        assert accounts.get("1").stop_code == "190"
        assert accounts.resume("1")
        assert not accounts.resume("1")

    def test_it_takes_a_notice_for_one_number_or_all(self) -> None:
        accounts.ensure([Account("whatsapp", n, "+49", 80) for n in ("1", "2")])
        accounts.apply_notice(AccountNotice("1", "errors", "131000"))
        accounts.apply_notice(AccountNotice(None, "quality", quality="RED"))
        assert [row.quality for row in accounts.everyone()] == ["RED", "RED"]
        accounts.apply_notice(AccountNotice(None, "account_update", "BAN", stops=True))
        assert len(accounts.stopped()) == 2

    def test_it_uploads_again_what_is_too_old(self) -> None:
        media.note("1", "a.jpg", "77")
        assert media.find("1", "a.jpg", clock.now()) == "77"
        assert media.find("1", "a.jpg", clock.now() + timedelta(days=26)) is None
        assert media.find("2", "a.jpg", clock.now()) is None
