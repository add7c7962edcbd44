"""Backups put back: without anybody coming back with them, and nothing leaves twice."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot import restore
from bot.app import open_city
from bot.city import City
from broadcasts import clock, db, journal
from broadcasts.channels.base import Text
from broadcasts.delivery import broadcasts, heartbeats, outbox, uncleared
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import BroadcastKind
from broadcasts.newsroom import archive as public
from broadcasts.newsroom import corrections, posts
from broadcasts.people.notices import StaffNotice
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import (
    archive,
    audit,
    dumps,
    erasure_log,
    repeating,
    restoring,
    retention,
)
from broadcasts.privacy.backups import Backup, BackupError
from broadcasts.privacy.erasure_log import Erasure, ErasureKey
from tests.delivery.makers import broadcast, reader, sent, states
from tests.privacy.makers import erase, made, put_back, with_picture
from tests.privacy.test_erasure import lively


def everything() -> dict[str, list[object]]:
    """Of each table of ours, but what a restore itself writes."""
    own = {"heartbeat", "staff_notice", "audit_entry", "audit_head", "sending_account", "figure"}
    own |= {"retention_report"}  # also what was asked today
    found: dict[str, list[object]] = {}
    for model in restoring._ours():
        name = model._meta.table_name
        if name not in own:
            found[name] = sorted(map(str, db.rows(model.select())))
    return found


def test_it_puts_everything_back(city: City) -> None:
    picture = with_picture(city, 1)
    posts.add(city.newsroom, posts.Written("Markt", on=clock.today(city.zone)))
    Delivery.update(due_at=None, state="read").execute()
    before = everything()
    backup = made(city)
    lively(2)
    Subscriber.update(wants="nothing").execute()
    picture.unlink()
    (city.config.media_dir / "new.jpg").write_bytes(b"x")
    done = put_back(city, backup, nothing_went_out=True)
    assert everything() == before
    assert picture.read_bytes() == b"picture of 1"
    assert not (city.config.media_dir / "new.jpg").exists()
    assert (done.erased_again, done.held_back, done.posts_used_up) == (0, 0, 0)
    assert audit.verify(city.audit_key).is_whole
    assert not (city.config.folder / restore.WORK).exists()


def test_it_brings_the_search_of_the_archive_back(city: City) -> None:
    row = sent({})
    post = posts.add(city.newsroom, posts.Written("Markt", on=clock.today(city.zone)))
    posts.mark_sent([post.id], row.id)
    corrections.add(post.id, "Am Bahnhof.", by="eva")
    backup = made(city)
    corrections.add(post.id, "Am Hafen.", by="eva")
    for _ in range(2):
        put_back(city, backup)
        assert [hit.title for hit in public.search(["bahnhof"])] == ["Markt"]
        assert public.search(["hafen"]) == []
    corrections.add(post.id, "Am Rathaus.", by="eva")
    assert [hit.title for hit in public.search(["rathaus", "bahnhof"])] == ["Markt"]


def test_it_says_how_many_entries_of_the_trail_are_gone(city: City) -> None:
    audit.record(city.audit_key, "eva", "post added", "post 1")
    backup = made(city)
    for number in (2, 3):
        audit.record(city.audit_key, "eva", "post added", f"post {number}")
    assert put_back(city, backup).audit_entries_lost == 2
    assert audit.verify(city.audit_key).is_whole
    assert audit.newest(act="backup restored")[0].detail["lost"] == 2
    told = [row.text for row in StaffNotice.select()]
    assert any("Entries missing" in text for text in told), told


def test_it_says_that_nobody_can_know_how_many_entries_are_gone(city: City) -> None:
    audit.record(city.audit_key, "eva", "post added", "post 1")
    backup = made(city)
    # Another machine: its own trail has not begun.
    audit.AuditEntry.delete().execute()
    audit.AuditHead.delete().execute()
    assert put_back(city, backup).audit_entries_lost is None
    assert "lost" not in audit.newest(act="backup restored")[0].detail


def test_it_repeats_the_erasures_since(city: City) -> None:
    picture, other = with_picture(city, 1), with_picture(city, 2)
    backup = made(city)
    one = Subscriber.get(Subscriber.wa_id == "4917604069001")
    code = erase(city, one)
    done = put_back(city, backup)
    assert done.erased_again == 1
    assert [row.wa_id for row in Subscriber.select()] == ["4917604069002"]
    assert not picture.exists()
    assert other.exists()
    assert not any("4917604069001" in row.body for row in journal.StrangeEntry.select())
    found = erasure_log.verify(code, city.key)
    assert found is not None
    assert Erasure.select().count() == 1


def test_it_leaves_who_came_back_after_an_erasure(city: City) -> None:
    erase(city, reader(1))
    reader(1)
    Subscriber.update(created_at=clock.now()).execute()
    backup = made(city)
    assert put_back(city, backup).erased_again == 0
    assert Subscriber.select().count() == 1


def test_it_lets_nothing_leave_twice(city: City) -> None:
    person = reader(1)
    reader(2)
    digest = broadcast()
    outbox.answer(person, Text("Antwort"))
    posts.add(city.newsroom, posts.Written("Markt", on=clock.today(city.zone)))
    backup = made(city)
    done = put_back(city, backup)
    assert done.held_back == 3
    assert states(digest) == ["unknown", "unknown"]
    assert not Delivery.select().where(Delivery.due_at.is_null(False)).exists()
    assert broadcasts.unfinished() == []
    assert done.posts_used_up == 1
    assert posts.queued(clock.today(city.zone)) == []
    assert broadcasts.digest_of(clock.today(city.zone)) is not None
    assert "opt-outs repeated" in str(StaffNotice.get().said)


def test_it_leaves_todays_digest_to_who_knows_that_none_has_gone_out(city: City) -> None:
    posts.add(city.newsroom, posts.Written("Markt", on=clock.today(city.zone)))
    backup = made(city)
    put_back(city, backup, nothing_went_out=True)
    assert len(posts.queued(clock.today(city.zone))) == 1


def test_it_reads_what_waited_in_the_journal(city: City) -> None:
    journal.append([journal.Arrival("whatsapp", b"{}", ["4917604069001"])])
    put_back(city, made(city))
    assert journal.is_drained()


@pytest.mark.parametrize("days", [59, 61])
def test_it_refuses_what_is_too_old(city: City, days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: now - timedelta(days=days))
        backup = made(city)
    ErasureKey.update(since=now - timedelta(days=70)).execute()
    if days < 60:
        put_back(city, backup)
    else:
        with pytest.raises(BackupError, match="61 days old"):
            put_back(city, backup)


def test_it_refuses_another_key_another_file_and_a_newer_version(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = made(city)
    strange = tmp_path / "strange.age"
    strange.write_bytes(b"no backup at all")
    with pytest.raises(BackupError, match="cannot be decrypted"):
        put_back(city, Backup(strange, clock.now()))
    monkeypatch.setattr("broadcasts.schema.known", lambda: ["0001_first_tables"])
    with pytest.raises(BackupError, match="newer version"):
        put_back(city, backup)
    (city.config.folder / ".env").write_text(f"BACKUP_KEY={archive.new_key()}")
    with pytest.raises(BackupError, match="cannot be decrypted"):
        put_back(city, backup)
    assert restoring.under_way() is None


def test_it_refuses_while_a_process_lives(city: City) -> None:
    backup = made(city)
    heartbeats.beat("other", "receiver")
    with pytest.raises(BackupError, match=r"running \(receiver\)"):
        restore.run(city, backup.path, nothing_went_out=False)


def test_it_is_finished_by_the_next_start(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies between putting in place and repeating the erasures."""
    backup = made_with_one_erased_since(city)

    def dies(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(restore, "finish", dies)
        with pytest.raises(KeyboardInterrupt):
            put_back(city, backup)
    assert Subscriber.select().count() == 1
    open_city(city.config.path)
    assert Subscriber.select().count() == 0
    assert restoring.under_way() is None


def made_with_one_erased_since(city: City) -> Backup:
    person = reader(1)
    backup = made(city)
    erase(city, person)
    return backup


def test_it_changes_nothing_where_the_database_refuses(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = made(city)
    reader(1)
    # As if a table of the backup could not be made.
    monkeypatch.setattr(restoring, "_ours", list)
    if db.is_sqlite():
        return
    with pytest.raises(BackupError, match="nothing was changed"):
        put_back(city, backup)
    assert Subscriber.select().count() == 1
    assert restoring.under_way() is None


@pytest.mark.sqlite
def test_it_goes_onto_a_machine_that_has_nothing(city: City, tmp_path: Path) -> None:
    with_picture(city, 1)
    backup = made(city)
    db.close_database()
    for path in city.config.folder.glob("*.db*"):
        path.unlink()
    fresh = open_city(city.config.path)
    put_back(fresh, backup, without_erasure_log=True)
    assert Subscriber.select().count() == 1
    with closing(sqlite3.connect(db.database.database)) as one:
        assert one.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_it_gives_no_number_of_a_delivery_twice(city: City) -> None:
    person = reader(1)
    backup = made(city)  # of a table that never had a row
    lost = outbox.answer(person, Text("Antwort"))
    put_back(city, backup)
    found = outbox.answer(Subscriber.get(), Text("Antwort"))
    assert found >= lost + restoring.AHEAD
    restoring.skip_numbers()
    assert outbox.answer(Subscriber.get(), Text("Antwort")) > found + restoring.AHEAD


def test_it_refuses_without_the_log_of_erasures(city: City) -> None:
    backup = made_with_one_erased_since(city)
    Erasure.delete().execute()
    ErasureKey.update(since=backup.made_at + timedelta(seconds=2)).execute()
    with pytest.raises(BackupError, match="--without-erasure-log"):
        put_back(city, backup)
    assert not Subscriber.select().exists()
    assert not (city.config.folder / restore.WORK).exists()
    put_back(city, backup, without_erasure_log=True)
    assert Subscriber.select().count() == 1
    assert any("without the log" in str(row.said) for row in StaffNotice.select())


def test_it_leaves_nothing_of_a_restore_that_was_cut_off(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = with_picture(city, 1)
    backup = made(city)
    picture.unlink()
    work = city.config.folder / restore.WORK

    def dies(*arguments: object) -> None:
        raise KeyboardInterrupt

    for module, name in ((restoring, "put_in_place"), (repeating, "repeat_erasures")):
        with monkeypatch.context() as dying:
            dying.setattr(module, name, lambda *arguments, **more: dies())
            with pytest.raises(KeyboardInterrupt):
                put_back(city, backup)
        assert work.exists()
        open_city(city.config.path)
        assert not work.exists()
    assert picture.read_bytes() == b"picture of 1"


def test_it_leaves_the_folder_of_a_restore_that_is_at_work(city: City) -> None:
    work = city.config.folder / restore.WORK
    with restore._working(work):
        open_city(city.config.path)
        assert work.exists()
        with pytest.raises(BackupError, match="another restore"):
            put_back(city, made(city))
    open_city(city.config.path)
    assert not work.exists()


def test_it_moves_the_pictures_back_where_the_disk_refuses(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = with_picture(city, 1)
    backup = made(city)
    picture.write_bytes(b"of today")
    other = city.config.media_dir / "zzz.jpg"
    other.write_bytes(b"today's, too")
    move = shutil.move

    def full(source: Path, target: Path) -> None:
        if restore.WORK in source.parts and "media.before" not in source.parts:
            raise OSError("no space left on device")
        move(source, target)

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "move", full)
        # The database's own move is another one.
        disk.setattr(dumps, "_replace_sqlite", lambda database, dump: os.replace(dump, database))
        with pytest.raises(BackupError, match="no space left"):
            put_back(city, backup)
    assert picture.read_bytes() == b"of today"
    assert other.exists()
    open_city(city.config.path)
    assert picture.read_bytes() == b"picture of 1"
    assert not other.exists()


def test_it_keeps_the_log_of_sqlite_until_the_new_file_lies_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, wal, dump = (tmp_path / name for name in ("live.db", "live.db-wal", "dump"))
    for path in (live, wal, dump):
        path.write_bytes(b"x")

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(shutil, "move", full)
    with pytest.raises(OSError, match="no space"):
        dumps._replace_sqlite(live, dump)
    assert wal.exists()
    assert not (tmp_path / "live.db.restoring").exists()


def test_it_takes_no_alert_of_the_backup_for_one_in_force(city: City) -> None:
    alert = broadcast(kind=BroadcastKind.ALERT)
    update = broadcast(kind=BroadcastKind.UPDATE, follows=alert.id)
    for row in (alert, update):
        broadcasts.mark_finished(row.id, clock.now())
    assert uncleared.open_alerts(clock.now())
    put_back(city, made(city))
    assert uncleared.open_alerts(clock.now()) == []
    assert retention.was_asked(clock.today(city.zone))
    assert "Alerts that were in force" in str(StaffNotice.get().said)
