"""The frame rate behind a list of timestamps, and whether it is really constant."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from pipeline.timing import STANDARD_RATES

KNOWN_RATES = (
    *STANDARD_RATES,
    Fraction(24),
    Fraction(24000, 1001),
    Fraction(15),
    Fraction(15000, 1001),
    Fraction(10),
    Fraction(12),
    Fraction(12000, 1001),
    Fraction(20),
    Fraction(25, 2),
    Fraction(5),
    Fraction(48),
    Fraction(100),
    Fraction(120),
    Fraction(120000, 1001),
)
"""Rates that cameras, phones and screen recorders write, the deliverable ones first."""

_COARSE_TICKS = 4
"""A frame of fewer ticks than this cannot be told from its neighbour if a tick of rounding is allowed."""
_NEAR = Fraction(1, 100)
"""An average this near to a known rate that most frames keep is that rate, with a few frames late or lost."""


def find_rate(
    pts: Sequence[int], time_base: Fraction, nominal: Iterable[Fraction | None], last_duration: int
) -> tuple[Fraction, bool]:
    """Return the frame rate (frames a second) and whether it is constant.

    A rate counts as constant when every timestamp lies on its ideal grid within one tick of the time base, so that
    30000/1001 in the milliseconds of a Matroska is found to be what it is.

    Args:
        pts: timestamps in ticks, ascending, at least one.
        time_base: seconds a tick.
        nominal: rates that the headers claim, tried first.
        last_duration: duration of the last frame in ticks, for the average; 0 when unknown.
    """
    claimed = [rate for rate in nominal if rate is not None and 0 < rate <= 1000]
    if len(pts) < 2:
        return (claimed[0] if claimed else Fraction(25)), True
    span = pts[-1] - pts[0]
    deltas = Counter(b - a for a, b in pairwise(pts))
    if span == 0 or min(deltas) <= 0:
        return _average(pts, time_base, deltas, last_duration, claimed), False
    average = Fraction(len(pts) - 1, span) / time_base
    known = [rate for rate in KNOWN_RATES if abs(average / rate - 1) < _NEAR]
    exact = [1 / (next(iter(deltas)) * time_base)] if len(deltas) == 1 else []
    simple = [
        Fraction(round(average * 1001 / 1000) * 1000, 1001),
        Fraction(round(average)),
        average.limit_denominator(1001),
    ]
    choices = (
        [rate for rate in claimed if rate in known],
        known,
        [rate for rate in (*claimed, *exact, *simple) if rate > 0],
    )
    for rates in choices:
        errors = {rate: _error(pts, 1 / (rate * time_base)) for rate in rates}
        fitting = [rate for rate in rates if errors[rate] <= 2 * _tolerance(1 / (rate * time_base))]
        if fitting:
            return min(fitting, key=errors.__getitem__), True
    return _average(pts, time_base, deltas, last_duration, claimed), False


def _tolerance(step: Fraction) -> int:
    """Return how many ticks a timestamp may lie off a grid of ``step`` ticks."""
    return 0 if step < _COARSE_TICKS else 1


def _error(pts: Sequence[int], step: Fraction) -> Fraction:
    """Return how far apart, in ticks, the earliest and the latest of ``pts`` lie from a grid of ``step`` ticks."""
    count, top, bottom = len(pts) - 1, step.numerator, step.denominator
    at_the_end = abs(pts[-1] - pts[0] - count * step)
    if at_the_end > 2:
        return at_the_end
    errors = [value * bottom - number * top for number, value in enumerate(pts)]
    return Fraction(max(errors) - min(errors), bottom)


def _average(
    pts: Sequence[int], time_base: Fraction, deltas: Counter[int], last_duration: int, claimed: Sequence[Fraction]
) -> Fraction:
    """Return the average rate; a known rate that it nearly is and that the usual frame keeps takes its place."""
    middle = _median(deltas)
    span = pts[-1] - pts[0] + (last_duration if last_duration > 0 else max(middle, 0))
    if span <= 0:
        return claimed[0] if claimed else Fraction(25)
    average = Fraction(len(pts), span) / time_base
    near = [rate for rate in KNOWN_RATES if abs(average / rate - 1) < _NEAR]
    kept = [rate for rate in near if middle > 0 and abs(1 / (middle * time_base * rate) - 1) < 2 * _NEAR]
    return min(kept, key=lambda rate: abs(average - rate)) if kept else average


def _median(deltas: Counter[int]) -> int:
    half, seen = deltas.total() / 2, 0
    for delta in sorted(deltas):
        seen += deltas[delta]
        if seen >= half:
            return delta
    return 0
