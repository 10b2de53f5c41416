"""Streams joined byte by byte: their clock breaks in the middle, and one second of beeps must stay one second."""

import wave
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import AbsurdTimesError
from pipeline.events import Event, Notice
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import listen
from pipeline.presets import load_preset
from pipeline.stages import probe as stage
from pipeline.stages.probe import probe
from pipeline.stages.soundtrack import soundtrack
from pipeline.store import Store, file_sha256
from pipeline.timing import delivery_grid

MakeClip = Callable[[str, list[str]], Path]


def part(make_clip: MakeClip, name: str, rate: int, *options: str) -> bytes:
    picture = ["-f", "lavfi", "-i", "color=red:s=64x36:r=25:d=3"]
    beeps = ["-f", "lavfi", "-i", f"aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s={rate}:d=3"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac"]
    return make_clip(name, [*picture, *beeps, *codecs, *options]).read_bytes()


def joined(make_clip: MakeClip, folder: Path, *, is_even: bool, first_is_later: bool = False) -> Path:
    here = part(make_clip, "here.ts", 48000)
    there = part(make_clip, "there.ts", 48000, "-output_ts_offset", "5000") if is_even else part(
        make_clip, "slow.ts", 44100)  # fmt: skip
    path = folder / "joined.ts"
    path.write_bytes(there + here if first_is_later else here + there)
    return path


def onsets_s(wav: Path) -> list[float]:
    with wave.open(str(wav), "rb") as file:
        data = np.abs(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    loud = data[: len(data) // 160 * 160].reshape(-1, 160).max(axis=1) > 3000
    return [n / 100 for n in range(len(loud)) if loud[n] and not (n and loud[n - 1])]


@pytest.mark.parametrize("first_is_later", [False, True])
def test_a_clock_that_breaks_is_put_in_order(
    make_clip: MakeClip, store: Store, tmp_path: Path, first_is_later: bool
) -> None:
    path = joined(make_clip, tmp_path, is_even=True, first_is_later=first_is_later)
    before = file_sha256(path)
    assert inspect(path).has_time_jumps
    heard: list[Event] = []
    found = probe(path, store, heard.append)
    assert found.video is not None
    assert (found.video.frame_rate, found.video.is_constant_rate, found.video.frame_count) == (25, True, 150)
    assert float(found.duration_s) == pytest.approx(6, abs=0.06)
    assert not found.has_time_jumps
    assert (found.sha256, found.size_bytes) == (before, path.stat().st_size)
    assert any(isinstance(e, Notice) and "timestamps jump" in e.message.show() for e in heard)
    assert file_sha256(path) == before
    listen(found, tmp_path / "a.wav")
    assert onsets_s(tmp_path / "a.wav") == pytest.approx([0, 1, 2, 3, 4, 5], abs=0.06)


def test_sound_that_changes_its_form_keeps_its_clock(make_clip: MakeClip, store: Store, tmp_path: Path) -> None:
    recording = probe(joined(make_clip, tmp_path, is_even=False), store, lambda _event: None)
    assert recording.video is not None
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    made = soundtrack(recording, grid, load_preset().sound, store, lambda _event: None)
    assert made.speech_wav is not None
    assert onsets_s(made.speech_wav) == pytest.approx([0, 1, 2, 3, 4, 5], abs=0.06)
    assert not list((store.root / "artefacts" / "sound").glob("*.nut"))


def test_a_steady_clock_is_left_alone(make_clip: MakeClip, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "here.ts"
    path.write_bytes(part(make_clip, "here.ts", 48000))
    assert probe(path, store, lambda _event: None).path == path


def test_a_codec_that_no_copy_takes_is_left_as_it_is(make_clip: MakeClip, store: Store, tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=2", "-c:v", "flv1", "-g", "25"]
    data = bytearray(make_clip("old.flv", picture).read_bytes())
    tags, at = [], 13
    while at + 11 <= len(data):
        tags.append(at)
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    for at in tags[len(tags) // 2 :]:
        data[at + 4 : at + 7] = (int.from_bytes(data[at + 4 : at + 7], "big") + 60000).to_bytes(3, "big")
    path = tmp_path / "leap.flv"
    path.write_bytes(data)
    assert inspect(path).has_time_jumps
    found = probe(path, store, lambda _event: None)
    assert found.path == path
    assert found.video is not None


def test_times_that_no_lecture_has_are_refused(
    make_clip: MakeClip, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "here.ts"
    path.write_bytes(part(make_clip, "here.ts", 48000))
    absurd = replace(inspect(path), duration_s=Fraction(99 * 3600))
    monkeypatch.setattr(stage, "inspect", lambda _path, _track: absurd)
    with pytest.raises(AbsurdTimesError) as caught:
        probe(path, store, lambda _event: None)
    assert "99 hours" in caught.value.message.show()
