"""The commands as an operator calls them: what they print, what they refuse, with which status."""

import io
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.cli import build_parser, main
from broadcasts import clock, db
from broadcasts.delivery import accounts, broadcasts, templates
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.states import DeliveryState
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.privacy import erasure_log, moving_in
from tests.delivery.makers import broadcast, reader
from tests.newsroom.makers import BERLIN
from tests.processes import free_port
from tests.system import NUMBER, System, beat_everywhere, running, write_config

Run = Callable[..., Any]


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    """A city whose loops stand still: commands are looked at, nothing moves by itself."""
    with running(
        tmp_path, database_url, loops=False, public_url='"https://bote.musterstadt.de"'
    ) as system:
        beat_everywhere()
        yield system


@pytest.fixture
def run(system: System, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command with --json: gives the object, or with status 1 what is on standard error."""

    def call(*words: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*words, "--json", "--config", str(system.config)]) == status
        printed = capsys.readouterr()
        if status and not printed.out:
            assert "stadtbote: " in printed.err
            return printed.err
        return json.loads(printed.out)

    return call


@pytest.fixture
def say(system: System, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """A command for people: gives what is printed."""

    def call(*words: str, status: int = 0) -> str:
        capsys.readouterr()
        assert main(["--config", str(system.config), *words]) == status
        return capsys.readouterr().out

    return call


def readers(number: int, **more: Any) -> list[Subscriber]:
    people = [reader(index, **more) for index in range(1, number + 1)]
    Subscriber.update(account=NUMBER).execute()
    return people


# ------------------------------------------------------------------ posts


def test_it_queues_lists_and_withdraws_posts(run: Run) -> None:
    on = str(clock.now().date().replace(year=2099))
    post = run("post", "add", "Markt", "--text", "Samstag", "--on", on, "--topic", "Markt")
    assert (post["state"], post["on"]) == ("queued", on)
    assert [row["id"] for row in run("post", "list")] == [post["id"]]
    assert run("post", "withdraw", str(post["id"]))["state"] == "withdrawn"
    assert "already" in run("post", "withdraw", str(post["id"]), status=1)


def test_it_refuses_a_post_with_every_reason_in_one_line(run: Run, tmp_path: Path) -> None:
    said = run("post", "add", " ", "--link", "nirgends", "--image", str(tmp_path), status=1)
    assert said.count("\n") == 1
    assert all(word in said for word in ("title", "link", "image"))


# ------------------------------------------------------------------ digest


def test_it_previews_and_sends_todays_digest_once(run: Run, say: Callable[..., str]) -> None:
    readers(2)
    assert "no post is queued" in run("digest", "send", status=1)
    run("post", "add", "Markt", "--on", str(_today()))
    preview = run("digest", "preview")
    assert set(preview) >= {"on", "posts", "recipients", "renditions", "cost"}
    assert set(preview["cost"]) >= {"currency", "amount", "priced_on"}
    assert "2 recipients" in say("digest", "preview")
    sent = run("digest", "send")
    assert sent["recipients"] == sent["queued"] == 2
    assert "already" in run("digest", "send", status=1)


def _today() -> date:
    return clock.today(BERLIN)


def test_it_says_which_template_a_digest_needs(system: System, run: Run) -> None:
    readers(1, window=False)
    run("post", "add", "Markt", "--on", str(_today()))
    templates.note_refused("whatsapp", "digest_1", "de", "PAUSED")
    assert "digest_1 (de)" in run("digest", "send", status=1)


def test_it_says_that_a_digest_would_pass_the_months_budget(system: System, run: Run) -> None:
    readers(1, window=False)
    run("post", "add", "Markt", "--on", str(_today()))
    text = system.config.read_text()
    text = text.replace('per_month = "0"', 'per_month = "0.05"')
    system.config.write_text(text.replace("hard_cap = false", "hard_cap = true"))
    assert "this digest costs about 0.11 EUR" in run("digest", "send", status=1)
    preview = run("digest", "preview", status=1)
    assert "its posts wait for the next month" in preview["warnings"][-1]
    assert [post["state"] for post in run("post", "list")] == ["queued"]


# ------------------------------------------------------------------ alert


def test_it_sends_follows_up_and_clears_an_alert(run: Run, say: Callable[..., str]) -> None:
    readers(3)
    alert = run("alert", "send", "Sturm", "--title", "Unwetter", "--expires-in", "30", "--yes")
    assert alert["recipients"] == 3
    number = str(alert["broadcast_id"])
    Delivery.update(state="sent", due_at=None).execute()
    run("alert", "update", number, "Noch stärker", "--yes")
    Delivery.update(state="sent", due_at=None).execute()
    printed = say("alert", "clear", number, "Vorbei", "--yes")
    assert "3 recipients" in printed
    assert "all-clear" in run("alert", "update", number, "Zu spät", "--yes", status=1)


def test_it_asks_before_an_alert(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readers(1)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert "--yes" in run("alert", "send", "Sturm", status=1)
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", Terminal("nein\n"))
    assert "The alert would reach all readers (1)" in run("alert", "send", "Sturm", status=1)
    monkeypatch.setattr(sys, "stdin", Terminal("ja\n"))
    assert run("alert", "send", "Sturm")["broadcast_id"] == 1


def test_it_says_how_ready_it_is(run: Run, say: Callable[..., str]) -> None:
    readers(2, window=False)
    found = run("readiness")
    assert found["ready"]
    (channel,) = found["channels"]
    assert (channel["channel"], channel["readers"], channel["by_template"]) == ("whatsapp", 2, 2)
    assert channel["day_limit"] is None  # the provider has not been asked yet
    assert channel["templates"]["alert_2h (de)"] == "APPROVED"
    assert set(channel["minutes"]) == {"50", "95", "100"}
    assert "The alert would reach all readers (2)" in say("readiness")


def test_it_refuses_an_alert_without_words(run: Run) -> None:
    readers(1)
    assert "empty" in run("alert", "send", " ", "--yes", status=1)
    assert "no broadcast 99" in run("alert", "clear", "99", "Vorbei", "--yes", status=1)


# ------------------------------------------------------------------ broadcasts


def test_it_shows_each_figure_and_every_cause(run: Run) -> None:
    readers(3)
    digest = broadcast()
    rows = list(Delivery.select())
    for row, state in zip(rows, ("read", "failed", "queued"), strict=True):
        Delivery.update(state=state).where(Delivery.id == row.id).execute()
    Delivery.update(outcome="unreachable", code="131026").where(
        Delivery.state == "failed"
    ).execute()
    shown = run("broadcast", "show", str(digest.id))
    keys = [str(state) for state in DeliveryState]
    assert sum(shown[key] for key in keys) == shown["recipients"] == 3
    assert shown["failures"] == {"failed unreachable 131026": 1}
    assert run("broadcast", "list")[0]["id"] == digest.id
    assert "no broadcast" in run("broadcast", "show", "99", status=1)


def test_it_follows_a_broadcast_to_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.commands import broadcasts as command

    readers(1)
    digest = broadcast()

    def finish(seconds: float) -> None:
        Delivery.update(state="sent", due_at=None).execute()
        broadcasts.mark_finished(digest.id, clock.now())

    monkeypatch.setattr(command.time, "sleep", finish)
    assert run("broadcast", "show", str(digest.id), "--follow")["state"] == "finished"


def test_it_stops_in_panic_once(run: Run) -> None:
    readers(2)
    digest = broadcast()
    assert run("broadcast", "stop", str(digest.id))["cancelled"] == 2
    assert "already" in run("broadcast", "stop", str(digest.id), status=1)


def test_it_lets_a_held_broadcast_go_on(run: Run) -> None:
    readers(1)
    digest = broadcast()
    assert "not held" in run("broadcast", "resume", str(digest.id), status=1)
    broadcasts.hold(digest.id, "wrong_template 132000")
    assert run("broadcast", "resume", str(digest.id))["state"] == "writing"


# ------------------------------------------------------------------ subscribers


def test_it_counts_readers(run: Run, say: Callable[..., str]) -> None:
    readers(2)
    reader(7, Wants.ALERTS_ONLY)
    reader(8, Wants.STOPPED)
    reader(9, Wants.NOTHING)
    assert run("subscribers", "count") == {
        "active": 3,
        "alerts_only": 1,
        "stopped": 1,
        "retired": 0,
        "by_channel": {"whatsapp": 3},
    }
    assert "active: 3" in say("subscribers", "count")


def test_it_takes_readers_in(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leser.csv"
    file.write_text(
        "channel,address,language,opted_in_at,evidence\n"
        "whatsapp,+49 176 04069001,de,2026-05-01,Formular\n"
        "whatsapp,+49 176 04069002,de,2026-05-01,\n"
    )
    report = run("subscribers", "import", str(file))
    assert (report["imported"], report["unchanged"]) == (1, 0)
    assert report["refused"][0]["line"] == 3
    assert "fehlt.csv" in run("subscribers", "import", str(tmp_path / "fehlt.csv"), status=1)


def test_it_takes_in_the_documented_examples(run: Run, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "moving-in.md").read_text(encoding="utf-8")
    examples = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    for number, example in enumerate(examples):
        file = tmp_path / f"{number}.csv"
        file.write_text(example, encoding="utf-8")
        expected = {"imported": example.count("whatsapp"), "unchanged": 0, "refused": []}
        tried = run("subscribers", "import", str(file), "--dry-run")
        assert tried == {**expected, "dry_run": True}
        assert run("subscribers", "import", str(file)) == expected
    assert len(examples) == 2
    assert all(f"`{column}`" in text for column in moving_in.COLUMNS)


def test_it_names_every_reason_in_the_documentation() -> None:
    """Each sentence with which a row is refused, without what changes in it."""
    text = (Path(__file__).parents[2] / "docs" / "moving-in.md").read_text(encoding="utf-8")
    source = Path(moving_in.__file__).read_text(encoding="utf-8")
    for said in re.findall(r'RefusedRowError\(f?"([^"{]+)', source):
        assert said.strip().partition(": ")[2] in text, said


@pytest.mark.parametrize("spelling", ["+49 176 04069001", "0176 04069001", "4917604069001"])
def test_it_exports_one_person_by_any_spelling(run: Run, spelling: str) -> None:
    readers(1)
    assert run("subscribers", "export", "whatsapp", spelling)["wa_id"] == "4917604069001"


def test_it_erases_one_person(system: System, run: Run) -> None:
    readers(2)
    code = run("subscribers", "erase", "whatsapp", "+49 176 04069001")["code"]
    assert erasure_log.verify(code, system.city.key)
    assert Subscriber.select().count() == 1
    assert system.sandbox.world.forgotten == ["4917604069001"]
    for command in ("export", "erase"):
        assert "nobody" in run("subscribers", command, "whatsapp", "+49 176 04069001", status=1)


def test_it_refuses_addresses_and_channels_it_does_not_know(run: Run) -> None:
    assert "phone number" in run("subscribers", "export", "whatsapp", "Rathaus", status=1)
    assert "no such channel" in run("subscribers", "erase", "signal", "1", status=1)


# ------------------------------------------------------------------ templates


def test_it_lists_and_syncs_templates(system: System, run: Run) -> None:
    rows = run("templates", "list")
    assert {"name", "language", "category", "state", "quality"} == set(rows[0])
    system.sandbox.call(system.sandbox.world.templates.clear)
    assert len(run("templates", "sync")["created"]) == len(rows)
    assert run("templates", "sync")["created"] == []


def test_it_says_when_the_provider_refuses(system: System, run: Run) -> None:
    system.sandbox.replace_token("another")
    assert "code 190" in run("templates", "list", status=1)


# ------------------------------------------------------------------ doctor


def test_it_finds_nothing_wrong_with_a_healthy_city(run: Run) -> None:
    found = run("doctor")
    assert found["ok"] is True
    assert {"configuration", "database", "whatsapp.credentials", "templates", "disk", "clock"} <= {
        check["id"] for check in found["checks"]
    }


def test_it_names_what_is_wrong(system: System, run: Run) -> None:
    readers(1)
    digest = broadcast()
    broadcasts.hold(digest.id, "template_paused 132015")
    accounts.stop(NUMBER, accounts.Outcome.CREDENTIALS, "190")
    system.sandbox.set_template("alert_2h", "de", "PAUSED")
    (system.config.parent / ".env").chmod(0o644)
    found = run("doctor", status=1)
    wrong = {check["id"] for check in found["checks"] if not check["ok"]}
    assert wrong == {
        "configuration",
        "templates",
        f"number.{NUMBER}",
        f"broadcast.{digest.id}",
    }


def test_it_tells_an_expired_token(system: System, run: Run) -> None:
    system.sandbox.replace_token("another")
    checks = {check["id"]: check for check in run("doctor", status=1)["checks"]}
    assert "190" in checks["whatsapp.credentials"]["detail"]
    assert "new access token" in checks["whatsapp.credentials"]["remedy"]


def test_it_says_what_to_do(system: System, say: Callable[..., str]) -> None:
    system.sandbox.replace_token("another")
    assert "→ Put a new access token into .env" in say("doctor", status=1)


# ------------------------------------------------------------------ the rest


def test_it_writes_a_new_city_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--dir", str(tmp_path / "neu")]) == 0
    assert main(["init", "--dir", str(tmp_path / "neu")]) == 1
    assert "there already" in capsys.readouterr().err


def test_it_keeps_the_database_from_other_users(tmp_path: Path) -> None:
    assert main(["--config", str(write_config(tmp_path)), "migrate"]) == 0
    db.close_database()
    assert (tmp_path / "stadtbote.db").stat().st_mode & 0o077 == 0


def test_it_migrates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path)
    assert main(["--config", str(config), "migrate"]) == 0
    assert main(["--config", str(config), "migrate", "--json"]) == 0
    assert capsys.readouterr().out.endswith('{"applied": []}\n')
    db.close_database()


@pytest.mark.parametrize("which", ["--port", "--phone-port"])
def test_it_says_in_one_line_that_a_port_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    ports = {"--port": free_port(), "--phone-port": free_port()}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ports[which] = listener.getsockname()[1]
        words = [word for name, port in ports.items() for word in (name, str(port))]
        assert main(["demo", "--dir", str(tmp_path), *words]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert str(ports[which]) in printed.err


def test_it_says_in_one_line_that_the_driver_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    config = write_config(tmp_path, url='"postgresql://localhost/bote"')
    for command in (["migrate"], ["subscribers", "count"], ["serve"]):
        assert main(["--config", str(config), *command]) == 1
        said = capsys.readouterr().err
        assert "stadtbote[postgres]" in said
        assert "Traceback" not in said


def test_it_names_every_mistake_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, time='"25:00"', language='"fr"')
    assert main(["--config", str(config), "doctor"]) == 1
    said = capsys.readouterr().err
    assert "digest.time" in said
    assert "city.language" in said


@pytest.mark.parametrize(
    "words", [[], ["tanzen"], ["post", "add"], ["digest", "preview", "--on", "gestern"]]
)
def test_it_exits_2_on_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def commands(parser: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for action in parser._actions:
        if hasattr(action, "choices") and isinstance(action.choices, dict):
            for name, child in action.choices.items():
                yield from commands(child, (*path, name))
            return
    yield path


@pytest.mark.parametrize("words", list(commands(build_parser())), ids=" ".join)
def test_it_helps_with_each_command(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*words, "--help"])
    assert caught.value.code == 0
    assert "--config" in capsys.readouterr().out


def test_it_survives_a_reader_that_has_seen_enough(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    inward, outward = os.pipe()
    os.close(inward)
    with os.fdopen(outward, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(["--config", str(system.config), "post", "list"]) == 0


def test_it_says_when_the_database_does_not_answer(
    system: System, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise db.DatabaseError("disk I/O error")

    monkeypatch.setattr("bot.commands.posts.posts.listing", broken)
    assert "disk I/O error" in run("post", "list", status=1)
