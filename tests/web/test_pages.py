"""Every page in a real browser: accessible, within a phone's width, and what people wrote stays text.

``WEIKE_WEB_FULL`` looks at every page in both widths and languages; without it at each in one of them.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.web.settings import ServeSettings
from tests.web.browsing import DESK, PHONE, chromium, needed, opened, require_accessible, require_within
from tests.web.conftest import TOKENS
from tests.web.scenes import Names, Scene, build, still

pytestmark = [*needed, pytest.mark.slow]
FULL = bool(os.environ.get("WEIKE_WEB_FULL"))
HOSTILE = Names(
    title="<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}",
    speaker="<svg onload=alert(3)>' onmouseover='alert(4)",
    unit="\"><iframe srcdoc='<script>alert(5)</script>'></iframe>",
    file="<img src=x onerror=alert(6)>",
)
MADE = "#main img, #main svg, #main iframe, script:not([src]), [onerror], [onmouseover]"
"""What their words would make of a page that took them for markup."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Scene:
    return build(tmp_path_factory.mktemp("scene"), make_clip, HOSTILE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(scene: Scene) -> Iterator[str]:
    with still(ServeSettings(scene.root)) as found:
        yield found


def _ways() -> list[tuple[dict[str, int], str]]:
    return list(itertools.product((PHONE, DESK), ("zh-CN", "en-GB"))) if FULL else [(PHONE, "zh-CN")]


@pytest.mark.parametrize(("size", "locale"), _ways())
def test_every_page_is_accessible_and_shows_as_text_what_people_wrote(
    scene: Scene, browser: Any, address: str, size: dict[str, int], locale: str
) -> None:
    page = opened(browser, size, locale)
    for name, path in scene.pages.items():
        page.goto(address + path)
        require_accessible(page)
        require_within(page)
        assert page.locator(MADE).count() == 0, name
    page.goto(address + scene.pages["done"])
    assert page.inner_text("h1") == HOSTILE.title
    page.goto(address + scene.pages["season"])
    assert page.inner_text("tbody th >> nth=0").startswith(f"1 {HOSTILE.title}")
    assert page.input_value("#unit") == ""
    assert HOSTILE.unit in page.evaluate("[...document.querySelectorAll('#unit option')].map(o => o.textContent)")
    page.goto(f"{address}/")
    assert any(HOSTILE.file in text for text in page.locator("#picked option").all_inner_texts())
    unexpected = [said for said in page.complaints if "404" not in said]
    assert unexpected == []
    page.context.close()


def test_the_way_in_and_an_empty_folder_are_accessible(browser: Any, tmp_path: Path) -> None:
    with still(ServeSettings(tmp_path / "served", tokens=TOKENS)) as address:
        page = opened(browser)
        page.goto(address)
        require_accessible(page)
        page.fill("#token", "no such token at all")
        page.click("button.main")
        assert "web.login-wrong" in page.inner_text("main")
        require_accessible(page)
        page.goto(f"{address}/login")
        page.fill("#token", TOKENS[0])
        page.click("button.main")
        for path in ("/", "/seasons"):
            page.goto(address + path)
            require_accessible(page)
            require_within(page)
        assert [said for said in page.complaints if "403" not in said] == []
        page.context.close()


def test_a_report_leads_to_its_files_and_runs_no_script(scene: Scene, browser: Any) -> None:
    with still(ServeSettings(scene.root, tokens=TOKENS)) as address:
        page = opened(browser, DESK)
        page.goto(f"{address}/login")
        page.fill("#token", TOKENS[0])
        page.click("button.main")
        answer = page.goto(f"{address}{scene.pages['season']}/files/index.html")
        assert "allow-scripts" not in answer.headers["content-security-policy"]
        page.click(".part-zh tbody a")
        page.wait_for_url("**/report.html")
        assert "/login" not in page.url
        page.context.close()


def test_a_season_is_filtered_without_loading_the_page_again(scene: Scene, browser: Any, address: str) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    page = opened(browser, DESK)
    rows = page.locator("table.season tbody tr")
    page.goto(address + scene.pages["season"])
    page.evaluate("window.isSamePage = true")
    assert rows.count() == 3
    page.click(".tiles label:has(#state-failed)")
    expect(rows).to_have_count(2, timeout=60_000)
    page.locator("#sought").press_sequentially("3.mp4 ")
    expect(rows).to_have_count(1, timeout=60_000)
    assert page.input_value("#sought") == "3.mp4 "
    assert "state=failed&text=3.mp4" in page.url
    page.fill("#sought", "nobody wrote this")
    page.wait_for_selector("#rows .empty")
    assert page.evaluate("window.isSamePage")
    page.reload()
    assert page.input_value("#sought") == "nobody wrote this"
    page.fill("#sought", "")
    expect(rows).to_have_count(2, timeout=60_000)
    page.click("#again-2")
    page.click(".tiles label:has(#state-waiting)")
    page.wait_for_selector("tbody a[href^='/lectures/']")
    assert page.complaints == []
    page.context.close()
