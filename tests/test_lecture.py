"""The main job, whole: the short sample in, a compliant lecture and its report out, seen by tools that are not ours."""

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from pipeline.media.binaries import ffmpeg

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "short-lecture.mp4"
MODEL = ROOT / "samples" / "demo-model" / "demo-zh.pt"

pytestmark = pytest.mark.slow


class Run:
    """One conversion of the short sample by the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.raw = folder, folder / "我的 录像 [1].mp4"
        shutil.copyfile(SAMPLE, self.raw)
        self.before = hashlib.sha256(self.raw.read_bytes()).hexdigest()
        self.done = self.convert()
        self.out = folder / "out" / self.raw.stem
        self.video = self.out / self.raw.name

    def convert(self) -> "subprocess.CompletedProcess[str]":
        args = ["--out", self.folder / "out", "--cache", self.folder / "cache", "--model", MODEL]
        facts = ["--title", "科学防疫，从我做起", "--speaker", "李文清", "--unit", "示例大学"]
        return subprocess.run(
            [sys.executable, "-m", "pipeline.cli", "convert", str(self.raw), *map(str, args), *facts],
            env={**os.environ, "WEIKE_LANG": "zh"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def log_of(self, *args: str) -> str:
        """What ffmpeg says of the delivery."""
        command = [str(ffmpeg().path), "-hide_banner", "-nostdin", "-i", str(self.video), *args, "-f", "null", "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("lecture"))


def test_it_ends_well_and_says_so(run: Run) -> None:
    assert run.done.returncode == 0, run.done.stderr
    assert "合格" in run.done.stdout
    assert "演示模型" in run.done.stdout
    assert run.done.stderr == ""


def test_the_folder_holds_what_was_promised(run: Run) -> None:
    names = {path.name for path in run.out.iterdir() if not path.name.startswith(".")}
    assert names == {run.video.name, f"{run.raw.stem}.srt", "report.html", "report.json", "report.pdf"}
    assert [path.name for path in run.out.parent.iterdir()] == [run.out.name]


def test_the_source_is_untouched(run: Run) -> None:
    assert hashlib.sha256(run.raw.read_bytes()).hexdigest() == run.before


def test_picture_and_sound_are_what_the_notice_asks(run: Run) -> None:
    with av.open(str(run.video)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        context = picture.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.width, context.height) == (1920, 1080)
        assert picture.sample_aspect_ratio == 1
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert (sound.codec_context.name, sound.sample_rate, sound.channels) == ("aac", 48000, 2)
        packets = [p for p in file.demux(picture) if p.pts is not None]
        pts = sorted(p.pts for p in packets)
        assert len({b - a for a, b in itertools.pairwise(pts)}) == 1
        keys = [p.pts * p.time_base for p in packets if p.is_keyframe]
        assert max(b - a for a, b in itertools.pairwise(keys)) <= 2
        ends = [
            stream.start_time * stream.time_base + stream.duration * stream.time_base for stream in (picture, sound)
        ]
        assert abs(ends[0] - ends[1]) <= 1 / Fraction(picture.average_rate)
        assert file.metadata["title"] == "科学防疫，从我做起"
        assert file.metadata["artist"] == "李文清"


def test_it_starts_playing_at_once(run: Run) -> None:
    head = run.video.read_bytes()[:200_000]
    assert 0 < head.find(b"moov") < head.find(b"mdat")


def test_it_sounds_right(run: Run) -> None:
    log = run.log_of("-af", "ebur128=peak=true", "-vn")
    summary = log[log.rindex("Summary:") :]
    loudness = float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1])
    peak = float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1])
    assert abs(loudness + 16) <= 1
    assert peak <= -1


def test_it_decodes_without_a_message(run: Run) -> None:
    assert run.log_of("-v", "warning").strip() == ""


def test_the_report_tells_it_all(run: Run) -> None:
    report = json.loads((run.out / "report.json").read_text("utf-8"))
    text = json.dumps(report, ensure_ascii=False)
    assert hashlib.sha256(run.video.read_bytes()).hexdigest() in text
    assert "校党组〔2020〕13号" in text
    assert "demo-zh.pt" in text
    html = (run.out / "report.html").read_text("utf-8")
    assert 'lang="zh-CN"' in html
    assert "科学防疫，从我做起" in html


def test_a_second_run_encodes_nothing(run: Run) -> None:
    segments = {path: path.stat().st_ino for path in (run.folder / "cache" / "artefacts" / "segments").glob("*.mp4")}
    assert segments
    before = hashlib.sha256(run.video.read_bytes()).hexdigest()
    again = run.convert()
    assert again.returncode == 0
    assert all(path.stat().st_ino == made for path, made in segments.items()), "what is there is not made again"
    assert hashlib.sha256(run.video.read_bytes()).hexdigest() == before
