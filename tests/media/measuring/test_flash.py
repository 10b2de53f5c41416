"""Flashes on hand-made luminance: what counts, what does not."""

import numpy as np
import pytest

from pipeline.media.measuring.flash import CELLS, FlashCounter, linear_light
from pipeline.records import Span

RATE = 30
ROWS, COLUMNS = CELLS


def flicker(
    period_frames: int, low: float, high: float, rows: int = ROWS, columns: int = COLUMNS, seconds: int = 3
) -> tuple[Span, ...]:
    """Count a part of the picture that goes between two luminances."""
    counter = FlashCounter(3)
    for frame in range(seconds * RATE):
        light = np.full(CELLS, high, np.float32)
        if frame % period_frames < period_frames // 2:
            light[:rows, :columns] = low
        counter.add(frame / RATE, light)
    return counter.spans


def test_three_flashes_a_second_pass_and_four_fail() -> None:
    assert flicker(10, 0.0, 1.0) == ()
    spans = flicker(6, 0.0, 1.0)
    assert len(spans) == 1
    assert spans[0].end_ms > 2800


@pytest.mark.parametrize(
    ("low", "high", "is_flash"),
    [(0.0, 0.11, True), (0.0, 0.09, False), (0.85, 1.0, False), (0.75, 0.9, True)],
)
def test_a_change_counts_from_a_tenth_with_the_darker_below_eight_tenths(
    low: float, high: float, is_flash: bool
) -> None:
    assert bool(flicker(6, low, high)) == is_flash


@pytest.mark.parametrize(
    ("rows", "columns", "is_flash"),
    [(3, 5, True), (3, 3, False), (1, COLUMNS, False), (2, COLUMNS, True)],
)
def test_a_quarter_of_a_ten_degree_field_must_flash(rows: int, columns: int, is_flash: bool) -> None:
    assert bool(flicker(6, 0.0, 1.0, rows, columns)) == is_flash


def test_a_slow_fade_and_a_single_cut_are_no_flashes() -> None:
    counter = FlashCounter(3)
    for frame in range(5 * RATE):
        level = abs((frame / RATE) % 2 - 1) if frame < 4 * RATE else 1.0
        counter.add(frame / RATE, np.full(CELLS, level, np.float32))
    assert counter.spans == ()


def test_black_is_no_light_and_white_is_all_of_it() -> None:
    light = linear_light()
    assert (light[16], light[235]) == (0.0, 1.0)
    assert light[126] == pytest.approx(0.2159, abs=0.001)
