"""Writing a post in a real browser: what its picture shows."""

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from broadcasts.newsroom.posts import Post
from broadcasts.people.staff import Role
from tests.browser.conftest import SignIn, check_accessible
from tests.system import System

pytestmark = pytest.mark.long


@pytest.mark.parametrize("width", [1280, 360])
def test_it_reminds_of_a_picture_that_nobody_has_described(
    service: System, sign_in: SignIn, tmp_path: Path, width: int
) -> None:
    picture = tmp_path / "markt.png"
    Image.new("RGB", (900, 500), "#12507b").save(picture)
    page = sign_in(Role.PRESS, width=width)
    page.goto("/desk/posts/new")
    reminder = page.locator("#without-alt")
    expect(reminder).to_be_hidden()
    page.fill("#title", "Wochenmarkt")
    page.set_input_files("#image", picture)
    expect(reminder).to_be_visible()
    check_accessible(page)
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/post-form-{width}.png", full_page=True)
    page.fill("#image_alt", "Stände am Fluss")
    expect(reminder).to_be_hidden()
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_text("Eingereiht für")).to_be_visible()
    assert Post.get().image_alt == "Stände am Fluss"
    expect(page.get_by_role("img", name="Stände am Fluss")).to_be_visible()
