"""The reviewer's desk in a real browser: corrected, burned, taken away; skipped where there is no Chromium."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from pipeline.captions.srt import read_srt
from pipeline.media.measuring.ocr import BandReader
from pipeline.media.measuring.read_back import read_cues
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.store import Store
from tests.web.browsing import DESK, chromium, needed, opened, require_accessible
from tests.web.conftest import Server
from tests.web.desk_lecture import SPEAKING, Prepared, prepared, with_words

ROOT = Path(__file__).parent.parent.parent
SAMPLE, MODEL = ROOT / "samples" / "short-lecture.mp4", ROOT / "samples" / "demo-model" / "demo-zh.pt"
FULL = bool(os.environ.get("WEIKE_WEB_FULL"))
pytestmark = [*needed, pytest.mark.slow, pytest.mark.timeout(1800)]
COUNT_MUTATIONS = """async () => {
  let count = 0;
  const watch = new MutationObserver(found => { count += found.length; });
  const all = {subtree: true, childList: true, characterData: true, attributes: true};
  watch.observe(document.querySelector("#desk"), all);
  document.querySelector(".editor textarea").focus();
  document.execCommand("insertText", false, "字");
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 0)));
  watch.disconnect();
  return count;
}"""


Served = tuple[Server, Prepared]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Iterator[Served]:
    """A server with one lecture that is done."""
    folder = tmp_path_factory.mktemp("desk-browser")
    made = prepared(folder / "served", folder / "cache", make_clip("speaking.mp4", SPEAKING))
    with_words(made)
    server = Server(folder / "served", "--cache", str(folder / "cache"))
    yield server, made
    server.stop()


@pytest.fixture
def desk(served: Served) -> Served:
    """So, before anybody corrected it."""
    shutil.rmtree(served[1].settings.review(served[1].lecture.id) / "versions", ignore_errors=True)
    return served


@pytest.fixture
def page() -> Iterator[object]:
    with chromium() as browser:
        yield opened(browser, DESK)


def texts(page: object) -> list[str]:
    """The texts of all cues as they were kept last."""
    page.wait_for_selector("#kept:has-text('已全部保存')")
    return [cue["text"] for cue in kept(page)]


def kept(page: object) -> list[dict[str, object]]:
    return httpx2.get(f"{page.url.rstrip('/')}/cues", timeout=60).json()["cues"]


def write(page: object, text: str) -> None:
    page.fill(".editor textarea", text)


def pick(page: object, number: int) -> None:
    """Select a cue, counted from 1."""
    page.click(f"#cues li:nth-child({number}) .cue-pick")
    page.wait_for_selector(f"#cues li.selected:nth-child({number}) textarea")


def read_from(video: Path, sidecar: Path, number: int, folder: Path) -> float:
    """How alike a cue of the sidecar, counted from 1, and what OCR reads from the picture are."""
    captions = load_preset().captions
    cues, _problems = read_srt(sidecar)
    (read,) = read_cues(inspect(video), cues, [number], BandReader(captions), 0.9, Store(folder))
    return read.similarity


def taken(page: object, ending: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click(f"#burning a[download]:has-text('{ending}')")
    path = folder / f"taken{Path(ending).suffix or ending}"
    download.value.save_as(path)
    return path


def drag_end(page: object, name: str, by_px: int) -> None:
    """Drag the right edge of a cue's bar on the sound's curve."""
    handle = page.locator(f"#wave [part~={name}] [part~=region-handle-right]")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + by_px / 2, box["y"] + 20)
    page.mouse.move(box["x"] + by_px, box["y"] + 20)
    page.mouse.up()


@pytest.mark.skipif(not FULL, reason="make test-ui goes the whole way")
def test_a_person_corrects_subtitles_and_takes_the_lecture_away(page: object, desk: Served, tmp_path: Path) -> None:
    server, made = desk
    page.goto(server.url + made.place)
    page.wait_for_selector(".editor textarea")
    page.wait_for_selector("#wave [part~=region-handle-right]")
    page.wait_for_selector("#painted:not([hidden])")
    page.wait_for_selector("#left:has-text('待核对 3 条')")
    require_accessible(page)
    assert page.input_value(".editor textarea") == "我们要做好一情防控工作。", "the first cue to look at is open"

    page.click("[data-accept='0']")
    assert texts(page)[1] == "我们要做好疫情防控工作。"
    pick(page, 1)
    assert page.evaluate(COUNT_MUTATIONS) <= 4, "a typed character touches the state of keeping and nothing else"
    page.keyboard.press("Control+z")
    write(page, "老师们同学们今天我们上一堂微党课。")
    page.evaluate("document.querySelector('.editor textarea').setSelectionRange(6, 6)")
    page.keyboard.press("Control+Enter")
    assert texts(page)[:2] == ["老师们同学们", "今天我们上一堂微党课。"]
    first, second = kept(page)[:2]
    assert second["start_ms"] - first["end_ms"] == 80, "two frames are left free"
    page.keyboard.press("Control+z")
    assert texts(page)[0] == "老师们同学们今天我们上一堂微党课。"
    page.keyboard.press("Control+Shift+z")
    pick(page, 4)
    page.keyboard.press("Alt+m")
    assert texts(page)[3] == "这句话是剧本里没有的，坚持全心全意为人民服务。"
    page.click("[data-act=undo]")
    assert texts(page)[3] == "这句话是剧本里没有的，"

    before = kept(page)[0]["end_ms"]
    pick(page, 1)
    drag_end(page, "c0", -20)
    texts(page)
    assert before - 500 < kept(page)[0]["end_ms"] < before - 100, "twenty pixels are two sevenths of a second"

    page.keyboard.press("Alt+r")
    page.fill("#wanted", "人民")
    page.fill("#instead", "群众")
    page.click("[data-act=replace-all]")
    assert "全心全意为群众服务" in "".join(texts(page))
    page.keyboard.press("Alt+r")
    pick(page, 4)
    write(page, "<b>这句话</b>写在讲稿里")
    page.keyboard.press("Tab")
    assert "这句话写在讲稿里" in texts(page)
    burned = "坚持一切从实际出发"
    pick(page, 5)
    write(page, burned)
    texts(page)

    page.click("[data-act=burn]")
    page.wait_for_selector("#burning a[download]", timeout=900_000)
    page.wait_for_selector("#video[src*='show=true']")
    require_accessible(page)
    video, sidecar = taken(page, ".mp4", tmp_path), taken(page, ".srt", tmp_path)
    assert burned in sidecar.read_text("utf-8")
    number = 1 + [cue.text for cue in read_srt(sidecar)[0]].index(burned)
    assert read_from(video, sidecar, number, tmp_path / "read") >= 0.9
    report = json.loads((made.folder / "report.json").read_text("utf-8"))
    assert report["delivery"]["segments_encoded"] < report["delivery"]["segments"]
    page.keyboard.press("Alt+h")
    page.wait_for_selector("dialog[open]")
    require_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []


def test_a_second_tab_is_told_and_can_go_on(page: object, desk: Served) -> None:
    server, made = desk
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(server.url + made.place)
        tab.wait_for_selector("#left:has-text('待核对')")
    write(page, "第一页写的")
    assert "第一页写的" in texts(page)
    write(other, "第二页写的")
    other.wait_for_selector("#stale:not([hidden])")
    assert "字幕已在别处改动" in other.inner_text("#stale")
    assert "第二页写的" not in [cue["text"] for cue in kept(page)]
    require_accessible(other)
    other.click("[data-act=reload]")
    other.wait_for_selector("#stale", state="hidden")
    assert other.input_value(".editor textarea") == "第一页写的"
    write(other, "第二页再写")
    assert "第二页再写" in texts(other)
    server.kill()
    write(other, "服务器没有了")
    other.wait_for_selector("#kept:has-text('连不上服务器')")
    server.start()
    assert "服务器没有了" in texts(other), "it is kept as soon as the server is there again"


@pytest.mark.skipif(not FULL, reason="make test-ui goes the whole way")
def test_the_whole_way_from_a_recording_to_a_corrected_lecture(
    page: object, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve("--model", str(MODEL))
    page.goto(server.url)
    page.set_input_files("#recording", str(SAMPLE))
    page.fill("#title", "科学防疫从我做起")
    page.fill("#speaker", "李文清")
    page.fill("#unit", "示例大学马克思主义学院")
    page.click("button.main")
    page.wait_for_url("**/lectures/*")
    page.wait_for_selector("progress")
    page.wait_for_selector(".verdict.good", timeout=1_500_000)
    page.click("a.button:has-text('核对字幕')")
    page.wait_for_selector(".editor textarea")
    page.wait_for_selector("#painted:not([hidden])")
    page.wait_for_selector("#wave [part~=region-handle-right]")
    assert page.inner_text(".comparison dt") == "识别原文"
    pick(page, 2)
    written = "今天我们只讲科学防疫"
    write(page, written)
    assert written in texts(page)
    page.click("[data-act=burn]")
    page.wait_for_selector("#burning a[download]", timeout=1_500_000)
    page.wait_for_selector("#video[src*='show=true']")
    video, sidecar = taken(page, ".mp4", tmp_path), taken(page, ".srt", tmp_path)
    cues, problems = read_srt(sidecar)
    assert problems == ()
    assert cues[1].text == written
    assert read_from(video, sidecar, 2, tmp_path / "read") >= 0.9
    report = json.loads(taken(page, "report.json", tmp_path).read_text("utf-8"))
    assert report["verdict"] == "compliant"
    assert report["subtitles"]["person_file"] == "科学防疫从我做起.srt"
    assert report["delivery"]["segments_encoded"] == 1
    assert page.complaints == []
