"""Debian's Chromium, driven by Playwright, in front of a running service."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from broadcasts import figures
from broadcasts.people.staff import Role
from tests.desk.visitor import PASSWORD, account
from tests.system import System, running

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if request.config.getoption("--require-browser"):
            pytest.fail("no Chromium is installed")
        # A newcomer without a browser still runs the rest; CI asks for one.
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[System]:
    """The whole service on SQLite with its loops and stand-in."""
    url = f"sqlite:///{tmp_path / 'stadtbote.db'}"
    more = "\n[business_hours]\n"
    with running(tmp_path, url, public_url='"http://localhost"', more=more) as system:
        yield system
        figures.finish()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(chromium: Browser, service: System) -> Iterator[SignIn]:
    """`sign_in(Role.PRESS)`: a fresh browser window, signed in. What a page's own script or policy
    complains about fails the test."""
    windows = []
    complaints: list[str] = []

    def enter(*roles: Role, language: str = "de", width: int = 1280) -> Page:
        import pyotp

        name = "-".join([*sorted(roles), language, str(len(windows))])
        secret = account(service.city, name, *roles, language=language)
        context = chromium.new_context(
            base_url=service.url, viewport={"width": width, "height": 900}, locale="de-DE"
        )
        windows.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{said.text} {said.location}") if said.type == "error" else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/desk/")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main form.card button")
        if "/code" in page.url:
            page.fill("#code", pyotp.TOTP(secret).now())
            page.click("main form.card button")
        page.wait_for_url("**/desk/")
        return page

    yield enter
    for window in windows:
        window.close()
    assert complaints == []


def check_accessible(page: Page) -> None:
    """WCAG 2.2 AA as far as a machine can tell, and nothing to scroll sideways."""
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"
