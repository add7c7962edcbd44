"""/healthz, /metrics and the public page: what a supervisor, a graph and a citizen see."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bot import checks, filled_in, health
from bot.app import build, create_web
from bot.config import load
from bot.family import Family
from broadcasts import clock, db, journal
from broadcasts.delivery import heartbeats
from broadcasts.delivery.heartbeats import Heartbeat
from broadcasts.saying import say
from tests.delivery.makers import broadcast, reader
from tests.system import VERIFY_TOKEN, System, beat_everywhere, running, write_config


@pytest.fixture
def system(tmp_path: Path, database_url: str) -> Iterator[System]:
    with running(tmp_path, database_url, loops=False) as system:
        yield system


def get(system: System, path: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}")


def test_it_is_well(system: System) -> None:
    answer = get(system, "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "warnings": []})


def test_it_names_a_silent_loop(system: System) -> None:
    app = create_web(system.city, Family(("sender", "receiver"), "7"))
    heartbeats.beat("7", "receiver")
    heartbeats.beat("8", "sender")  # another process's sender does not count
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["problems"] == ["sender: no sign of life"]
    with clock.travel(clock.now() + timedelta(minutes=1)):
        assert len(app.test_client().get("/healthz").get_json()["problems"]) == 2


def test_it_names_a_door_that_can_keep_nothing_any_more(system: System) -> None:
    client = create_web(system.city, Family(door="9")).test_client()
    assert client.get("/healthz").status_code == 200, "it has not begun yet"
    heartbeats.beat("9", heartbeats.DOOR)
    assert client.get("/healthz").status_code == 200
    with clock.travel(clock.now() + timedelta(minutes=1)):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["problems"] == ["web: no sign of life"]


def test_it_misses_no_loops_that_run_elsewhere(system: System) -> None:
    with clock.travel(clock.now() - timedelta(hours=1)):
        heartbeats.beat("1", "sender")
    assert get(system, "/healthz").status_code == 200


def test_it_names_a_database_that_does_not_answer(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(family: object) -> None:
        raise db.DatabaseError("gone")

    monkeypatch.setattr("bot.health.silent_parts", broken)
    answer = get(system, "/healthz")
    assert answer.status_code == 503
    assert "database" in answer.json()["problems"][0]


def test_it_warns_of_updates_that_wait(system: System) -> None:
    journal.JournalEntry.delete().execute()
    with clock.travel(clock.now() - timedelta(minutes=5)):
        journal.append([journal.Arrival("whatsapp", b"{}", [])])
    assert "journal: waits" in get(system, "/healthz").json()["warnings"][0]


def test_it_shows_figures_without_a_person(system: System) -> None:
    reader(1)
    broadcast()
    text = get(system, "/metrics").text
    assert 'stadtbote_subscribers{wants="active"} 1.0' in text
    assert 'kind="digest",state="queued"} 1.0' in text
    assert "4917604069001" not in text


def test_it_shows_figures_to_nobody_who_comes_through_the_web_server(system: System) -> None:
    answer = httpx.get(f"{system.url}/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 404


def test_it_invites_citizens(system: System) -> None:
    answer = get(system, "/")
    assert "https://wa.me/4917604069000?text=Start" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_it_shows_pictures_and_nothing_else_of_the_folder(system: System) -> None:
    media = system.city.config.media_dir
    media.mkdir()
    (media / "abc.jpg").write_bytes(b"\xff\xd8")
    (media / "geheim.txt").write_text("geheim")
    assert get(system, "/media/abc.jpg").status_code == 200
    for path in ("/media/geheim.txt", "/media/fehlt.jpg", "/media/..%2f.env", "/media/../.env"):
        assert get(system, path).status_code == 404


@pytest.mark.parametrize("secret", ["a" * 48, "abcabcabcabcabcabcabcabcabcabcabc", "kurz"])
def test_it_knows_a_secret_that_somebody_has_typed(secret: str) -> None:
    assert filled_in.is_weak(secret)


def test_it_names_weak_secrets_and_shows_none(system: System) -> None:
    found = {check.id: check for check in health.examine(system.city)}
    assert found["secrets"].ok
    env = system.config.parent / ".env"
    env.write_text(env.read_text().replace(f"={VERIFY_TOKEN}", "=abcabcabcabcabcabcabcabc"))
    system.city.config._look_again.clear()
    weak = next(check for check in health.examine(system.city) if check.id == "secrets")
    assert not weak.ok
    assert weak.detail == "WHATSAPP_VERIFY_TOKEN is easy to guess"


# ------------------------------------------------------------------ doctor


def check(system: System, id: str) -> checks.Check:
    return next(one for one in health.examine(system.city) if one.id == id)


def test_it_names_the_values_of_the_example_that_are_left(system: System) -> None:
    found = check(system, "examples")
    assert (found.ok, found.stops) == (False, True)
    assert "city.public_url = https://bote.musterstadt.example" in found.detail
    # The stand-in has the example's numbers: they are right here.
    assert "1234567890" not in found.detail


def test_it_names_the_examples_numbers_where_the_provider_itself_is_meant(tmp_path: Path) -> None:
    real = load(write_config(tmp_path, name='"FILL IN"'))
    left = dict(filled_in.examples_left(build(real)))
    assert left == {
        "city.name": "FILL IN",
        "city.public_url": "https://bote.musterstadt.example",
        "whatsapp.phone_id": "1234567890",
        "whatsapp.waba_id": "9876543210",
        "whatsapp.number": "+49 176 04069000",
    }


def test_it_says_when_nobody_receives_or_sends(system: System) -> None:
    Heartbeat.delete().execute()
    assert "no process is running: receiver, writer, sender" in check(system, "processes").detail
    beat_everywhere()
    assert check(system, "processes").ok
    Heartbeat.delete().where(Heartbeat.part.startswith("sender")).execute()
    found = check(system, "processes")
    assert (found.ok, found.detail) == (False, "not running: sender")


@pytest.mark.parametrize(
    ("seconds", "said"), [(90, "behind the provider's"), (-90, "ahead of the provider's")]
)
def test_it_compares_its_clock_with_the_providers(system: System, seconds: int, said: str) -> None:
    system.sandbox.advance(5)
    assert check(system, "clock").ok
    system.sandbox.advance(seconds)
    found = check(system, "clock")
    assert not found.ok
    assert said in found.detail


def test_it_says_when_the_token_ends(system: System) -> None:
    assert check(system, "whatsapp.token").ok
    for days, ok in ((30, True), (13, False)):
        ends = clock.now() + timedelta(days=days)
        system.sandbox.world.token_until = int(ends.timestamp())
        found = check(system, "whatsapp.token")
        assert found.ok is ok
        assert str(ends.year) in found.detail


def test_it_keeps_what_the_provider_said_with_its_age(system: System) -> None:
    assert health.known(system.city)[1] is None
    system.sandbox.replace_token("another")
    health.ask(system.city)
    found, asked_at = health.known(system.city)
    assert asked_at is not None
    refused = next(one for one in found if one.id == "whatsapp.credentials")
    assert "code 190" in refused.detail
    assert refused.level == "bad"


def test_it_keeps_that_something_was_not_looked_at() -> None:
    unseen = checks.Check("clock", True, say("the provider has not said its time"), is_known=False)
    assert checks.from_kept(checks.kept(unseen)).level == "none"
    before = {key: value for key, value in checks.kept(unseen).items() if key != "is_known"}
    assert checks.from_kept(before).level == "ok"  # kept by an older version


def test_it_calls_what_can_wait_a_warning(system: System) -> None:
    beat_everywhere()
    system.sandbox.set_template("alert_2h", "de", "PAUSED")
    levels = {one.id: one.level for one in health.examine(system.city)}
    assert (levels["templates"], levels["database"]) == ("warn", "ok")


def test_it_says_what_the_privacy_notice_lacks_where_citizens_are_real(tmp_path: Path) -> None:
    for url, is_ok in (("https://graph.facebook.com", False), ("http://127.0.0.1:9", True)):
        folder = tmp_path / str(is_ok)
        found = filled_in.checks(build(load(write_config(folder, graph_url=f'"{url}"'))))
        (check,) = (check for check in found if check.id == "privacy_notice")
        assert check.ok is is_ok
        assert ("privacy.controller" in str(check.detail)) is not is_ok


def test_it_says_whether_the_contact_card_has_its_picture(tmp_path: Path) -> None:
    config = write_config(tmp_path, picture='"wappen.png"')

    def found() -> list[bool]:
        checks = filled_in.checks(build(load(config)))
        return [check.ok for check in checks if check.id == "contact_picture"]

    assert found() == [False]
    Image.new("RGB", (40, 40)).save(tmp_path / "wappen.png")
    assert found() == [True]
    config.write_text(config.read_text().replace('"wappen.png"', '""'))
    assert found() == []
