"""Frames that repeat the one before are found before they are scaled, and change nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import ffmpeg
import pytest

from pipeline.captions.ass import write_ass
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering import repeats
from pipeline.media.rendering.fonts import find_font
from pipeline.media.rendering.picture import Sides, plan_picture
from pipeline.media.rendering.segments import Film, Subtitles, frame_digests
from pipeline.media.rendering.timeline import read_timeline
from pipeline.presets import load_preset
from pipeline.records import Cue
from pipeline.timing import delivery_grid

AVC = ["-c:v", "libx264", "-qp", "0", "-g", "50"]
CHANGES = {
    "the first columns": (40, "drawbox=x=0:y=60:w=2:h=20"),
    "the last corner": (75, "drawbox=x=316:y=176:w=4:h=2"),
    "one colour": (100, "drawbox=x=100:y=40:w=2:h=2:color=0x808480"),
    "the whole": (130, "negate"),
}
"""What changes of a still picture from which frame on."""


def still(rate: int = 25) -> list[str]:
    seconds = 160 / 25
    filters = [f"color=gray:s=320x182:r={rate}:d={seconds}", "format=yuv420p"]
    for frame, what in CHANGES.values():
        filled = f"{what}:t=fill:" if what.startswith("drawbox") else f"{what}="
        filters.append(f"{filled}enable='gte(t,{frame / 25 - 0.001})'")
    return ["-f", "lavfi", "-i", ",".join(filters), *AVC]


def film_of(path: Path, subtitles: Subtitles | None = None) -> Film:
    recording = inspect(path)
    assert recording.video is not None
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    timeline = read_timeline(recording, recording.video, grid)
    return Film(recording, timeline, plan_picture(recording.video, (640, 360)), subtitles)


def are_many(film: Film) -> bool:
    assert film.recording.video is not None
    return repeats.are_many(film.recording.video, film.timeline)


def with_cues(film: Film, times: Sequence[tuple[int, int]]) -> Film:
    """Return the film with a cue from each frame to each other frame."""
    captions, font = load_preset().captions, find_font(load_preset().captions.font)
    milliseconds = 1000 / float(film.grid.rate)
    cues = [
        Cue(round(start * milliseconds), round(stop * milliseconds), f"第{number}句", "", None)
        for number, (start, stop) in enumerate(times)
    ]
    cues = [replace(cue, screen=cue.text) for cue in cues]

    def write(path: Path, window: tuple[int, int]) -> None:
        write_ass(cues, captions, font, film.grid, path, window)

    def changes(_window: tuple[int, int]) -> Sequence[int]:
        return [frame for pair in times for frame in pair]

    return replace(film, subtitles=Subtitles(write, font, lambda window: window, changes))


def digests(film: Film, frames: tuple[int, int], folder: Path) -> tuple[str, ...]:
    folder.mkdir()
    return frame_digests(film, frames, folder)


@pytest.mark.parametrize("sides", ["black", "blur"])
@pytest.mark.parametrize("frames", [(0, 160), (30, 111), (34, 41), (39, 40), (40, 41)])
def test_the_picture_is_the_same_with_and_without(
    sides: Sides,
    frames: tuple[int, int],
    make_clip: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film = film_of(make_clip("still.mp4", still()))
    film = with_cues(replace(film, plan=replace(film.plan, sides=sides)), [(10, 35), (35, 60), (80, 81), (90, 200)])
    assert are_many(film)
    left_out = digests(film, frames, tmp_path / "left-out")
    monkeypatch.setattr(repeats, "are_many", lambda _video, _timeline: False)
    assert left_out == digests(film, frames, tmp_path / "whole")

    edges = {10, 35, 60, 80, 81, 90, *(frame for frame, _ in CHANGES.values())}
    found = {number + 1 for number, (one, other) in enumerate(pairwise(left_out), frames[0]) if one != other}
    assert found == {edge for edge in edges if frames[0] < edge < frames[1]}


def test_a_long_segment_has_more_changes_than_ffmpeg_adds_up(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_of(make_clip("still.mp4", still()))
    film = with_cues(film, [(frame, frame + 1) for frame in range(5, 155)])
    left_out = digests(film, (0, 160), tmp_path / "left-out")
    monkeypatch.setattr(repeats, "CHANGES_MAX", 100)
    assert left_out == digests(film, (0, 160), tmp_path / "whole")
    assert sum(one != other for one, other in pairwise(left_out)) == 151


def test_a_still_of_wider_colours_goes_the_usual_way(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    film = film_of(make_clip("still.mp4", still()))
    wide = replace(film, plan=replace(film.plan, wide_primaries="smpte432"))
    assert are_many(wide)
    assert len(set(digests(wide, (0, 160), tmp_path / "wide"))) == 1 + len(CHANGES)


def test_frames_that_are_filled_in_are_not_scaled(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_of(make_clip("few.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=5:d=4", *AVC]))
    assert film.grid.count == 100
    assert are_many(film)
    assert not are_many(film_of(make_clip("all.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", *AVC])))
    left_out = digests(film, (0, 100), tmp_path / "left-out")
    assert [one == other for one, other in pairwise(left_out)].count(False) == 19
    monkeypatch.setattr(repeats, "are_many", lambda _video, _timeline: False)
    assert left_out == digests(film, (0, 100), tmp_path / "whole")


def test_only_frames_alike_to_the_last_bit_are_left_out(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    film = film_of(make_clip("still.mp4", still()))
    log = tmp_path / "kept.md5"
    stream = repeats.left_out(ffmpeg.input(str(film.recording.path)).video, (320, 182), ())
    node = stream.output(str(log), f="framemd5", fps_mode="passthrough")
    run_ffmpeg(compile_args(node), subject=film.recording.path)
    kept = [line for line in log.read_text().splitlines() if not line.startswith("#")]
    assert len(kept) == 1 + len(CHANGES)
