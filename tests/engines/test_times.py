from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.times import on_the_clock
from pipeline.records import Span, SpeechSegment, Word


def segment(*words: tuple[str, int, int], text: str = "", start_ms: int = 0, end_ms: int = 0) -> SpeechSegment:
    made = tuple(Word(*word, 0.9) for word in words)
    if made and not end_ms:
        start_ms, end_ms = made[0].start_ms, made[-1].end_ms
    return SpeechSegment(text or "".join(w.text for w in made), start_ms, end_ms, made, -0.3, 0.1, 1.2)


def times(segments: tuple[SpeechSegment, ...]) -> list[tuple[int, int]]:
    return [(word.start_ms, word.end_ms) for segment in segments for word in segment.words]


def test_times_move_onto_the_lectures_clock() -> None:
    (placed,) = on_the_clock([segment(("微", 100, 300), ("课", 300, 700))], Span(5000, 9000))
    assert times((placed,)) == [(5100, 5300), (5300, 5700)]
    assert (placed.start_ms, placed.end_ms) == (5100, 5700)


def test_words_without_length_get_some() -> None:
    placed = on_the_clock([segment(("微", 100, 100), ("课", 100, 100), ("好", 100, 400))], Span(0, 9000))
    assert times(placed) == [(100, 120), (120, 140), (140, 400)]


def test_words_stay_in_the_clip() -> None:
    placed = on_the_clock([segment(("微", 900, 1500), ("课", 1500, 1600))], Span(0, 1000))
    assert times(placed) == [(900, 980), (980, 1000)]


def test_a_segment_without_words_shares_its_time_out() -> None:
    placed = on_the_clock([segment(text="党课 好", start_ms=300, end_ms=600)], Span(1000, 3000))
    assert times(placed) == [(1300, 1400), (1400, 1500), (1500, 1600)]


def test_words_crowded_together_are_shared_out_over_their_segment() -> None:
    crowded = [(sign, 2900 + n * 30, 2930 + n * 30) for n, sign in enumerate("今天我们，上课")]
    placed = on_the_clock([segment(*crowded, start_ms=200, end_ms=2600)], Span(0, 5000))
    assert times(placed)[0] == (200, 600)
    assert times(placed)[-1] == (2200, 2600)


def test_words_far_from_their_segments_beginning_are_moved_there() -> None:
    placed = on_the_clock([segment(("上", 3000, 3400), ("课", 3400, 3800), start_ms=200, end_ms=1000)], Span(0, 5000))
    assert times(placed) == [(200, 600), (600, 1000)]


def test_words_stay_where_the_segments_own_times_are_the_unlikely_ones() -> None:
    placed = on_the_clock([segment(("上", 3000, 3400), ("课", 3400, 3800), start_ms=200, end_ms=260)], Span(0, 5000))
    assert times(placed) == [(3000, 3400), (3400, 3800)]


def test_a_word_is_drawn_back_out_of_the_pause() -> None:
    speech = (Span(1000, 2000), Span(3000, 4000))
    placed = on_the_clock([segment(("上", 0, 1200), ("课", 1900, 3600), ("了", 3600, 3900))], Span(0, 5000), speech)
    assert times(placed) == [(1000, 1200), (3000, 3600), (3600, 3900)]


def test_a_word_outside_all_speech_stays_for_a_person_to_see() -> None:
    assert times(on_the_clock([segment(("嗯", 100, 300))], Span(0, 5000), (Span(1000, 2000),))) == [(100, 300)]


WORDS = st.lists(st.tuples(st.just("字"), st.integers(-500, 6000), st.integers(-500, 6000)), max_size=60)


@given(st.lists(WORDS, max_size=4))
def test_whatever_an_engine_gives(raw: list[list[tuple[str, int, int]]]) -> None:
    clip = Span(10_000, 15_000)
    placed = on_the_clock([segment(*words) for words in raw], clip, (Span(11_000, 14_000),))
    flat = [word for part in placed for word in part.words]
    assert "".join(word.text for word in flat) == "字" * sum(map(len, raw))
    assert all(clip.start_ms <= word.start_ms < word.end_ms <= clip.end_ms for word in flat)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(flat))
