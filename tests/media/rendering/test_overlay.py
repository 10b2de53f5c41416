"""A panel is where and when it should be, to the frame, however the picture is cut into segments."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering.encoders import ENCODERS, Budget, Setting
from pipeline.media.rendering.overlay import Panel
from pipeline.media.rendering.picture import picture_frames, plan_picture
from pipeline.media.rendering.segments import Encoding, Film, frame_digests, segment_key
from pipeline.media.rendering.timeline import read_timeline
from pipeline.store import file_sha256
from pipeline.timing import delivery_grid

GREY = ["-f", "lavfi", "-i", "color=gray:size=320x180:rate=30000/1001:duration=4", "-c:v", "libx264", "-g", "15"]
RASTER = (320, 180)
COLOUR = (140, 26, 27)


def panel_of(folder: Path, first: int, after: int, fade: int = 6) -> Panel:
    """Return a panel of 40 by 20 pixels, opaque but for its left half."""
    pixels = np.full((20, 40, 4), (*COLOUR, 255), np.uint8)
    pixels[:, :20, 3] = 128
    path = folder / "panel.rgba"
    path.write_bytes(pixels.tobytes())
    return Panel(path, file_sha256(path), (40, 20), (32, 100), first, after, fade)


@pytest.fixture
def film(make_clip: Callable[..., Path]) -> Film:
    recording = inspect(make_clip("grey.mp4", GREY))
    assert recording.video is not None
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    return Film(recording, read_timeline(recording, recording.video, grid), plan_picture(recording.video, RASTER), None)


def one_pass(film: Film, frames: tuple[int, int], folder: Path) -> tuple[str, ...]:
    place = folder / f"{frames[0]}-{frames[1]}"
    place.mkdir()
    return frame_digests(film, frames, place)


@pytest.mark.parametrize("fade", [0, 6])
def test_segments_that_cut_a_panel_equal_one_pass(film: Film, fade: int, tmp_path: Path) -> None:
    film = replace(film, panels=(panel_of(tmp_path, 20, 65, fade), panel_of(tmp_path, 70, 90, fade)))
    count = film.grid.count
    whole = one_pass(film, (0, count), tmp_path)
    for cuts in ([0, 23, 60, 63, 66, 80, count], [0, 20, 65, 70, 90, count]):
        joined = [d for frames in pairwise(cuts) if frames != (0, count) for d in one_pass(film, frames, tmp_path)]
        assert joined == list(whole)
        for path in tmp_path.glob("*-*"):
            path.rename(tmp_path / f"old{cuts[1]}{path.name.replace('-', '_')}")
    bare = one_pass(replace(film, panels=()), (0, count), tmp_path)
    differs = {n for n in range(count) if bare[n] != whole[n]}
    inside = {*range(20, 65), *range(70, 90)}
    assert differs <= inside
    assert differs >= {n for n in inside if n - 1 in inside and n + 1 in inside}, "there from the second frame on"


def test_a_panel_is_in_its_place_and_nowhere_else(film: Film, tmp_path: Path) -> None:
    film = replace(film, panels=(panel_of(tmp_path, 10, 50),))
    with_panel, without = (pictures(film, tmp_path, drawn=drawn) for drawn in (True, False))
    stands, before = with_panel[30], without[30]
    changed = np.argwhere(stands[0] != before[0])
    assert changed.min(0).tolist() == [100, 32]
    assert changed.max(0).tolist() == [119, 71]
    red, green, blue = (value / 255 for value in COLOUR)
    luma = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
    assert abs(float(stands[0][105:115, 60].mean()) - luma) < 2, "BT.709, limited range"
    half = (float(before[0][110, 40]) + luma) / 2
    assert abs(float(stands[0][110, 40]) - half) < 3, "lets the picture through"
    rising = [float(abs(with_panel[n][0][110, 60].astype(int) - int(before[0][110, 60]))) for n in range(10, 17)]
    assert rising == sorted(rising)
    assert rising[0] < 3 < rising[3] < rising[6]


def pictures(film: Film, folder: Path, *, drawn: bool) -> list[tuple[NDArray[np.uint8], ...]]:
    """Return the planes of the first 60 frames as the encoder gets them."""
    width, height = RASTER
    path = folder / "frames.yuv"
    panels = film.panels if drawn else ()
    stream = picture_frames(film.recording, film.plan, film.timeline, (0, 60), changes=None, panels=panels)
    node = stream.output(str(path), **{"f": "rawvideo", "c:v": "rawvideo", "pix_fmt": "yuv420p"})
    run_ffmpeg(compile_args(node), subject=path, cwd=folder)
    size = width * height
    frames = np.fromfile(path, np.uint8).reshape(60, -1)
    return [(frame[:size].reshape(height, width), frame[size:]) for frame in frames]


def test_keys_change_where_the_panel_is_and_only_there(film: Film, tmp_path: Path) -> None:
    encoding = Encoding(ENCODERS["libx264"], Setting("ultrafast", 30.0), 60, Budget(1_000_000, 1_000_000))
    panel = panel_of(tmp_path, 20, 65)

    def key(frames: tuple[int, int], *panels: Panel) -> str:
        return segment_key(replace(film, panels=panels), encoding, frames)

    assert key((65, 100), panel) == key((65, 100))
    assert key((0, 20), panel) == key((0, 20))
    here = {key((60, 100)), key((60, 100), panel)}
    for other in (panel.moved(1), replace(panel, sha256="0"), replace(panel, place=(34, 100)), replace(panel, fade=5)):
        here.add(key((60, 100), other))
    assert len(here) == 6
