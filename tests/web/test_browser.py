"""The pages in a real browser: upload, live progress, result; skipped where there is no Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.browsing import chromium, needed, opened, require_accessible, require_within
from tests.web.conftest import Server

SILENT = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=25:d=3", "-c:v", "libx264", "-preset", "ultrafast"]
pytestmark = needed


@pytest.fixture
def page() -> Iterator[object]:
    with chromium() as browser:
        yield opened(browser)


@pytest.mark.slow
def test_a_lecturer_uploads_watches_and_takes_away(
    page: object, serve: Callable[..., Server], make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    clip = make_clip("课堂录像.mp4", SILENT)
    server = serve()
    page.goto(server.url)
    require_accessible(page)
    page.set_input_files("#recording", str(clip))
    page.fill("#title", "<b>题目</b>")
    page.click("button.main")
    page.wait_for_url("**/lectures/*", timeout=60_000)
    page.evaluate("window.isSamePage = true")
    page.wait_for_selector(".verdict", timeout=240_000)
    assert page.evaluate("window.isSamePage"), "the result came by itself, without loading the page again"
    require_accessible(page)
    assert page.inner_text("h1") == "<b>题目</b>"
    assert "不合格" in page.inner_text(".verdict")
    require_within(page)
    with page.expect_download() as taken:
        page.click(".files a[download]:has-text('.mp4')")
    assert Path(taken.value.path()).stat().st_size > 1000
    assert page.complaints == []
