"""`stadtbote digest …`."""

from broadcasts.delivery import templates
from tests.bot.commands.makers import Run, Say, readers, today
from tests.system import System


def test_it_previews_and_sends_todays_digest_once(run: Run, say: Say) -> None:
    readers(2)
    assert "no post is queued" in run("digest", "send", status=1)
    run("post", "add", "Markt", "--on", str(today()))
    preview = run("digest", "preview")
    assert set(preview) >= {"on", "posts", "recipients", "renditions", "cost"}
    assert set(preview["cost"]) >= {"currency", "amount", "priced_on"}
    assert "2 recipients" in say("digest", "preview")
    sent = run("digest", "send")
    assert sent["recipients"] == sent["queued"] == 2
    assert "already" in run("digest", "send", status=1)


def test_it_says_which_template_a_digest_needs(system: System, run: Run) -> None:
    readers(1, window=False)
    run("post", "add", "Markt", "--on", str(today()))
    templates.note_refused("whatsapp", "digest_1", "de", "PAUSED")
    assert "digest_1 (de)" in run("digest", "send", status=1)


def test_it_says_that_a_digest_would_pass_the_months_budget(system: System, run: Run) -> None:
    readers(1, window=False)
    run("post", "add", "Markt", "--on", str(today()))
    text = system.config.read_text()
    text = text.replace('per_month = "0"', 'per_month = "0.05"')
    system.config.write_text(text.replace("hard_cap = false", "hard_cap = true"))
    assert "this digest costs about 0.11 EUR" in run("digest", "send", status=1)
    preview = run("digest", "preview", status=1)
    assert "its posts wait for the next month" in preview["warnings"][-1]
    assert [post["state"] for post in run("post", "list")] == ["queued"]
