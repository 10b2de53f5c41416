"""A card as a short lossless clip: from then on it is a source like any recording."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np

from pipeline.errors import VerificationError
from pipeline.media.rendering.fonts import Font
from pipeline.media.rendering.titles.composing import Pixels
from pipeline.media.sources import open_container
from pipeline.timing import FrameGrid

_OPTIONS = {"qp": "0", "preset": "ultrafast", "threads": "1", "x264-params": "keyint=25:scenecut=0"}
"""Lossless; frames that stand still cost next to nothing."""


def film(frames: Iterable[Pixels], grid: FrameGrid, out: Path) -> None:
    """Write RGB frames as an MP4 from which every one of them comes back exactly.

    Raises:
        VerificationError: fewer or more frames than the grid has.
    """
    with av.open(f"file:{out.absolute()}", "w", format="mp4", options={"movflags": "+faststart"}) as target:
        stream: Any = None
        for number, pixels in enumerate(frames):
            if stream is None:
                stream = target.add_stream("libx264rgb", rate=grid.rate, options=dict(_OPTIONS))
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "rgb24"
                stream.time_base = stream.codec_context.time_base = 1 / grid.rate
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = number, 1 / grid.rate
            target.mux(stream.encode(frame))
        if stream is not None:
            target.mux(stream.encode(None))
    written = _count(out)
    if written != grid.count:
        raise VerificationError(out, problem=f"{written} frames of a title card instead of {grid.count}")


def lone_face(font: Font, out: Path) -> None:
    """Write one face of a font collection as a file of its own: a drawer of text takes the first of a collection."""
    from fontTools.ttLib import TTCollection

    with TTCollection(str(font.path)) as collection:
        collection.fonts[font.face].save(str(out))


def _count(path: Path) -> int:
    with open_container(path) as container:
        return sum(packet.pts is not None for packet in container.demux(container.streams.video[0]))
