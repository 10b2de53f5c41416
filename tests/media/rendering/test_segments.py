"""Joined segments hold, frame for frame, what one pass would hold, however the source is timed."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering import segments
from pipeline.media.rendering.picture import plan_picture
from pipeline.media.rendering.segments import Film, frame_digests, plan_segments
from pipeline.media.rendering.timeline import Timeline, read_timeline
from pipeline.records import Cue
from pipeline.timing import FrameGrid, delivery_grid
from tests.media.sources_of_all_kinds import SOURCES

RASTER = (320, 180)


def film_of(path: Path, *, believe_seekable: bool = False) -> Film:
    recording = inspect(path)
    assert recording.video is not None
    if believe_seekable:
        recording = replace(recording, video=replace(recording.video, is_seekable=True))
        assert recording.video is not None
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    timeline = read_timeline(recording, recording.video, grid)
    return Film(recording, timeline, plan_picture(recording.video, RASTER), None)


def digests(film: Film, frames: tuple[int, int], folder: Path) -> tuple[str, ...]:
    place = folder / f"{frames[0]}-{frames[1]}"
    place.mkdir()
    return frame_digests(film, frames, place)


def pieces(count: int, length: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, count - length // 2, length), count]))


def shown(timeline: Timeline, frame: int) -> int:
    """Return the time stamp of the source's frame that must be on the screen."""
    ticks = timeline.shown_at(frame)
    return timeline.pts_ticks[0] if ticks is None else ticks


@pytest.mark.parametrize("name", SOURCES)
def test_joined_segments_equal_one_pass(name: str, make_clip: Callable[..., Path], tmp_path: Path) -> None:
    film = film_of(make_clip(name, SOURCES[name]), believe_seekable=True)
    count = film.grid.count
    whole = digests(film, (0, count), tmp_path)
    parts = pieces(count, int(film.grid.rate * (Fraction(13, 10) if count < 300 else Fraction(26, 5))))
    joined = [digest for frames in parts for digest in digests(film, frames, tmp_path)]
    assert len(whole) == count
    assert joined == list(whole)
    assert any(film.timeline.seek_ticks(a) is not None for a, _ in parts), "at least one was cut by seeking"

    due = [shown(film.timeline, n) for n in range(count)]
    assert [a == b for a, b in pairwise(whole)] == [a == b for a, b in pairwise(due)], "each at its time"
    assert len(set(whole)) == len(set(due)), "no source frame was taken for another"


def test_constant_rate_off_the_grid_keeps_every_frame(make_clip: Callable[..., Path]) -> None:
    name = "half-a-frame-late.mkv"
    film = film_of(make_clip(name, SOURCES[name]))
    due = [shown(film.timeline, n) for n in range(film.grid.count)]
    assert len(set(due)) == 120, "rounding noise neither drops nor doubles a frame"


