"""The pages in a real browser: upload, live progress, result; skipped where there is no Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.web.pages import BUILT, has_scripts
from tests.web.conftest import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SILENT = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=25:d=3", "-c:v", "libx264", "-preset", "ultrafast"]
AXE = Path(str(BUILT)).parent / "island" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.skipif(not (has_scripts() and AXE.is_file()), reason="the pages' scripts are not built: make setup"),
]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[object]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
        made.complaints = []
        made.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
        made.on("pageerror", lambda error: made.complaints.append(str(error)))
        yield made
        browser.close()


def _require_accessible(page: object) -> None:
    """Look for what WCAG 2.2 A and AA forbid."""
    page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


@pytest.mark.slow
def test_a_lecturer_uploads_watches_and_takes_away(
    page: object, serve: Callable[..., Server], make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    clip = make_clip("课堂录像.mp4", SILENT)
    server = serve()
    page.goto(server.url)
    _require_accessible(page)
    page.set_input_files("#recording", str(clip))
    page.fill("#title", "<b>题目</b>")
    page.click("button.main")
    page.wait_for_url("**/lectures/*", timeout=60_000)
    page.evaluate("window.isSamePage = true")
    page.wait_for_selector(".verdict", timeout=240_000)
    assert page.evaluate("window.isSamePage"), "the result came by itself, without loading the page again"
    _require_accessible(page)
    assert page.inner_text("h1") == "<b>题目</b>"
    assert "不合格" in page.inner_text(".verdict")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing reaches past a phone's edge"
    with page.expect_download() as taken:
        page.click(".files a[download]:has-text('.mp4')")
    assert Path(taken.value.path()).stat().st_size > 1000
    assert page.complaints == []
