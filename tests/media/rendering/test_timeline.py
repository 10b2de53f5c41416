"""Which frame is on the screen when, by exact arithmetic."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.rendering import timeline
from pipeline.media.rendering.timeline import Timeline
from pipeline.timing import STANDARD_RATES, FrameGrid


def made(pts: list[int], rate: Fraction = Fraction(25), per_s: int = 1000, count: int = 100) -> Timeline:
    keys = tuple(pts[::10])
    return Timeline(FrameGrid(rate, count), per_s, -int(per_s / rate) // 2, tuple(pts), keys, is_seekable=True)


@pytest.mark.parametrize("rate", STANDARD_RATES)
@pytest.mark.parametrize("base", [Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 12800), Fraction(1001, 30000)])
def test_ticks_are_whole_for_the_container_and_for_the_grid(base: Fraction, rate: Fraction) -> None:
    per_s = timeline._ticks_per_s(base, rate)
    assert (per_s / rate).denominator == 1
    assert (per_s * base).denominator == 1
    assert per_s < 2**31


def test_a_time_base_too_fine_for_both_keeps_the_grid_exact() -> None:
    per_s = timeline._ticks_per_s(Fraction(1, 10**9), Fraction(30000, 1001))
    assert per_s < 2**31
    assert (per_s / Fraction(30000, 1001)).denominator == 1
    assert timeline._to_ticks(10**9, Fraction(1, 10**9), per_s) == per_s
    assert timeline._to_ticks(-1, Fraction(1, 2), 1) == -1, "halves go away from zero"


def test_before_the_first_frame_nothing_is_shown_and_after_the_last_it_stays() -> None:
    line = made([1000, 1040, 1080])
    assert line.shown_at(24) is None
    assert line.shown_at(25) == 1000
    assert line.shown_at(27) == line.shown_at(99) == 1080
    assert line.held_frames() == (25, 72)


def test_a_seek_goes_to_a_key_frame_well_before_what_is_needed() -> None:
    line = made([40 * n for n in range(200)])
    assert line.seek_ticks(5) is None, "near the beginning decoding begins there"
    assert line.seek_ticks(60) == 2000
    assert line.seek_ticks(55) == 1600, "the key frame at 2000 leaves too few frames for a deinterlacer"
    needed = line.first_needed_ticks(60)
    assert needed is not None
    assert needed >= 2000
    progressive = replace(line, preroll_frames=0)
    assert progressive.seek_ticks(50) == progressive.first_needed_ticks(50) == 2000, "the key frame itself will do"
    assert progressive.seek_ticks(49) == 1600
    assert progressive.key_frames[:3] == (0, 10, 20)


def test_frames_half_a_frame_off_the_grid_are_not_tossed_about() -> None:
    frame, noise = 1000, [3, -4, 0, 5, -2]
    shown = [500 + frame * n + noise[n % 5] for n in range(100)]
    phase = timeline._phase(shown, 0, frame)
    places = [(pts + frame // 2 + phase) // frame for pts in shown]
    assert [b - a for a, b in pairwise(places)] == [1] * 99
    assert abs(phase) <= frame // 2


def test_two_frames_a_grid_frame_are_never_on_the_edge() -> None:
    shown = [500 * n + (n % 3 - 1) for n in range(100)]
    phase = timeline._phase(shown, 0, 1000)
    places = [(pts + 500 + phase) // 1000 for pts in shown]
    assert all(places.count(place) == 2 for place in places[2:-2])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200), st.integers(0, 5000))
def test_the_phase_moves_a_cut_by_half_a_frame_at_most(shown: list[int], origin: int) -> None:
    assert abs(timeline._phase(shown, origin, 3003)) <= 1502


@given(st.lists(st.integers(-5000, 100_000), min_size=1, max_size=200, unique=True))
def test_what_is_shown_is_the_last_frame_that_is_due(pts: list[int]) -> None:
    line = made(sorted(pts), per_s=25_000, count=120)
    for frame in range(0, 120, 7):
        due = [tick for tick in pts if line.frame_of(tick) <= frame]
        assert line.shown_at(frame) == (max(due) if due else None)
