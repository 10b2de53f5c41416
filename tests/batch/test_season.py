"""A whole season by the command line: twelve lectures, four of them bad, killed three times."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.batch.seasons import command, environment, run, season, segment_puts, spoken, tone
from tests.register.registers import fill

pytestmark = pytest.mark.slow

GOOD = 8
FOREIGN = "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明。" * 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Path:
    """The folder of a season: a register of twelve lectures, and their recordings."""
    folder = tmp_path_factory.mktemp("season")
    (folder / "录像").mkdir()
    rows = []
    for number in range(1, GOOD + 1):
        made = spoken(make_clip) if number == 3 else tone(make_clip, number)
        shutil.copyfile(made, folder / "录像" / f"{number}.mp4")
        rows.append({"title": f"第{number}讲的主题", "recordings": f"录像/{number}.mp4"})
    shutil.copyfile(spoken(make_clip), folder / "录像" / "foreign.mp4")
    (folder / "录像" / "broken.mp4").write_bytes(b"no film" * 999)
    shutil.copyfile(tone(make_clip, 99), folder / "录像" / "nobody.mp4")
    (folder / "录像" / "别人的讲稿.txt").write_text(FOREIGN, "utf-8")
    rows.insert(1, {"title": "录像不在", "recordings": "录像/missing.mp4"})
    rows.insert(4, {"title": "录像坏了", "recordings": "录像/broken.mp4"})
    rows.insert(6, {"title": "讲稿是别人的", "recordings": "录像/foreign.mp4", "script": "录像/别人的讲稿.txt"})
    rows.insert(9, {"title": "没有主讲人", "recordings": "录像/nobody.mp4", "speaker": None})
    fill(folder / "登记表.xlsx", [{"speaker": "@李文清", "unit": "+示例学院", **row} for row in rows])
    return folder


def kill_at_a_random_moment(folder: Path, rng: random.Random, least: int) -> None:
    """Start the batch and kill its whole process group some time after a number of lectures ended."""
    started = subprocess.Popen(
        command(folder, "登记表.xlsx"),
        env=environment(folder),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    ledger, limit = folder / "out" / ".weike-batch", time.monotonic() + 200
    while started.poll() is None and time.monotonic() < limit:
        if ledger.is_dir() and len(list(ledger.glob("*.json"))) > least:
            time.sleep(rng.uniform(0, 2))
            break
        time.sleep(0.02)
    assert started.poll() is None, "it was to be killed before its end"
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def test_a_season_that_is_killed_three_times(folder: Path) -> None:
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "录像").iterdir()}
    rng = random.Random(7)
    for least in (1, 4, 8):
        kill_at_a_random_moment(folder, rng, least)
    done = run(folder, "登记表.xlsx")
    assert "Traceback" not in done.stderr
    assert done.returncode == 3
    told = season(folder)
    verdicts = [row["verdict"] for row in told["lectures"]]
    assert told["summary"] == {"compliant": GOOD, "noncompliant": 0, "failed": 4, "waiting": 0}, verdicts
    failures = {row["title"]: row["failure"]["id"] for row in told["lectures"] if row["failure"]}
    assert failures == {
        "录像不在": "register.row",
        "录像坏了": "input.not-media",
        "讲稿是别人的": "script.foreign",
        "没有主讲人": "register.row",
    }
    encoded = segment_puts(folder / "cache")
    assert len(encoded) >= GOOD
    assert set(encoded.values()) == {1}, "no segment is encoded twice"
    for row in told["lectures"]:
        if row["delivered"]:
            video = folder / "out" / row["delivered"]["video"]
            assert hashlib.sha256(video.read_bytes()).hexdigest() == row["delivered"]["sha256"]
    assert before == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in before}
    assert not [path for path in (folder / "out").iterdir() if path.name.endswith((".partial", ".old", ".part"))]


def test_the_same_end_once_more_without_any_work(folder: Path) -> None:
    first, made = season(folder), segment_puts(folder / "cache")
    times = {path: path.stat().st_mtime_ns for path in (folder / "out").glob("*/*.mp4")}
    again = run(folder, "登记表.xlsx", "--json")
    assert json.loads(again.stdout)["lectures"] == first["lectures"] == season(folder)["lectures"]
    assert segment_puts(folder / "cache") == made
    assert times == {path: path.stat().st_mtime_ns for path in (folder / "out").glob("*/*.mp4")}


def test_the_workbook_holds_no_formula_and_typed_cells(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "out" / "season.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert "'@李文清" in texts
    assert "'+示例学院" in texts
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    sheet = book.worksheets[0]
    assert sheet["A2"].data_type == "n"
    assert sheet["G2"].is_date
    assert (folder / "out" / "第1讲的主题" / "report.html").is_file()
    assert sheet["C2"].hyperlink.target.endswith("report.html")
    assert sheet["K2"].value == 0.05


def test_a_failure_is_tried_again_when_it_is_asked_for_or_its_file_changes(folder: Path) -> None:
    (folder / "录像" / "broken.mp4").write_bytes((folder / "录像" / "nobody.mp4").read_bytes())
    done = run(folder, "登记表.xlsx", "--retry-failed")
    assert done.returncode == 3
    assert season(folder)["summary"] == {"compliant": GOOD + 1, "noncompliant": 0, "failed": 3, "waiting": 0}
