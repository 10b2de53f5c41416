from fractions import Fraction
from itertools import pairwise

import pytest

from pipeline.captions.cue_times import Spoken, place_on_grid
from pipeline.presets import load_preset
from pipeline.timing import FrameGrid

SETTINGS = load_preset().captions
GRID = FrameGrid(Fraction(25), 1500)
"""One minute; a frame is 40 ms, the shortest cue 21 frames, the lingering 12."""


def place(*spoken: tuple[int, int, float]) -> list[tuple[int, int]]:
    return list(place_on_grid([Spoken(*cue) for cue in spoken], GRID, SETTINGS))


def test_a_cue_begins_with_its_sound_and_lingers_half_a_second() -> None:
    assert place((1000, 3000, 8)) == [(25, 87)]


def test_a_small_gap_is_closed_to_two_frames() -> None:
    assert place((1000, 3000, 8), (3400, 5000, 8))[0] == (25, 83)


def test_a_gap_that_stays_is_longer_than_half_a_second() -> None:
    (_, end), (start, _) = place((1000, 3000, 8), (3800, 5000, 8))
    assert start == 95
    assert start - end == 13
    assert end >= 75


def test_a_long_silence_is_left_free() -> None:
    assert place((1000, 3000, 8), (9000, 11000, 8)) == [(25, 87), (225, 287)]


def test_a_short_cue_lasts_its_least_time_where_there_is_room() -> None:
    assert place((1000, 1200, 1), (9000, 11000, 8))[0] == (25, 46)


def test_a_short_cue_uses_the_two_frames_that_in_times_may_differ() -> None:
    (first, end), (start, _) = place((1000, 1700, 3), (1840, 4000, 8))
    assert (first, end, start) == (23, 44, 46)


def test_a_fast_cue_comes_as_early_and_stays_as_long_as_it_may() -> None:
    assert place((1000, 2000, 18), (9000, 11000, 8))[0] == (23, 62)


def test_a_fast_cue_may_hold_the_next_one_up_for_two_frames() -> None:
    (_, end), (start, _) = place((1000, 2000, 14), (2040, 6000, 8))
    assert (end, start) == (51, 53)


def test_a_cue_that_speech_leaves_no_time_for_delays_the_next() -> None:
    frames = place((1000, 1200, 3), (1200, 1400, 3), (1400, 9000, 8))
    assert [end - start for start, end in frames[:2]] == [21, 21]
    assert all(b[0] - a[1] == 2 for a, b in pairwise(frames))


def test_a_cue_never_outstays_its_longest_time() -> None:
    assert place((0, 20_000, 10))[0] == (0, 175)


def test_sounds_on_top_of_each_other_are_parted() -> None:
    frames = place(*[(1000, 1000, 4)] * 10)
    assert all(b[0] - a[1] >= 2 and a[1] > a[0] for a, b in pairwise(frames))


def test_the_last_cue_ends_with_the_picture_and_comes_early_to_be_seen() -> None:
    assert place((59_900, 70_000, 4)) == [(1479, 1500)]
    assert place((57_000, 59_800, 8), (59_900, 70_000, 4)) == [(1425, 1477), (1479, 1500)]


def test_more_cues_than_frames_shrink_and_stay_apart() -> None:
    tiny = FrameGrid(Fraction(25), 30)
    frames = place_on_grid([Spoken(n * 100, n * 100 + 100, 2) for n in range(6)], tiny, SETTINGS)
    assert all(after > first for first, after in frames)
    assert all(b[0] - a[1] >= 2 for a, b in pairwise(frames))
    assert frames[-1][1] <= 30


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(50)])
def test_other_rates(rate: Fraction) -> None:
    grid = FrameGrid(rate, 3000)
    first, after = place_on_grid([Spoken(1000, 3000, 8)], grid, SETTINGS)[0]
    assert abs(first / rate * 1000 - 1000) <= 1000 / rate
    assert 3000 <= after / rate * 1000 <= 3500 + 1000 / rate
