"""Only a source whose every seek decodes from its key frame may be cut into segments."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.media.probing.probe import inspect

PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=6", "-pix_fmt", "yuv420p", "-c:v", "libx264"]


@pytest.mark.parametrize(
    ("name", "parameters", "is_seekable"),
    [
        ("open-gop.mkv", "open-gop=1:keyint=50:bframes=3", True),
        ("one-key.mp4", "keyint=infinite:scenecut=0", True),
        ("intra-refresh.mp4", "intra-refresh=1:keyint=50", False),
        ("stream.ts", "keyint=25", False),
        ("old.avi", "keyint=25:bframes=0", False),
    ],
)
def test_where_segments_may_be_cut(
    make_clip: Callable[[str, list[str]], Path], name: str, parameters: str, is_seekable: bool
) -> None:
    found = inspect(make_clip(name, [*PICTURE, "-x264-params", parameters])).video
    assert found is not None
    assert found.is_seekable == is_seekable