def test_late_picture_holds_its_first_frame(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    film = film_of(make_clip("late-picture.mp4", SOURCES["late-picture.mp4"]))
    found = digests(film, (0, 60), tmp_path)
    assert len(set(found[:40])) == 1
    assert len(set(found[39:])) == 21, "which is also due at 1.3 s"


def test_short_picture_holds_its_last_frame(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    film = film_of(make_clip("short-picture.mp4", SOURCES["short-picture.mp4"]))
    found = digests(film, (100, film.grid.count), tmp_path)
    assert len(found) == film.grid.count - 100
    assert len(set(found)) == 1


def test_cut_by_an_edit_list(make_clip: Callable[..., Path], clips: Path, tmp_path: Path) -> None:
    whole = make_clip("constant.mp4", SOURCES["constant.mp4"])
    cut = clips / "cut.mp4"
    run_ffmpeg(["-ss", "1.7", "-i", str(whole), "-c", "copy", str(cut)], subject=whole)
    film = film_of(cut, believe_seekable=True)
    one = digests(film, (0, film.grid.count), tmp_path)
    joined = [d for frames in pieces(film.grid.count, 29) for d in digests(film, frames, tmp_path)]
    assert list(one) == joined


def test_a_seek_that_lands_too_late_is_done_again(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_of(make_clip("constant.mp4", SOURCES["constant.mp4"]))
    right = digests(film, (60, 90), tmp_path)
    monkeypatch.setattr(Timeline, "seek_ticks", lambda self, frame: self.pts_ticks[100])
    (tmp_path / "60-90").rename(tmp_path / "before")
    assert digests(film, (60, 90), tmp_path) == right


def line(grid: FrameGrid, *, group: int = 0, is_seekable: bool = True) -> Timeline:
    """Return the timeline of a recording with a time stamp a frame and a key frame every ``group`` frames."""
    pts = tuple(number * grid.rate.denominator for number in range(grid.count))
    return Timeline(grid, grid.rate.numerator, 0, pts, pts[:: group or 1], is_seekable=is_seekable)


def test_a_source_that_cannot_be_sought_is_one_segment() -> None:
    assert plan_segments(line(FrameGrid(Fraction(25), 9999), is_seekable=False), [], 60) == ((0, 9999),)


def test_rare_key_frames_make_long_segments_that_begin_soon_after_one() -> None:
    grid = FrameGrid(Fraction(25), 25 * 1200)
    cues = cues_from([(3300, 80)] * 350)
    for group in (25, 250, 1500):
        bounds = plan_segments(line(grid, group=group), cues, 20)
        wasted = [a % group for a, _ in bounds]
        assert sum(wasted) / len(wasted) <= 2.2 * 25, "half a cue, where a pause lies anywhere"
        assert abs(bounds[0][1] - max(20 * 25, 2 * group)) <= max(20 * 25, 2 * group) / 4
        split = [cue for cue in cues for a, _ in bounds if grid.nearest(cue.start_ms) < a < grid.nearest(cue.end_ms)]
        assert not split


CUES = st.lists(st.tuples(st.integers(100, 4000), st.integers(80, 3000)), max_size=60)


def cues_from(steps: list[tuple[int, int]]) -> list[Cue]:
    cues, at = [], 0
    for length, pause in steps:
        cues.append(Cue(at + pause, at + pause + length, "字", "字", None))
        at += pause + length
    return cues


@given(CUES, st.integers(1, 5000), st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60)]))
def test_segments_cover_the_grid_and_keep_their_length(
    steps: list[tuple[int, int]], count: int, rate: Fraction
) -> None:
    bounds = plan_segments(line(FrameGrid(rate, count)), cues_from(steps), 12)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == count
    assert all(a < b for a, b in bounds)
    assert all(left[1] == right[0] for left, right in pairwise(bounds))
    assert all(b - a <= 12 * rate * 2 for a, b in bounds)


@given(CUES, st.sampled_from([1, 25, 120]))
def test_boundaries_fall_in_pauses_where_one_is_near(steps: list[tuple[int, int]], group: int) -> None:
    grid = FrameGrid(Fraction(25), 5000)
    cues = cues_from(steps)
    for a, _ in plan_segments(line(grid, group=group), cues, 20)[1:]:
        split = [cue for cue in cues if grid.nearest(cue.start_ms) < a < grid.nearest(cue.end_ms)]
        assert not split, "a cue of at most 4 s has an end within 5 s"


@given(CUES.filter(lambda steps: len(steps) > 3), st.data())
def test_a_changed_text_moves_no_boundary_and_a_changed_time_only_near_ones(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    grid = FrameGrid(Fraction(25), 5000)
    cues = cues_from(steps)
    number = data.draw(st.integers(0, len(cues) - 1))
    moved = replace(cues[number], end_ms=cues[number].end_ms - 80)
    before = plan_segments(line(grid, group=60), cues, 20)
    after = plan_segments(line(grid, group=60), [*cues[:number], moved, *cues[number + 1 :]], 20)
    at = grid.nearest(moved.end_ms)
    assert all(abs(a - at) <= 20 * 25 for (a, _), (b, _) in zip(before, after, strict=True) if a != b)


def test_version_is_part_of_the_key(make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.media.rendering.encoders import ENCODERS, Budget, Setting

    film = film_of(make_clip("constant.mp4", SOURCES["constant.mp4"]))
    encoding = segments.Encoding(ENCODERS["libx264"], Setting("faster", 23.0), 50, Budget(1_000_000, 2_000_000))
    first = segments.segment_key(film, encoding, (0, 50))
    assert first == segments.segment_key(film, encoding, (0, 50))
    others = {
        segments.segment_key(film, encoding, (0, 51)),
        segments.segment_key(film, replace(encoding, budget=Budget(900_000, 2_000_000)), (0, 50)),
        segments.segment_key(replace(film, recording=replace(film.recording, sha256="0")), encoding, (0, 50)),
        segments.segment_key(replace(film, plan=replace(film.plan, rotation=180)), encoding, (0, 50)),
    }
    monkeypatch.setattr(segments, "_VERSION", 99)
    others.add(segments.segment_key(film, encoding, (0, 50)))
    assert len(others) == 5
    assert first not in others
