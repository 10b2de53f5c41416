"""The finished picture, measured in one decoding pass at low resolution: black, freeze, flashes, bars, damage.

ffmpeg's own detectors find black and freeze; the frames that pass through them are read here for flashes and bars.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.media.graph import compile_args
from pipeline.media.measuring.flash import CELLS, FlashCounter, Floats, linear_light
from pipeline.media.measuring.frames import frames_at
from pipeline.media.measuring.groups import HEIGHT, WIDTH
from pipeline.media.measuring.stretches import BLACK_SHARE, FREEZE_NOISE
from pipeline.media.probing.gop import PacketWalk
from pipeline.media.sources import ffmpeg_input
from pipeline.media.stream import decode_stream
from pipeline.presets import Limits
from pipeline.records import Recording, Span

Bars = tuple[int, int, int, int]
Progress = Callable[[float], None]

_STEP = 2
"""Every second pixel of every second line is enough to find flashes."""
BAR_LUMA = 32
"""Brightest luma of a bar, limited range: black is 16, coding noise and ringing stay below twice that."""
_BAR_EDGE_SHARE = 0.6
"""Share of a bar's edge that is lit at some time."""
_PICTURE_SHARE = 0.8
"""Share of what lies between the bars that is lit at some time."""
_BAR_SAMPLES = 8


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Measured from the decoded picture."""

    black: tuple[Span, ...] = ()
    frozen: tuple[Span, ...] = ()
    flashes: tuple[Span, ...] = ()
    bars: Bars = (0, 0, 0, 0)
    decode_errors: int = 0
    frames: int = 0
    """Frames that came out of the decoder."""
    share: float = 1.0
    """Of the picture's frames, those that were decoded."""
    sure_s: float = 0.0
    """A fault that lasts this long is seen for certain, seconds; 0 when every frame was looked at."""


def measure_picture(recording: Recording, walk: PacketWalk, limits: Limits, on_progress: Progress) -> PictureFacts:
    """Return the facts of the recording's picture; nothing for sound alone.

    Args:
        recording: the probe of the file.
        walk: its packets, for the times of its frames.
        limits: the shortest black and freeze that count, and the flashes allowed.
        on_progress: called with the seconds done.
    """
    video = recording.video
    if video is None:
        return PictureFacts()
    pass_ = _Pass(recording, walk.times_s, limits.flashes_per_s, on_progress)
    node = (
        # Deblocking takes a quarter of the decoder's time and changes this small picture by less than half a level.
        ffmpeg_input(recording.path, skip_loop_filter="all")[str(video.index)]
        .filter("scale", WIDTH, HEIGHT, flags="fast_bilinear", out_range="tv")
        .filter("format", "yuv420p")
        .filter("blackdetect", d=limits.black_min_s, pic_th=BLACK_SHARE)
        .filter("freezedetect", n=FREEZE_NOISE, d=limits.freeze_min_s)
    )
    output = node.output("pipe:1", format="rawvideo", fps_mode="passthrough")
    done = decode_stream(
        compile_args(output),
        subject=recording.path,
        block_bytes=WIDTH * HEIGHT * 3 // 2,
        on_block=pass_.add,
    )
    end_ms = round((video.end_s - recording.origin_s) * 1000)
    return PictureFacts(
        black=_spans(done.log, r"black_start:\s*([\d.]+)", r"black_end:\s*([\d.]+)", end_ms),
        frozen=_spans(done.log, r"freeze_start:\s*([\d.]+)", r"freeze_end:\s*([\d.]+)", end_ms),
        flashes=pass_.flash.spans,
        bars=exact_bars(recording, pass_.bars(), walk.key_times_s),
        decode_errors=done.errors + (done.code != 0 and not done.errors) + (done.frames == 0),
        frames=done.frames,
    )


