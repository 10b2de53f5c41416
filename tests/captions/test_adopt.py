from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions.adopt import Adopted, adopt
from pipeline.captions.entries import Entry, as_cue
from pipeline.timing import FrameGrid

GRID = FrameGrid(Fraction(25), 250)
"""Ten seconds."""


def adopted(*spoken: tuple[int, int, str]) -> Adopted:
    return adopt([Entry(n, text, as_cue(a, b, text)) for n, (a, b, text) in enumerate(spoken, 1)], GRID)


def shown(result: Adopted) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in result.cues]


def test_words_and_lines_stay_and_times_keep_to_frames() -> None:
    result = adopted((1007, 2499, "同学们好，\n我们上课。"))
    assert shown(result) == [(1000, 2480, "同学们好，\n我们上课。")]
    assert result.cues[0].screen == "同学们好\n我们上课"
    assert (result.removals, result.changes) == ((), ())


def test_order_is_that_of_time() -> None:
    assert [text for _, _, text in shown(adopted((5000, 6000, "后"), (1000, 2000, "先")))] == ["先", "后"]


def test_an_overlapping_cue_ends_where_the_next_begins_and_is_named() -> None:
    result = adopted((1000, 3000, "甲"), (2000, 4000, "乙"))
    assert shown(result) == [(1000, 2000, "甲"), (2000, 4000, "乙")]
    assert [m.show() for m in result.changes] == ["Cue 1 ends where the next one begins, since it overlaps it: 甲"]


def test_cues_of_one_beginning_are_shown_together() -> None:
    result = adopted((1000, 3000, "中文"), (1010, 2000, "English"), (1000, 3000, "中文"))
    assert shown(result) == [(1000, 3000, "中文\nEnglish")]
    assert len(result.changes) == 2


def test_a_cue_past_the_end_is_cut_or_left_out() -> None:
    result = adopted((9000, 12_000, "收尾"), (10_000, 12_000, "之外"))
    assert shown(result) == [(9000, 10_000, "收尾")]
    assert [m.show() for m in result.changes] == ["Cue 1 ends with the recording: 收尾"]
    assert [(r.text, r.reason.show()) for r in result.removals] == [
        ("之外", "It begins after the recording has ended.")
    ]


@pytest.mark.parametrize(
    ("spoken", "reason"),
    [
        ((2000, 1000, "倒"), "It ends before it begins, so its time is unknown."),
        ((2000, 2000, "零"), "It ends before it begins, so its time is unknown."),
        ((2000, 2010, "闪"), "It is shorter than one frame."),
        ((2000, 3000, "\u200b"), "Nothing in it can be drawn."),
    ],
)
def test_what_cannot_be_shown_is_left_out_with_its_reason(spoken: tuple[int, int, str], reason: str) -> None:
    result = adopted(spoken)
    assert result.cues == ()
    assert [(r.text, r.reason.show()) for r in result.removals] == [(spoken[2], reason)]


@given(st.lists(st.tuples(st.integers(0, 11_000), st.integers(-500, 4000), st.sampled_from("甲乙丙丁")), max_size=12))
def test_every_cue_is_shown_or_left_out_and_none_lies_on_another(spoken: list[tuple[int, int, str]]) -> None:
    texts = [f"{text}{n}" for n, (_, _, text) in enumerate(spoken)]
    result = adopted(*((a, a + b, text) for (a, b, _), text in zip(spoken, texts, strict=True)))
    lines = [line for cue in result.cues for line in cue.text.split("\n")]
    assert sorted([*lines, *(r.text for r in result.removals)]) == sorted(texts)
    ends = [(cue.start_ms, cue.end_ms) for cue in result.cues]
    assert all(a < b and a % 40 == b % 40 == 0 and b <= 10_000 for a, b in ends)
    assert all(b <= c for (_, b), (c, _) in pairwise(ends))


def test_what_was_adopted_is_adopted_unchanged() -> None:
    once = adopted((1007, 3000, "甲"), (2000, 4000, "乙"))
    again = adopt([Entry(n, c.text, c) for n, c in enumerate(once.cues, 1)], GRID)
    assert again == Adopted(once.cues, (), ())
