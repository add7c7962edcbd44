"""Takes the pictures of docs/pictures from a running demonstration, with Debian's Chromium
(and fonts-noto-color-emoji).

Owns: which pages are shown. Never: a test. Run by `make pictures`; look at what it has made.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
PORT, PHONE_PORT = 8040, 8041

NEXT_POST = "the next post"
"""The page of the one that stands first in the queue: its number is known only there."""

PAGES = (
    ("presse", "desk-today", "/desk/", 1200),
    ("presse", "desk-posts", "/desk/posts/", 1200),
    ("presse", "desk-post", NEXT_POST, 1200),
    ("presse", "desk-digest", "/desk/digest/", 1200),
    ("presse", "desk-inbox", "/desk/inbox/", 1200),
    ("lage", "desk-alert", "/desk/alerts/", 1200),
    ("lage", "desk-alert-phone", "/desk/alerts/new?prepared=1", 390),
    ("presse", "desk-broadcast", "/desk/broadcasts/30", 1200),
    ("presse", "desk-statistics", "/desk/statistics/", 1200),
    ("verwaltung", "desk-health", "/desk/health/", 1200),
)
"""Account, name of the picture, page, width in pixels."""

TALLEST = 1300

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium is installed (Debian: apt install chromium)")
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="stadtbote-pictures-") as folder:
        demo, password = _start(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                _take(browser, password, wanted)
        finally:
            demo.terminate()
            demo.wait()
    return 0


def _start(folder: Path) -> "tuple[subprocess.Popen[str], str]":
    words = ["demo", "--port", str(PORT), "--phone-port", str(PHONE_PORT), "--dir", str(folder)]
    demo = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if found := re.search(r"Passwort (\S+):", line):
            break
    else:
        sys.exit("the demonstration did not start")
    for _ in range(100):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/healthz").status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    time.sleep(15)  # until citizens have written and figures are counted
    return demo, found[1]


def _take(browser: Browser, password: str, wanted: set[str]) -> None:
    windows: dict[str, Page] = {}
    for account, name, path, width in PAGES:
        if wanted and name not in wanted:
            continue
        page = windows.get(account) or windows.setdefault(
            account, _sign_in(browser, account, password)
        )
        page.set_viewport_size({"width": width, "height": 800})
        if path == NEXT_POST:
            page.goto("/desk/posts/")
            path = page.locator(".day .post h3 a").first.get_attribute("href") or ""
        page.goto(path)
        page.wait_for_timeout(1500)  # figures that are counted behind the page's back
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=_top(page, width))
        sys.stdout.write(f"{name}.png\n")


def _top(page: Page, width: int) -> FloatRect:
    """What a reader of the documentation wants to see of a long page."""
    height = page.evaluate("document.documentElement.scrollHeight")
    return {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}


def _sign_in(browser: Browser, account: str, password: str) -> Page:
    context = browser.new_context(base_url=f"http://127.0.0.1:{PORT}", locale="de-DE")
    page = context.new_page()
    page.goto("/desk/")
    page.fill("#name", account)
    page.fill("#password", password)
    page.click("main form.card button")
    if "/code" in page.url:
        codes = httpx.get(f"http://127.0.0.1:{PHONE_PORT}/authenticator").text
        found = re.search(rf"<h2>{account}</h2><p><b>(\d+)</b>", codes)
        assert found is not None
        page.fill("#code", found[1])
        page.click("main form.card button")
    page.wait_for_url("**/desk/")
    return page


if __name__ == "__main__":
    sys.exit(main())
