"""Groups of pictures from packets: length, closed or open, B-frames, in MP4 and in MPEG-TS."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.media.probing.gop import walk_packets
from pipeline.media.probing.probe import inspect

MakeClip = Callable[[str, list[str]], Path]
SOURCE = ["-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=4", "-c:v", "libx264", "-preset", "veryfast"]


@pytest.mark.parametrize(
    ("name", "x264", "longest_s", "is_closed", "has_b"),
    [
        ("gop_closed.mp4", "keyint=25:scenecut=0:bframes=3", 1.0, True, True),
        ("gop_closed.ts", "keyint=25:scenecut=0:bframes=3", 1.0, True, True),
        ("gop_open.mp4", "keyint=25:scenecut=0:bframes=3:open-gop=1", 1.0, False, True),
        ("gop_long.mp4", "keyint=75:scenecut=0:bframes=0", 3.0, True, False),
        ("gop_single.mp4", "keyint=infinite:scenecut=0:bframes=0", 4.0, True, False),
    ],
)
def test_structure(make_clip: MakeClip, name: str, x264: str, longest_s: float, is_closed: bool, has_b: bool) -> None:
    walk = walk_packets(inspect(make_clip(name, [*SOURCE, "-x264-params", x264])))
    assert walk.gop is not None
    assert walk.gop.longest_s == pytest.approx(longest_s, abs=0.001)
    assert (walk.gop.is_closed, walk.gop.b_frames) == (is_closed, has_b)
    assert len(walk.times_s) == 100
    assert walk.times_s[:2] == pytest.approx((0.0, 0.04), abs=0.001)


def test_sound_alone_has_no_groups(make_clip: MakeClip) -> None:
    clip = make_clip("gop_sound.m4a", ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"])
    assert walk_packets(inspect(clip)).gop is None
