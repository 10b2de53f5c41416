"""Debian's Chromium, what of it is missing here, and what every page must be in it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.web.pages import BUILT, has_scripts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(str(BUILT)).parent / "island" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
needed = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.skipif(not (has_scripts() and AXE.is_file()), reason="the pages' scripts are not built: make setup"),
]
_WAIT_MS = 90_000


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a browser."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=_WAIT_MS)
        yield browser
        browser.close()


def opened(browser: Any, size: dict[str, int] | None = None, locale: str = "zh-CN", **wishes: Any) -> Any:
    """Return a new page that notes what goes wrong in it: errors told, and dialogs that a script opened."""
    made = browser.new_context(locale=locale, viewport=size or PHONE, **wishes).new_page()
    made.set_default_timeout(_WAIT_MS)
    made.complaints = []
    made.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.on("dialog", lambda box: (made.complaints.append(f"dialog {box.message}"), box.dismiss()))
    return made


def wait_until(page: Any, expression: str, patience_s: float = _WAIT_MS / 1000) -> None:
    """Wait until a script's expression is true; Playwright's own way needs ``eval``, which the pages forbid."""
    until = time.monotonic() + patience_s
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"never so: {expression}"
        page.wait_for_timeout(100)


def require_accessible(page: Any) -> None:
    """Look for what WCAG 2.2 A and AA forbid."""
    page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({runOnly: tags, preload: false})", tags)
    wrong = [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]]
    assert wrong == [], (page.url, wrong)


def require_within(page: Any) -> None:
    """Nothing reaches past the window's edge."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, page.viewport_size)
