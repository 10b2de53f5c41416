"""Panels: stills with opacity that are laid over the picture for a while, fading in and out.

What a frame shows of a panel depends on the frame's number alone, so that segments still join to what one pass gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from pipeline.media.sources import ffmpeg_url

Frames = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Panel:
    """A still in its place and time. Left, top, width and height are even: each colour sample is of four pixels."""

    path: Path
    """Its pixels alone, RGBA, 8 bits each, opacity not multiplied in."""
    sha256: str
    size: tuple[int, int]
    """Width and height."""
    place: tuple[int, int]
    """Left and top."""
    first: int
    """Frame from which it is there, on the clock of what it is laid over."""
    after: int
    fade: int
    """Frames that it takes to appear, and to go."""

    def key(self, frames: Frames) -> object:
        """Return what the frames ``[a, b)`` show of it, for a segment's key; ``None`` for nothing."""
        if max(self.first, frames[0]) >= min(self.after, frames[1]):
            return None
        begin = self.first - frames[0]
        return self.sha256, self.size, self.place, begin, begin + self.after - self.first, self.fade

    def moved(self, count: int) -> "Panel":
        """Return it ``count`` frames later."""
        return replace(self, first=self.first + count, after=self.after + count)


def panels_in(panels: Sequence[Panel], frames: Frames) -> tuple[Panel, ...]:
    """Return the panels of which the frames ``[a, b)`` show something."""
    return tuple(panel for panel in panels if panel.key(frames) is not None)


def laid_over(stream: Any, panels: Sequence[Panel], frames: Frames, rate: Fraction) -> Any:
    """Return an ffmpeg-python stream of the frames ``[a, b)``, numbered from 0, with the panels over them."""
    for number, panel in enumerate(panels_in(panels, frames)):
        left, top = panel.place
        stream = stream.overlay(_shown(panel, number, frames, rate), x=left, y=top, format="yuv420", eof_action="pass")
    return stream


def _shown(panel: Panel, number: int, frames: Frames, rate: Fraction) -> Any:
    """Return the panel's own frames that fall into ``[a, b)``, at their places: all are made, the others go.

    ffmpeg-python takes two equal inputs for one, so each ``number`` gives an input of its own.
    """
    count = panel.after - panel.first
    skipped = max(0, frames[0] - panel.first)
    kept_until = min(count, frames[1] - panel.first)
    form = {"f": "rawvideo", "pix_fmt": "rgba", "video_size": panel.size, "thread_queue_size": 8 + number}
    stream = (
        ffmpeg_python.input(ffmpeg_url(panel.path), framerate=f"{rate.numerator}/{rate.denominator}", **form)
        .filter("scale", flags="accurate_rnd+full_chroma_int", out_color_matrix="bt709", out_range="limited")
        .filter("format", "yuva420p")
        .filter("tpad", stop=count - 1, stop_mode="clone")
        .filter("settb", expr=f"{rate.denominator}/{rate.numerator}")
    )
    if panel.fade:
        stream = stream.filter("fade", type="in", start_frame=0, nb_frames=panel.fade, alpha=1)
        stream = stream.filter("fade", type="out", start_frame=count - panel.fade, nb_frames=panel.fade, alpha=1)
    begin = max(0, panel.first - frames[0])
    return stream.filter("trim", start_frame=skipped, end_frame=kept_until).filter("setpts", expr=f"N+{begin}")
