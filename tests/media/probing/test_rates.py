from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.probing.rates import KNOWN_RATES, find_rate

MS = Fraction(1, 1000)


@given(
    rate=st.sampled_from(KNOWN_RATES),
    time_base=st.sampled_from([MS, Fraction(1, 90000), Fraction(1, 15360), Fraction(1, 600)]),
    phase=st.fractions(0, 1),
    count=st.integers(3000, 4000),
)
def test_a_rounded_grid_gives_its_rate_whatever_its_phase(
    rate: Fraction, time_base: Fraction, phase: Fraction, count: int
) -> None:
    step = 1 / (rate * time_base)
    if step < 4:
        return
    pts = [round(phase + n * step) for n in range(count)]
    assert find_rate(pts, time_base, [], 0) == (rate, True)


@given(
    st.lists(st.integers(-(2**40), 2**62), min_size=1, max_size=20),
    st.sampled_from([MS, Fraction(1), Fraction(1, 10**9)]),
)
def test_no_timestamps_are_too_strange(pts: list[int], time_base: Fraction) -> None:
    rate, _ = find_rate(sorted(pts), time_base, [None, Fraction(0), Fraction(10**9)], 0)
    assert rate > 0


def test_a_lost_frame_is_seen_even_where_a_tick_is_a_frame() -> None:
    tick = Fraction(1, 25)
    assert find_rate(range(100), tick, [], 1) == (25, True)
    assert find_rate([n for n in range(200) if n != 50], tick, [], 1) == (25, False)


def test_the_header_decides_where_a_clip_is_too_short_to_tell() -> None:
    pts = [0, 33, 67, 100]
    assert find_rate(pts, MS, [Fraction(30000, 1001)], 33) == (Fraction(30000, 1001), True)
    assert find_rate(pts, MS, [Fraction(30)], 33) == (30, True)


def test_a_few_late_frames_do_not_change_the_rate() -> None:
    pts = [n * 40 + (7 if n % 50 == 3 else 0) for n in range(500)]
    assert find_rate(pts, MS, [], 40) == (25, False)


@pytest.mark.parametrize("pts", [[5], [5, 5], [0, 0, 40, 40]])
def test_one_time_for_several_frames(pts: list[int]) -> None:
    rate, is_constant = find_rate(pts, MS, [Fraction(25)], 40)
    assert rate > 0
    assert is_constant == (len(pts) == 1)
