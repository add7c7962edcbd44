"""`stadtbote doctor`."""

from broadcasts.delivery import accounts, holds
from tests.bot.commands.makers import Run, Say, readers
from tests.delivery.makers import broadcast
from tests.system import NUMBER, System


def test_it_finds_nothing_wrong_with_a_healthy_city(run: Run) -> None:
    found = run("doctor")
    assert found["ok"] is True
    assert {"configuration", "database", "whatsapp.credentials", "templates", "disk", "clock"} <= {
        check["id"] for check in found["checks"]
    }


def test_it_says_what_nobody_has_looked_at(run: Run, say: Say) -> None:
    found = {check["id"]: check for check in run("doctor")["checks"]}
    for id in ("backup", "privacy_notice"):
        assert (found[id]["ok"], found[id]["level"]) == (True, "none")
    assert found["disk"]["level"] == "ok"
    lines = say("doctor")
    assert "--   backup: there is none yet, and none was due" in lines
    assert "ok   backup" not in lines


def test_it_names_what_is_wrong(system: System, run: Run) -> None:
    readers(1)
    digest = broadcast()
    holds.hold(digest.id, "template_paused 132015")
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


def test_it_says_which_template_a_broadcast_does_without(run: Run) -> None:
    readers(1)
    digest = broadcast()
    for name in ("digest_1", "digest_2"):
        holds.refuse(
            digest.id, holds.RefusedTemplate("whatsapp", name, "de", "wrong_template 132001")
        )
    found = {check["id"]: check for check in run("doctor", status=1)["checks"]}
    said = found[f"broadcast.{digest.id}"]
    assert said["level"] == "warn"
    assert "refuses digest_1 (de), digest_2 (de) (wrong_template 132001)" in said["detail"]
    shown = run("broadcast", "show", str(digest.id))["refused"]
    assert [one["name"] for one in shown] == ["digest_1", "digest_2"]
    holds.hold_refused(digest.id)
    held = {check["id"]: check for check in run("doctor", status=1)["checks"]}
    assert held[f"broadcast.{digest.id}"]["detail"] == (
        "held: wrong_template 132001: digest_1 (de), digest_2 (de)"
    )


def test_it_tells_an_expired_token(system: System, run: Run) -> None:
    system.sandbox.replace_token("another")
    checks = {check["id"]: check for check in run("doctor", status=1)["checks"]}
    assert "190" in checks["whatsapp.credentials"]["detail"]
    assert "new access token" in checks["whatsapp.credentials"]["remedy"]


def test_it_says_what_to_do(system: System, say: Say) -> None:
    system.sandbox.replace_token("another")
    assert "→ Put a new access token into .env" in say("doctor", status=1)
