"""A file's name is never an option, a protocol, a pattern or a part of a filter graph, whatever its bytes are."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import MissingToolError
from pipeline.lecture import LectureJob, convert
from pipeline.media.probing.probe import inspect
from pipeline.output import safe_name
from pipeline.presets import Preset, load_preset
from pipeline.records import LectureInfo
from pipeline.stages.probe import probe
from pipeline.stages.render import render
from pipeline.store import Store
from tests.stages.rendering import job_for, sheet, silent_sound

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other systems refuse these names themselves")

NAMES = (
    b"-i",
    b"-y.mp4",
    b"a:b",
    b"http:x.mp4",
    b"concat:a|b",
    b"pipe:0",
    b"file:x",
    b"subfile,,start,0,end,1,,:x",
    b"%d%03d%n%s.mp4",
    b"*?[a-z]{1,2}.mp4",
    b"'single' \"double\" `tick` $(id) ${HOME};&|.mp4",
    b"back\\slash\\\\.mp4",
    b"new\nline\r\ttab.mp4",
    "😀👨‍👩‍👧 表情.mp4".encode(),
    "微课第一讲.mp4".encode("gbk"),
    b"\xff\xfe\x80.mp4",
    "长".encode() * 81 + b"ab.mp4",
    rb"it's [a],b;c:d %1=\e.mp4",
    rb"[in]movie=x[out];[0:v]null",
)


def quiet(_event: object) -> None:
    """Hear nothing."""


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_recording_of_any_name_is_rendered(name: bytes, harmless: Path, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(name)
    try:
        folder.mkdir()
        shutil.copyfile(harmless, folder / folder.name)
    except OSError:
        pytest.skip("this disk takes no such name")
    recording = probe(folder / folder.name, store, quiet)
    job = job_for(recording, folder / f"{safe_name(folder.name)}.mp4", raster=(96, 54))
    job = replace(job, info=LectureInfo(safe_name(folder.name), safe_name(folder.name), "it's [a],b;c:d %1=\\e"))
    delivery = render(recording, silent_sound(job), sheet(job, 480), job, store, quiet)
    made = inspect(delivery.path).video
    assert made is not None
    assert made.frame_count == 12
    assert len(list(tmp_path.iterdir())) == 2, "nothing was written elsewhere"


@pytest.mark.parametrize("name", [b"-i.mp4", "微课.mp4".encode("gbk"), rb"it's [a],b;c:d %1=\e.mp4"], ids=range(3))
def test_it_is_delivered_and_reported(name: bytes, harmless: Path, store: Store, tmp_path: Path) -> None:
    raw = tmp_path / os.fsdecode(name)
    try:
        shutil.copyfile(harmless, raw)
    except OSError:
        pytest.skip("this disk takes no such name")
    job = LectureJob(raw, tmp_path / "out", LectureInfo(safe_name(raw.stem)), tiny())
    _, folder = convert(job, store, quiet)
    assert {"report.json", "report.html", f"{folder.name}.mp4"} <= {path.name for path in folder.iterdir()}
    assert [path.name for path in (tmp_path / "out").iterdir()] == [folder.name]


def test_a_preset_s_font_name_reaches_no_graph(harmless: Path, store: Store, tmp_path: Path) -> None:
    recording = inspect(harmless)
    job = job_for(recording, tmp_path / "out.mp4", raster=(96, 54))
    font = job.captions.model_copy(update={"font": "x':force_style='FontSize=300[a];movie=/etc/passwd"})
    job = replace(job, captions=font)
    try:
        render(recording, silent_sound(job), sheet(job, 480), job, store, quiet)
    except MissingToolError:
        return
    assert inspect(job.out).video is not None


def tiny() -> Preset:
    """Return the default preset with the cheapest picture and no subtitles."""
    preset = load_preset()
    encoder = preset.encoder.model_copy(update={"width_px": 96, "height_px": 54, "speed": "ultrafast", "options": ()})
    captions = preset.captions.model_copy(update={"burn": False})
    return preset.model_copy(update={"encoder": encoder, "captions": captions})