class _Pass:
    """Follows the low-resolution frames."""

    def __init__(
        self, recording: Recording, times_s: Sequence[float], flashes_per_s: int, on_progress: Progress
    ) -> None:
        assert recording.video is not None
        self.flash = FlashCounter(flashes_per_s)
        self._times = times_s
        self._rate = max(float(recording.video.frame_rate), 1.0)
        self._on_progress = on_progress
        self._brightest: NDArray[np.uint8] = np.zeros((HEIGHT, WIDTH), np.uint8)
        self._count = 0
        self._before: NDArray[np.uint8] | None = None

    def add(self, block: memoryview) -> None:
        """Take a frame, yuv420p; its luma plane comes first."""
        luma = np.frombuffer(block, np.uint8, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
        np.maximum(self._brightest, luma, out=self._brightest)
        points = luma[::_STEP, ::_STEP].copy()
        time_s = self._times[self._count] if self._count < len(self._times) else self._count / self._rate
        if self._before is None or not np.array_equal(points, self._before):
            self._before = points
            self.flash.add(time_s, luminance_cells(luma))
        self._count += 1
        if self._count % 50 == 0:
            self._on_progress(time_s)

    def bars(self) -> Bars:
        """Return the bars of the low-resolution picture, in its pixels: dark in every frame, lit right beside."""
        return find_bars(self._brightest, BAR_LUMA)


def luminance_cells(luma: NDArray[np.uint8]) -> Floats:
    """Return the relative luminance of each cell (``CELLS``) of a low-resolution luma plane."""
    light, rows, columns = _matrices()
    return (rows @ light.take(luma[::_STEP, ::_STEP]) @ columns).astype(np.float32, copy=False)


@lru_cache(maxsize=1)
def _matrices() -> tuple[Floats, Floats, Floats]:
    return linear_light(), _averaging(HEIGHT // _STEP, CELLS[0]), _averaging(WIDTH // _STEP, CELLS[1]).T


def _averaging(points: int, cells: int) -> Floats:
    """Return the ``(cells, points)`` matrix that averages neighbouring points into cells."""
    block = points // cells
    matrix: Floats = np.repeat(np.eye(cells, dtype=np.float32) / block, block, axis=1).astype(np.float32)
    return matrix


def find_bars(brightest: NDArray[np.uint8], threshold: int) -> Bars:
    """Return left, top, right and bottom bars of a map of each pixel's brightest luma, in its pixels.

    A bar is dark over its whole length, is less than half the picture, and ends in an edge that is lit over most of its
    length; what lies between is lit nearly everywhere. Text on a black page has wide margins and no such edge.
    """
    lit = brightest > threshold
    rows, columns = np.flatnonzero(lit.any(1)), np.flatnonzero(lit.any(0))
    if not len(rows):
        return (0, 0, 0, 0)
    height, width = lit.shape
    top, bottom = int(rows[0]), height - 1 - int(rows[-1])
    left, right = int(columns[0]), width - 1 - int(columns[-1])
    inside = lit[top : height - bottom, left : width - right]
    if inside.mean() < _PICTURE_SHARE:
        return (0, 0, 0, 0)
    return (
        _bar(left, width, inside[:, :2].any(1)),
        _bar(top, height, inside[:2].any(0)),
        _bar(right, width, inside[:, -2:].any(1)),
        _bar(bottom, height, inside[-2:].any(0)),
    )


def _bar(size: int, extent: int, edge: Any) -> int:
    return size if 0 < size < extent / 2 and edge.mean() >= _BAR_EDGE_SHARE else 0


def exact_bars(recording: Recording, coarse: Bars, key_times_s: Sequence[float]) -> Bars:
    """Return the bars in pixels of the shown picture, measured on full frames where the coarse map has any."""
    if not any(coarse):
        return (0, 0, 0, 0)
    step = recording.duration_ms / _BAR_SAMPLES
    times = [int(step * (place + 0.5)) for place in range(_BAR_SAMPLES)]
    brightest: NDArray[np.uint8] | None = None
    for _, pixels in frames_at(recording, times, key_times_s):
        luma = pixels.max(2)
        brightest = luma if brightest is None else np.maximum(brightest, luma)
    if brightest is None:
        return (0, 0, 0, 0)
    # A full-range RGB pixel of a limited-range luma of 32 is about 19; chroma noise adds some.
    fine = find_bars(brightest, BAR_LUMA)
    left, top, right, bottom = (exact if near else 0 for exact, near in zip(fine, coarse, strict=True))
    return (left, top, right, bottom)


def _spans(log: str, start: str, end: str, last_ms: int) -> tuple[Span, ...]:
    """Return the stretches that a detector wrote to the log; one that runs to the end of the file may lack its end."""
    spans: list[Span] = []
    begun: int | None = None
    for match in re.finditer(f"(?:{start})|(?:{end})", log):
        if match[1] is not None:
            begun = round(float(match[1]) * 1000)
        if match[2] is not None and begun is not None:
            spans.append(Span(begun, round(float(match[2]) * 1000)))
            begun = None
    if begun is not None and begun < last_ms:
        spans.append(Span(begun, last_ms))
    return tuple(spans)
