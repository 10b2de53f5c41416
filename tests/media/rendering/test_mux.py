"""Joining copies packets exactly and refuses what does not fit together."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from pipeline.errors import VerificationError
from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering.mux import join, silence, verify
from pipeline.media.rendering.segments import verify_segment
from pipeline.records import LectureInfo
from pipeline.store import Store
from pipeline.timing import FrameGrid

INFO = LectureInfo("课", "题目", "张三")
RATE = Fraction(30000, 1001)


def segment(folder: Path, name: str, frames: int, *options: str) -> Path:
    out = folder / name
    source = ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r=30000/1001:d={frames / float(RATE) + 0.01}"]
    x264 = ["-c:v", "libx264", "-x264-params", "stitchable=1:keyint=20:open-gop=0:bframes=3:b-pyramid=normal"]
    run_ffmpeg(
        [*source, "-frames:v", str(frames), *x264, "-video_track_timescale", "30000", *options, str(out)], subject=out
    )
    return out


def test_times_are_exact_across_joins(store: Store, tmp_path: Path) -> None:
    grid = FrameGrid(RATE, 95)
    pieces = [
        (segment(tmp_path, "a.mp4", 40), 0),
        (segment(tmp_path, "b.mp4", 17), 40),
        (segment(tmp_path, "c.mp4", 38), 57),
    ]
    out = tmp_path / "out.mp4"
    verify(out, join(pieces, silence(grid, store), grid, INFO, out), grid, 10**9)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.pts is not None]
        assert stream.time_base is not None
        assert sorted(p.pts * stream.time_base for p in packets if p.pts is not None) == [n / RATE for n in range(95)]
        assert all(a.dts < b.dts for a, b in pairwise(packets) if a.dts is not None and b.dts is not None)
    found = inspect(out)
    assert found.has_moov_first
    assert found.audio is not None
    assert abs(found.audio.end_s - grid.duration_s) <= 1 / RATE


def test_segments_with_other_headers_are_refused(store: Store, tmp_path: Path) -> None:
    grid = FrameGrid(RATE, 50)
    pieces = [(segment(tmp_path, "a.mp4", 25), 0), (segment(tmp_path, "b.mp4", 25, "-profile:v", "baseline"), 25)]
    with pytest.raises(VerificationError):
        join(pieces, silence(grid, store), grid, INFO, tmp_path / "out.mp4")


@pytest.mark.parametrize(("count", "begin"), [(51, 25), (50, 26)])
def test_a_frame_too_few_or_out_of_step_is_noticed(count: int, begin: int, store: Store, tmp_path: Path) -> None:
    grid = FrameGrid(RATE, count)
    pieces = [(segment(tmp_path, "a.mp4", 25), 0), (segment(tmp_path, "b.mp4", 25), begin)]
    out = tmp_path / "out.mp4"
    joined = join(pieces, silence(grid, store), grid, INFO, out)
    with pytest.raises(VerificationError):
        verify(out, joined, grid, 10**9)


def test_a_file_over_the_cap_is_noticed(store: Store, tmp_path: Path) -> None:
    grid = FrameGrid(RATE, 25)
    out = tmp_path / "out.mp4"
    joined = join([(segment(tmp_path, "a.mp4", 25), 0)], silence(grid, store), grid, INFO, out)
    with pytest.raises(VerificationError):
        verify(out, joined, grid, 1000)


def test_other_sound_or_another_order_of_segments_is_noticed(store: Store, tmp_path: Path) -> None:
    grid = FrameGrid(RATE, 50)
    one, two = segment(tmp_path, "a.mp4", 25), segment(tmp_path, "b.mp4", 25, "-vf", "negate")
    sound, out = silence(grid, store), tmp_path / "out.mp4"
    joined = join([(one, 0), (two, 25)], sound, grid, INFO, out)
    verify(out, joined, grid, 10**9)
    join([(two, 0), (one, 25)], sound, grid, INFO, out)
    with pytest.raises(VerificationError):
        verify(out, joined, grid, 10**9)
    with pytest.raises(VerificationError):
        verify(out, replace(joined, sound=joined.picture), grid, 10**9)


def test_a_segment_is_counted(tmp_path: Path) -> None:
    path = segment(tmp_path, "a.mp4", 25)
    verify_segment(path, RATE, 25)
    with pytest.raises(VerificationError):
        verify_segment(path, RATE, 24)
    with pytest.raises(VerificationError):
        verify_segment(path, Fraction(30), 25)


def test_silence_is_as_long_as_the_picture(store: Store) -> None:
    grid = FrameGrid(Fraction(25), 90)
    path = silence(grid, store)
    found = inspect(path)
    assert found.audio is not None
    assert (found.audio.codec, found.audio.sample_rate_hz, found.audio.channels) == ("aac", 48000, 2)
    assert abs(found.duration_s - grid.duration_s) < Fraction(1, 40)
    assert silence(grid, store) == path
