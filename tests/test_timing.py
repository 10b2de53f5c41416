from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timing import STANDARD_RATES, FrameGrid, clock, delivery_grid, delivery_rate


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Fraction(25), Fraction(25)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (Fraction(2997, 100), Fraction(30000, 1001)),
        (Fraction(24), Fraction(25)),
        (Fraction(24000, 1001), Fraction(25)),
        (Fraction(15), Fraction(30)),
        (Fraction(25, 2), Fraction(25)),
        (Fraction(10), Fraction(30)),
        (Fraction(120), Fraction(60)),
        (Fraction(240), Fraction(60)),
        (Fraction(100), Fraction(50)),
        (Fraction(17), Fraction(25)),
        (Fraction(90), Fraction(30)),
        (Fraction(144), Fraction(60)),
    ],
)
def test_delivery_rate(source: Fraction, expected: Fraction) -> None:
    assert delivery_rate(source) == expected


@given(st.fractions(min_value=Fraction(1, 2), max_value=1000))
def test_delivery_rate_is_always_standard(source: Fraction) -> None:
    assert delivery_rate(source) in STANDARD_RATES


@given(st.sampled_from(STANDARD_RATES), st.integers(1, 10**6), st.integers(0, 10**6))
def test_every_frame_is_found_at_its_own_time(rate: Fraction, count: int, frame: int) -> None:
    grid = FrameGrid(rate, count)
    frame %= count
    assert grid.nearest(round(grid.time_s(frame) * 1000)) == frame


def test_grid_keeps_the_length_within_half_a_frame() -> None:
    grid = delivery_grid(Fraction(30000, 1001), Fraction(91827, 100))
    assert abs(grid.duration_s - Fraction(91827, 100)) <= Fraction(1001, 60000)


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (61_999, "1:01"), (3_600_000, "1:00:00")])
def test_clock(ms: int, text: str) -> None:
    assert clock(ms) == text
