"""`stadtbote post …`."""

from datetime import timedelta
from pathlib import Path

from PIL import Image

from broadcasts import clock
from tests.bot.commands.makers import Run


def test_it_queues_lists_and_withdraws_posts(run: Run) -> None:
    on = str(clock.now().date() + timedelta(days=300))
    post = run("post", "add", "Markt", "--text", "Samstag", "--on", on, "--topic", "Markt")
    assert (post["state"], post["on"]) == ("queued", on)
    assert [row["id"] for row in run("post", "list")] == [post["id"]]
    assert run("post", "withdraw", str(post["id"]))["state"] == "withdrawn"
    assert "already" in run("post", "withdraw", str(post["id"]), status=1)


def test_it_takes_a_picture_with_what_it_shows(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "markt.png"
    Image.new("RGB", (40, 30), "#c0392b").save(picture)
    made = run("post", "add", "Markt", "--image", str(picture), "--image-alt", " Am Fluss ")
    assert made["image_alt"] == "Am Fluss"
    assert made["image"]
    assert "300" in run("post", "add", "Markt", "--image-alt", "x" * 301, status=1)


def test_it_refuses_a_post_with_every_reason_in_one_line(run: Run, tmp_path: Path) -> None:
    said = run("post", "add", " ", "--link", "nirgends", "--image", str(tmp_path), status=1)
    assert said.count("\n") == 1
    assert all(word in said for word in ("title", "link", "image"))
