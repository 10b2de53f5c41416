"""Which cues are read back, and when: spread, doubtful ones first, all of them where time allows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.measuring.reading_plan import COST_S, TIME_SHARE, chosen_cues, moment_ms, sample
from pipeline.records import Cue


@pytest.mark.parametrize(
    ("count", "wanted", "chosen"),
    [(3, 12, [0, 1, 2]), (10, 4, [0, 3, 6, 9]), (100, 2, [0, 99]), (5, 1, [0]), (5, 0, []), (0, 12, [])],
)
def test_the_first_and_the_last_are_among_those_chosen(count: int, wanted: int, chosen: list[int]) -> None:
    assert sample(count, wanted) == chosen


def test_every_cue_of_a_lecture_at_the_usual_pace_is_read() -> None:
    assert chosen_cues(300, 1200.0, 30) == tuple(range(1, 301))


def test_a_short_file_with_many_cues_has_the_least_number_read_from_first_to_last() -> None:
    chosen = chosen_cues(1000, 60.0, 30)
    assert len(chosen) == 30
    assert (chosen[0], chosen[-1]) == (1, 1000)
    gaps = [after - before for before, after in pairwise(chosen)]
    assert max(gaps) - min(gaps) <= 1


def test_doubtful_cues_come_before_others_the_weightiest_first() -> None:
    room = int(150.0 * TIME_SHARE / COST_S)
    doubtful = [402, 11, 403, 404, *range(500, 600)]
    chosen = chosen_cues(1000, 150.0, 30, doubtful)
    assert len(chosen) == room
    assert {402, 11, 403, 404} <= set(chosen)
    assert not {598, 599} & set(chosen)


def test_numbers_of_no_cue_are_left_out() -> None:
    assert chosen_cues(3, 600.0, 2, [0, 4, 9]) == (1, 2, 3)
    assert chosen_cues(0, 600.0, 30, [1]) == ()


@given(st.integers(0, 400), st.floats(0, 2000), st.integers(1, 60), st.lists(st.integers(-3, 450), max_size=40))
def test_choice_is_ascending_whole_and_within_time(
    count: int, length_s: float, least: int, doubtful: list[int]
) -> None:
    chosen = chosen_cues(count, length_s, least, doubtful)
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) <= set(range(1, count + 1))
    assert len(chosen) == min(count, max(least, int(length_s * TIME_SHARE / COST_S)))
    assert {place + 1 for place in sample(count, min(least, len(chosen)))} <= set(chosen)


@pytest.mark.parametrize(
    ("keys", "moment"),
    [
        ((), 12_000),
        ((0.0, 10.0, 14.0), 12_000),
        ((10.5, 13.5), 12_000),
        ((0.0, 11.0, 20.0), 11_000),
        ((11.0, 12.5), 12_500),
    ],
    ids=["no key frames", "none inside", "too near the edges", "one inside", "the nearer of two"],
)
def test_a_key_frame_well_inside_the_cue_is_preferred(keys: tuple[float, ...], moment: int) -> None:
    assert moment_ms(Cue(10_000, 14_000, "", "", None), keys) == moment
