import hashlib
import json
from pathlib import Path

import pytest

from pipeline.media.graph import run_ffmpeg
from tests.cli.conftest import Weike
from tests.cli.test_subtitle import heard

SRT = """1
00:00:00,510 --> 00:00:01,510
同学们好，上课。

2
00:00:02,000 --> 00:00:0x,000
坏掉的

3
00:00:02,510 --> 00:00:03,510
第二句话，
分两行

4
00:00:03,000 --> 00:00:04,510
重叠的话

5
00:01:00,000 --> 00:01:02,000
太晚了

6
00:00:05,000 --> 00:00:04,000
倒着走
"""
BURNED = """1
00:00:00,520 --> 00:00:01,520
同学们好，上课。

2
00:00:02,520 --> 00:00:03,000
第二句话，
分两行

3
00:00:03,000 --> 00:00:04,520
重叠的话

"""


def report_of(folder: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((folder / "report.json").read_text("utf-8"))
    return loaded


def test_a_person_s_file_is_burned_and_every_cue_is_accounted_for(weike: Weike, silent: Path, tmp_path: Path) -> None:
    written = tmp_path / "字幕.srt"
    written.write_bytes(SRT.encode("gb18030"))
    before = hashlib.sha256(silent.read_bytes()).hexdigest()
    done = weike("burn", silent, written, "--out", tmp_path / "out", "--title", "题目")
    assert done.exit_code in {0, 10}, done.output
    folder = tmp_path / "out" / "第一讲"
    assert {p.name for p in folder.iterdir() if not p.name.startswith(".")} == {
        "第一讲.mp4",
        "第一讲.srt",
        "report.html",
        "report.json",
        "report.pdf",
    }
    assert (folder / "第一讲.srt").read_text("utf-8") == BURNED
    assert "字幕.srt: 6 cues in, 3 out; 0 put together with another, 3 left out." in done.output
    assert "The file is in GB18030, not in UTF-8." in done.output
    assert "Cue 2 cannot be read: 2 00:00:02,000 --> 00:00:0x,000 坏掉的" in done.output
    assert "Cue 3 ends where the next one begins, since it overlaps it" in done.output
    assert "Not shown, at 1:00: 太晚了 (It begins after the recording has ended.)" in done.output
    assert "Not shown, at 0:05: 倒着走 (It ends before it begins, so its time is unknown.)" in done.output
    assert hashlib.sha256(silent.read_bytes()).hexdigest() == before
    assert written.read_bytes() == SRT.encode("gb18030")
    findings = {f["rule"]: f["kind"] for f in report_of(folder)["findings"]}  # type: ignore[attr-defined]
    assert findings["subtitle.burned"] in {"pass", "review"}


def test_a_corrected_cue_costs_its_own_segments_and_the_file_is_not_doubled(
    weike: Weike, silent: Path, tmp_path: Path
) -> None:
    text = "1\n00:00:00,520 --> 00:00:01,520\n同学们好\n\n2\n00:00:04,200 --> 00:00:05,200\n再见\n\n"
    (tmp_path / "a.srt").write_text(text, "utf-8")
    assert weike("burn", silent, tmp_path / "a.srt", "--out", tmp_path / "out").exit_code in {0, 10}
    folder = tmp_path / "out" / "第一讲"
    assert report_of(folder)["delivery"]["segments_encoded"] == 3  # type: ignore[index]
    delivered = folder / "第一讲.srt"
    delivered.write_text(delivered.read_text("utf-8").replace("再见", "下课"), "utf-8")
    assert weike("burn", silent, delivered, "--out", tmp_path / "out").exit_code in {0, 10}
    delivery = report_of(folder)["delivery"]
    assert (delivery["segments"], delivery["segments_encoded"]) == (3, 1)  # type: ignore[index]
    assert "下课" in delivered.read_text("utf-8")
    assert not list(folder.glob("*(1)*"))


def test_the_product_s_own_subtitles_burn_without_encoding_anything_anew(
    weike: Weike, spoken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.transcribing.recognise", heard)
    assert weike("convert", spoken, "--out", tmp_path / "out").exit_code in {0, 10}
    folder = tmp_path / "out" / "第二讲"
    video = hashlib.sha256((folder / "第二讲.mp4").read_bytes()).hexdigest()
    subtitles = (folder / "第二讲.srt").read_bytes()
    done = weike("burn", spoken, folder / "第二讲.srt", "--out", tmp_path / "out")
    assert "0 left out" in done.output
    assert report_of(folder)["delivery"]["segments_encoded"] == 0  # type: ignore[index]
    assert hashlib.sha256((folder / "第二讲.mp4").read_bytes()).hexdigest() == video
    assert (folder / "第二讲.srt").read_bytes() == subtitles


@pytest.mark.parametrize("form", ["vtt", "ass"])
def test_other_forms_are_burned_like_srt(weike: Weike, silent: Path, tmp_path: Path, form: str) -> None:
    written = tmp_path / f"a.{form}"
    written.write_text(
        {
            "vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<i>同学们</i>好\n",
            "ass": "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}同学们好\n",
        }[form],
        "utf-16",
    )
    assert weike("burn", silent, written, "--out", tmp_path / "out").exit_code in {0, 10}
    sidecar = tmp_path / "out" / "第一讲" / "第一讲.srt"
    assert sidecar.read_text("utf-8") == "1\n00:00:01,000 --> 00:00:02,000\n同学们好\n\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "input.missing"),
        ("", "input.empty"),
        ("只有文字，没有时间。", "subtitle.unreadable"),
        ("1\n00:00:0x,000 --> 00:00:02,000\n坏\n", "subtitle.empty"),
        ("1\n00:09:00,000 --> 00:09:02,000\n别的讲座\n", "subtitle.elsewhere"),
    ],
)
def test_a_file_that_cannot_be_burned_is_refused_with_its_reason(
    weike: Weike, silent: Path, tmp_path: Path, text: str | None, reason: str
) -> None:
    written = tmp_path / "a.srt"
    if text is not None:
        written.write_text(text, "utf-8")
    done = weike("burn", silent, written, "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert f"[{reason}]" in done.output
    assert str(written) in done.output
    assert not list((tmp_path / "out").glob("*"))


def test_a_folder_or_a_video_is_no_subtitle_file(weike: Weike, silent: Path, tmp_path: Path) -> None:
    assert "[input.not-a-file]" in weike("burn", silent, tmp_path, "--out", tmp_path / "out").output
    assert "[subtitle.unreadable]" in weike("burn", silent, silent, "--out", tmp_path / "out").output


@pytest.fixture
def with_tracks(silent: Path, tmp_path: Path) -> Path:
    """The silent lecture with two tracks of text: the first in English, the second the Chinese one."""
    for name, text in (("en", "Good morning"), ("zh", "同学们好")):
        (tmp_path / f"{name}.srt").write_text(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n\n", "utf-8")
    path = tmp_path / "两条字幕.mkv"
    inputs = ["-i", str(silent), "-i", str(tmp_path / "en.srt"), "-i", str(tmp_path / "zh.srt")]
    said = ["-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=chi", "-metadata:s:s:1", "title=讲稿"]
    codecs = ["-c", "copy", "-c:s:0", "ass", "-c:s:1", "subrip"]
    run_ffmpeg([*inputs, "-map", "0", "-map", "1", "-map", "2", *codecs, *said, str(path)], subject=path)
    return path


def test_a_track_of_the_recording_is_burned(weike: Weike, with_tracks: Path, tmp_path: Path) -> None:
    done = weike("burn", with_tracks, "--subtitle-track", "2", "--out", tmp_path / "out")
    assert done.exit_code in {0, 10}, done.output
    sidecar = tmp_path / "out" / "两条字幕" / "两条字幕.srt"
    assert sidecar.read_text("utf-8") == "1\n00:00:01,000 --> 00:00:02,000\n同学们好\n\n"
    assert "brings 2 subtitle track(s)" in done.output


def test_exactly_one_of_file_and_track(weike: Weike, with_tracks: Path, tmp_path: Path) -> None:
    neither = weike("burn", with_tracks, "--out", tmp_path / "out")
    assert neither.exit_code == 2
    assert "1 (eng, ass); 2 (chi, subrip, 讲稿)" in neither.output
    both = weike("burn", with_tracks, tmp_path / "zh.srt", "--subtitle-track", "2", "--out", tmp_path / "out")
    assert (both.exit_code, "[subtitle.both]" in both.output) == (2, True)
    missing = weike("burn", with_tracks, "--subtitle-track", "3", "--out", tmp_path / "out")
    assert "[subtitle.no-track]" in missing.output
    assert not (tmp_path / "out").exists()
