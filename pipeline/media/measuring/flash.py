"""Flashes that can hurt: the general flash of WCAG 2.3.1, counted on a coarse grid of the picture.

A flash is a pair of opposing changes of relative luminance by 10 % of the maximum or more, where the darker picture is
below 0.80. It counts where it fills a quarter of a 10° field of view at once, which is a window of a third of the
picture's width and height. Source: WCAG 2.2, success criterion 2.3.1 and "general flash and red flash thresholds"
(341 × 256 of 1024 × 768 pixels).
"""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Span

CELLS = (18, 32)
"""Rows and columns of the grid."""
_CHANGE = 0.10
_DARKER_BELOW = 0.80
_ROUNDING_S = 0.001
"""Timestamps are rounded; a change exactly a second ago belongs to the second before."""
_WINDOW = (CELLS[0] // 3, CELLS[1] // 3)
_AREA = 0.25 * _WINDOW[0] * _WINDOW[1]

Floats = NDArray[np.float32]


def linear_light() -> Floats:
    """Return the relative luminance (0 to 1) of each 8-bit luma code, limited range.

    Source: IEC 61966-2-1, as WCAG's definition of relative luminance has it.
    """
    signal = np.clip((np.arange(256) - 16) / 219, 0, 1)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4).astype(np.float32)


def is_change(darker: Floats, lighter: Floats) -> NDArray[np.bool_]:
    """Tell, cell by cell, whether two luminances are as far apart as a flash's."""
    return (lighter >= darker + _CHANGE) & (darker < _DARKER_BELOW)


def fills_field(cells: NDArray[np.bool_]) -> bool:
    """Tell whether cells (``CELLS``) fill a quarter of some window of a third of the picture's width and height."""
    if cells.sum() < _AREA:
        return False
    sums: NDArray[Any] = np.zeros((CELLS[0] + 1, CELLS[1] + 1), np.int32)
    sums[1:, 1:] = cells.cumsum(0).cumsum(1)
    rows, columns = _WINDOW
    window = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return bool(window.max() >= _AREA)


class FlashCounter:
    """Counts flashes frame by frame: each cell follows its luminance from turning point to turning point."""

    def __init__(self, flashes_per_s: int) -> None:
        """Count seconds with more than ``flashes_per_s`` flashes."""
        self._limit = 2 * flashes_per_s
        self._extreme: Floats | None = None
        self._rising: NDArray[np.bool_] = np.zeros(CELLS, bool)
        self._settled: NDArray[np.bool_] = np.zeros(CELLS, bool)
        self._recent: deque[tuple[float, NDArray[np.bool_]]] = deque()
        self._count: NDArray[np.int16] = np.zeros(CELLS, np.int16)
        self._spans: list[Span] = []

    def add(self, time_s: float, luminance: Floats) -> None:
        """Take a frame: its time in seconds and its cells' relative luminance, ``CELLS`` float32."""
        if self._extreme is None:
            self._extreme = luminance.copy()
            return
        turned = self._turn(luminance)
        while self._recent and self._recent[0][0] <= time_s - 1 + _ROUNDING_S:
            self._count -= self._recent.popleft()[1]
        if turned.any():
            self._recent.append((time_s, turned))
            self._count += turned
            if self._is_over():
                self._note(time_s)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stretches, a second at least, that hold too many flashes."""
        return tuple(self._spans)

    def _turn(self, light: Floats) -> NDArray[np.bool_]:
        """Return the cells that have just completed a change against their direction, and follow the others."""
        extreme = self._extreme
        assert extreme is not None
        higher = light >= extreme + _CHANGE
        lower = light <= extreme - _CHANGE
        darker_counts = np.minimum(light, extreme) < _DARKER_BELOW
        up = higher & ~(self._rising & self._settled) & darker_counts
        down = lower & (self._rising | ~self._settled) & darker_counts
        turned = up | down
        onward = np.where(self._rising, light > extreme, light < extreme) & self._settled
        # A cell that has not changed yet has no direction: its first change against the start counts.
        self._rising = np.where(turned, up, self._rising)
        self._settled |= turned
        self._extreme = np.where(turned | onward, light, extreme).astype(np.float32, copy=False)
        return turned

    def _is_over(self) -> bool:
        """A window of a third of the picture flashes too often over a quarter of its area."""
        return fills_field(self._count > self._limit)

    def _note(self, time_s: float) -> None:
        start, end = max(0, round((time_s - 1) * 1000)), round(time_s * 1000)
        if self._spans and start <= self._spans[-1].end_ms:
            self._spans[-1] = Span(self._spans[-1].start_ms, end)
        else:
            self._spans.append(Span(start, max(end, start + 1)))
