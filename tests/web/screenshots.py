"""Pictures of every page for the documentation: ``python -m tests.web.screenshots docs/screenshots``.

A season is converted by a batch and a lecture through the pages themselves, from the sample with the demo model.
"""

import argparse
import io
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

from pipeline.progress import STAGE_NAMES
from pipeline.texts import _, speaking
from tests.batch.seasons import MODEL, ROOT, command, environment
from tests.register.registers import fill
from tests.web.browsing import DESK, PHONE, chromium, opened, wait_until
from tests.web.conftest import TOKENS, Server

SAMPLE, SCRIPT = ROOT / "samples" / "short-lecture.mp4", ROOT / "samples" / "short-lecture.txt"
TITLES = ("疫情大考中的责任与担当", "从一线党员看初心使命", "青年党员的使命担当", "课堂上的红色故事")
UNITS = ("马克思主义学院", "医学院", "土木工程学院", "外国语学院")
_COLOURS, _WAIT_S = 192, 3600


def _season(folder: Path, root: Path) -> None:
    """Convert a season in which one recording is broken and one is not there."""
    recordings = root / "录像"
    recordings.mkdir(parents=True)
    for number in (1, 2):
        shutil.copyfile(SAMPLE, recordings / f"第{number}讲.mp4")
        shutil.copyfile(SCRIPT, recordings / f"第{number}讲.txt")
    (recordings / "第3讲.mp4").write_bytes(b"no film" * 9999)
    people = ("李文清", "王建国", "赵敏", "陈晓")
    rows = [
        {"title": title, "speaker": speaker, "unit": unit, "recordings": f"录像/第{number}讲.mp4"}
        for number, (title, speaker, unit) in enumerate(zip(TITLES, people, UNITS, strict=True), 1)
    ]
    fill(root / "2020年微党课.xlsx", rows)
    register = root / "2020年微党课.xlsx"
    made = subprocess.run(command(folder, register), env=environment(folder), cwd=folder, check=False, timeout=_WAIT_S)
    shutil.move(folder / "out", root / "成品")
    note = root / "成品" / ".weike-batch" / ".asked"
    assert note.is_file(), made.returncode


def _wait(address: str, word: str) -> None:
    until = time.monotonic() + _WAIT_S
    while time.monotonic() < until:
        if word in httpx2.get(address, timeout=60, headers={"Accept-Language": "zh-CN"}).text:
            return
        time.sleep(0.5)
    raise AssertionError(f"{address} never says {word}")


def _keep(page: Any, path: Path) -> None:
    """Keep a picture of a whole page with a palette; a few tens of kB each."""
    page.evaluate("document.fonts.ready")
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
    few = whole.convert("RGB").quantize(_COLOURS, kmeans=3, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.name:24} {few.width} x {few.height}  {path.stat().st_size / 1000:5.1f} kB")


def _asked(server: Server, film: str, number: int) -> str:
    form = {"picked": film, "preset": "seu-2020", "title": TITLES[number], "speaker": "李文清", "unit": UNITS[number]}
    answer = httpx2.post(f"{server.url}/lectures", data=form, headers=server.origin, timeout=60)
    return server.url + str(answer.headers["location"])


def take(folder: Path, out: Path) -> None:
    """Take all pictures."""
    root = folder / "served"
    _season(folder, root)
    asked = ("--cache", str(folder / "other-cache"), "--model", str(MODEL))
    with Server(root, *asked) as server, chromium() as browser:
        wide, narrow = opened(browser, DESK), opened(browser, PHONE)

        def both(name: str, address: str) -> None:
            for page, width in ((wide, "wide"), (narrow, "phone")):
                page.goto(address)
                _keep(page, out / f"{name}-{width}.png")

        both("seasons", f"{server.url}/seasons")
        wide.click(".list a")
        both("season", wide.url)
        failed = _asked(server, "录像/第3讲.mp4", 2)
        _wait(failed, "verdict bad")
        running, waiting = (_asked(server, f"录像/第{number}讲.mp4", number) for number in (1, 2))
        with speaking("zh_CN"):
            late = _(STAGE_NAMES["render"])
        _wait(running, late)
        for name, address in (("running", running), ("waiting", waiting), ("failed", failed)):
            wide.goto(address)
            _keep(wide, out / f"{name}-wide.png")
        _wait(running, "下载成品")
        both("done", running)
        wide.goto(f"{running}/review")
        wide.click("#cues li:nth-child(2) .cue-pick")
        wide.wait_for_selector("#wave [part~=region-handle-right]", timeout=_WAIT_S * 1000)
        wait_until(wide, "document.querySelector('#video').readyState >= 2")
        wide.wait_for_selector("#painted:not([hidden])")
        _keep(wide, out / "desk-wide.png")
        both("home", server.url)
        wide.goto(f"{server.url}/no-such-page")
        _keep(wide, out / "problem-wide.png")
    with Server(folder / "empty", "--token", TOKENS[0]) as locked, chromium() as browser:
        page = opened(browser, DESK)
        page.goto(locked.url)
        _keep(page, out / "login-wide.png")
        page.fill("#token", TOKENS[0])
        page.click("button.main")
        for name, path in (("home-empty", "/"), ("seasons-empty", "/seasons")):
            page.goto(locked.url + path)
            _keep(page, out / f"{name}-wide.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pictures")
    chosen = parser.parse_args().out
    chosen.mkdir(parents=True, exist_ok=True)
    os.environ["WEIKE_LANG"] = "zh_CN"
    with tempfile.TemporaryDirectory() as place:
        take(Path(place), chosen)
