"""What the speed benchmark reads off a process tree and the driver's notes."""

import json
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import CommandFailedError, measure
from tests.benchmarks.notes import encoder_options, read_notes
from tests.benchmarks.others import imported
from tests.benchmarks.sources import ROOT, require_steady, write_cues

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

BUSY = """
import sys, time
from pathlib import Path
block = b"x" * 50_000_000
while time.process_time() < 0.5: pass
time.sleep(0.8)
print(time.process_time(), len(block))
"""
THROUGH_THE_PRODUCT = f"""
import sys
from pathlib import Path
from pipeline.media.process import run
done = run([sys.executable, "-c", {BUSY!r}], subject=Path("x"))
print(done.stdout.decode())
"""


def test_programs_that_the_product_runs_are_counted_in_time_and_memory(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", THROUGH_THE_PRODUCT]
    cost = measure(argv, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, samples_memory=True)
    told, size = (tmp_path / "said.txt").read_text().split()
    assert cost.cpu_s >= float(told) >= 0.5
    assert cost.peak_bytes > int(size)
    assert len(cost.peak_of) >= 2


def test_another_exit_code_tells_the_last_words(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="ended with 3: it broke"):
        measure([sys.executable, "-c", "print('it broke'); raise SystemExit(3)"], cwd=tmp_path)


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="too long"):
        measure([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path, limit_s=0.3)


def note(**told: object) -> str:
    return json.dumps({"note": "", "stage": "", "reused": False, **told}) + "\n"


def test_a_stage_has_what_was_done_for_it_and_the_programs_are_told(tmp_path: Path) -> None:
    encode = ["ffmpeg", "-i", "a.mp4", "-map", "[s1]", "-c:v", "libx264", "-crf", "21", "-an", "-fps_mode", "cfr"]
    lines = [
        note(note="started", stage="subtitles", wall_s=1, cpu_s=1),
        note(note="finished", stage="subtitles", wall_s=2, cpu_s=2),
        note(note="program", argv=[*encode, "out.mp4"], begun_s=3, used_s=40, wall_s=20, cpu_s=44),
        note(note="started", stage="render", wall_s=5, cpu_s=4),
        note(note="started", stage="check", wall_s=19, cpu_s=49),
        note(note="finished", stage="render", wall_s=22, cpu_s=52),
        note(note="finished", stage="check", wall_s=23, cpu_s=55),
    ]
    (tmp_path / "notes").write_text("".join(lines))
    notes = read_notes(tmp_path / "notes")
    render = notes.stage("render")
    assert (render.cpu_s, render.wall_s) == (50, 20)
    assert notes.stage("check").cpu_s == 6
    assert notes.meanwhile("render") == ("check",)
    assert notes.encoder_options() == ("-c:v", "libx264", "-crf", "21")
    assert notes.setting() == "libx264 crf 21"
    with pytest.raises(LookupError, match="report"):
        notes.stage("report")


@pytest.mark.parametrize(
    "argv",
    [
        ["ffmpeg", "-f", "lavfi", "-i", "testsrc2", "-map", "0", "-c:v", "libx264", "test.mp4"],
        ["ffmpeg", "-i", "a.mp4", "-map", "0:a", "-c:a", "aac", "sound.m4a"],
        ["ffmpeg", "-i", "a.mp4", "-map", "[s0]", "-c:v", "rawvideo", "frames.md5"],
    ],
)
def test_what_encodes_no_lecture_has_no_encoder_options(argv: list[str]) -> None:
    assert encoder_options(argv) == ()


def test_long_picture_options_stay_in_order_and_what_is_no_encoder_s_goes() -> None:
    argv = ["ffmpeg", "-i", "a", "-filter_complex", "[0]null[s1]", "-map", "[s1]"]
    argv += ["-bufsize", "9", "-c:v", "h264_nvenc"]
    argv += ["-video_track_timescale", "30", "-x264-params", "a=-1:b=2", "out.mp4"]
    assert encoder_options(argv) == ("-bufsize", "9", "-c:v", "h264_nvenc", "-x264-params", "a=-1:b=2")


def test_import_times_are_read_and_their_headline_is_not() -> None:
    log = "import time: self [us] | cumulative | imported package\nimport time:  10 |  250 |   typer\n"
    assert imported(log) == {"typer": 250}


def test_only_the_cues_that_are_edited_change(tmp_path: Path) -> None:
    plain, edited = tmp_path / "plain.srt", tmp_path / "edited.srt"
    write_cues(plain, 1200)
    write_cues(edited, 1200, (0.3, 0.7))
    cues, others = (path.read_text("utf-8").split("\n\n") for path in (plain, edited))
    assert len(cues) == 300
    assert [number for number, pair in enumerate(zip(cues, others, strict=True)) if pair[0] != pair[1]] == [90, 209]


def test_a_picture_of_another_length_or_rate_is_refused() -> None:
    sample = ROOT / "samples" / "short-lecture.mp4"
    with pytest.raises(ValueError, match="frames instead of 3"):
        require_steady(sample, 25, 3)
