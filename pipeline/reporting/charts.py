"""Geometry of the report's charts: numbers that a template draws as SVG. All lengths in SVG user units."""

import math
from dataclasses import dataclass

from pipeline.records import Cue, Span
from pipeline.timing import clock

_LUFS_TOP, _LUFS_BOTTOM = 0.0, -50.0
_TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LEFT = 58.0
_RIGHT = 14.0
_ROW = 26.0
_AXIS = 24.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    """Place along the axis."""
    label: str


@dataclass(frozen=True, slots=True)
class LoudnessChart:
    """Short-term loudness over time."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    line: str
    """Path data of the curve."""
    band_top: float
    """Upper edge of the accepted band."""
    band_height: float
    integrated: float | None
    """Height of the programme loudness; ``None`` for silence."""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of bars on the timeline."""

    label: str
    colour: str
    """A name of the palette."""
    y: float
    height: float
    bars: tuple[tuple[float, float], ...]
    """Left edge and width of each."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows of bars over the lecture's time."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    rows: tuple[Row, ...]
    across: tuple[Tick, ...]


def loudness_chart(
    short_term_lufs: tuple[float, ...],
    integrated_lufs: float | None,
    band_lufs: tuple[float, float],
    duration_ms: int,
    size: tuple[float, float] = (940, 180),
) -> LoudnessChart:
    """Return the loudness curve of a lecture.

    Args:
        short_term_lufs: one value a second.
        integrated_lufs: programme loudness, ``None`` for silence.
        band_lufs: least and highest accepted programme loudness.
        duration_ms: length of the lecture.
        size: width of the chart and height of its curve.
    """
    width, top, bottom, right = size[0], 10.0, 10.0 + size[1], size[0] - _RIGHT
    scale = (right - _LEFT) / max(1, duration_ms)

    def height_of(lufs: float) -> float:
        share = (_LUFS_TOP - min(_LUFS_TOP, max(_LUFS_BOTTOM, lufs))) / (_LUFS_TOP - _LUFS_BOTTOM)
        return round(top + share * (bottom - top), 1)

    points = [
        (round(min(right, _LEFT + at_ms * scale), 1), height_of(lufs))
        for at_ms, lufs in _thinned(short_term_lufs, int(width / 1.5))
    ]
    band_top = height_of(band_lufs[1])
    return LoudnessChart(
        width, bottom + _AXIS, _LEFT, right, top, bottom,
        line="M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else "",
        band_top=band_top,
        band_height=round(height_of(band_lufs[0]) - band_top, 1),
        integrated=None if integrated_lufs is None else height_of(integrated_lufs),
        across=_ticks(duration_ms, right, scale),
        up=tuple(Tick(height_of(value), f"{value:.0f}".replace("-", "\N{MINUS SIGN}")) for value in range(-50, 1, 10)),
    )  # fmt: skip


def timeline(rows: tuple[tuple[str, str, tuple[Span, ...]], ...], duration_ms: int, width: float = 940) -> Timeline:
    """Return rows of ``(label, colour, spans)`` over ``duration_ms``; a bar is never too narrow to see."""
    right = width - _RIGHT
    scale = (right - _LEFT) / max(1, duration_ms)
    made = []
    for number, (label, colour, spans) in enumerate(rows):
        made.append(Row(label, colour, 6 + number * _ROW, _ROW - 10, _bars(spans, scale, right)))
    bottom = 6 + len(rows) * _ROW
    return Timeline(width, bottom + _AXIS, _LEFT, right, bottom, tuple(made), _ticks(duration_ms, right, scale))


def cue_spans(cues: tuple[Cue, ...], *, flagged: bool = False) -> tuple[Span, ...]:
    """Return when cues are on the screen; only those with flags when ``flagged``."""
    return tuple(Span(cue.start_ms, cue.end_ms) for cue in cues if cue.flags or not flagged)


def _bars(spans: tuple[Span, ...], scale: float, right: float) -> tuple[tuple[float, float], ...]:
    bars = []
    for span in spans:
        x = min(right - 1.0, _LEFT + span.start_ms * scale)
        bars.append((round(x, 2), round(min(right - x, max(1.0, span.duration_ms * scale)), 2)))
    return tuple(bars)


def _ticks(duration_ms: int, right: float, scale: float) -> tuple[Tick, ...]:
    """Return time marks, none so near to the next that their labels touch."""
    room = max(2, int((right - _LEFT) / 84))
    step = next((s for s in _TICK_STEPS_S if duration_ms / 1000 / s <= room), _TICK_STEPS_S[-1]) * 1000
    return tuple(Tick(round(_LEFT + at * scale, 1), clock(at)) for at in range(0, duration_ms + 1, step))


def _thinned(values: tuple[float, ...], most: int) -> list[tuple[float, float]]:
    """Return ``(time in ms, LUFS)`` points, at most ``most``, each the mean power of its bucket."""
    size = max(1, math.ceil(len(values) / most))
    points = []
    for start in range(0, len(values), size):
        bucket = values[start : start + size]
        power = sum(10 ** (value / 10) for value in bucket) / len(bucket)
        points.append(((start + len(bucket) / 2) * 1000, 10 * math.log10(max(power, 1e-9))))
    return points
