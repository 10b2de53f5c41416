"""The cut list maps both ways without loss, and shortening never reaches outside the pauses."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.takes import Cut, CutList, Take, shortened, whole, without

RATE = Fraction(25)
SPANS = st.tuples(st.integers(0, 300), st.integers(1, 80)).map(lambda pair: (pair[0], pair[0] + pair[1]))
REMOVED = st.lists(st.tuples(st.integers(0, 1), SPANS), max_size=12)


def test_parts_follow_each_other() -> None:
    cuts = whole(RATE, (100, 50))
    assert cuts.grid.count == 150
    assert cuts.source_of(99) == (0, 99)
    assert cuts.source_of(100) == (1, 0)
    assert cuts.shown_at(1, 10) == 110
    assert cuts.source_ms(4040) == (1, 40)
    assert cuts.cuts((100, 50)) == ()


def test_cuts_are_listed_where_they_were() -> None:
    cuts = CutList(RATE, (Take(1, 0, 125), Take(0, 10, 40), Take(0, 60, 90)))
    assert cuts.cuts((100, 125)) == (Cut(0, 0, 10, 125), Cut(0, 40, 60, 155), Cut(0, 90, 100, 185))
    assert cuts.shown_at(0, 50) is None


@given(REMOVED)
def test_every_frame_is_shown_once_or_listed_as_cut(removed: list[tuple[int, tuple[int, int]]]) -> None:
    counts = (300, 200)
    cuts = CutList(RATE, without(whole(RATE, counts).takes, removed))
    shown = [cuts.source_of(frame) for frame in range(cuts.grid.count)]
    gone = {(s, n) for s, (a, b) in removed for n in range(a, min(b, counts[s]))}
    assert shown == [(s, n) for s in (0, 1) for n in range(counts[s]) if (s, n) not in gone]
    assert all(cuts.shown_at(*place) == frame for frame, place in enumerate(shown))
    listed = {(cut.source, n) for cut in cuts.cuts(counts) for n in range(cut.first, cut.after)}
    present = {source for source, _ in shown}
    assert listed == {place for place in gone if place[0] in present}


@given(st.lists(SPANS, max_size=15), st.integers(0, 1500))
def test_shortening_stays_inside_the_pauses_and_takes_the_longest_first(
    pauses: list[tuple[int, int]], excess: int
) -> None:
    given_pauses = [(n, frames) for n, frames in enumerate(pauses)]
    removed = dict(shortened(given_pauses, excess))
    total = sum(end - begin for begin, end in removed.values())
    assert total >= min(excess, sum(b - a for a, b in pauses))
    assert total <= excess + len(pauses)
    left = {n: (b - a) - (removed[n][1] - removed[n][0]) if n in removed else b - a for n, (a, b) in given_pauses}
    for n, (begin, end) in removed.items():
        assert pauses[n][0] <= begin < end <= pauses[n][1]
        assert all(left[n] >= left[m] for m in left), "a longer pause stands beside a shortened one"
