from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.onsets import fit_to_sound
from pipeline.records import Span, SpeechSegment, Word

CLIP = Span(10_000, 14_000)


def sound(*stretches: tuple[int, int], noise_dbfs: float = -80.0) -> np.ndarray:
    """Four seconds of faint noise, loud noise at −20 dBFS in the stretches (milliseconds)."""
    samples = np.random.default_rng(7).normal(0, 1, 64_000)
    level = np.full(64_000, 10 ** (noise_dbfs / 20))
    for start, end in stretches:
        level[start * 16 : end * 16] = 0.1
    return (samples * level).astype(np.float32)


def segment(*words: tuple[str, int, int]) -> SpeechSegment:
    made = tuple(Word(text, 10_000 + start, 10_000 + end, 0.9) for text, start, end in words)
    return SpeechSegment("".join(w.text for w in made), made[0].start_ms, made[-1].end_ms, made, 0, 0, 1)


def times(segments: tuple[SpeechSegment, ...]) -> list[tuple[int, int]]:
    return [(word.start_ms - 10_000, word.end_ms - 10_000) for s in segments for word in s.words]


def fitted(samples: np.ndarray, *words: tuple[str, int, int]) -> list[tuple[int, int]]:
    return times(fit_to_sound([segment(*words)], CLIP, samples))


def test_a_word_that_begins_in_silence_begins_with_its_sound() -> None:
    ((start, end),) = fitted(sound((1000, 1600)), ("课", 700, 1600))
    assert start == pytest.approx(1000, abs=20)
    assert end == pytest.approx(1600, abs=20)


def test_a_word_that_begins_too_late_is_stretched_to_its_beginning() -> None:
    ((start, _),) = fitted(sound((1000, 1600)), ("课", 1150, 1600))
    assert start == pytest.approx(1000, abs=20)


def test_a_word_spread_over_a_pause_keeps_its_own_side() -> None:
    first, second = fitted(sound((500, 1000), (2000, 2600)), ("上", 500, 980), ("课", 980, 2600))
    assert first[1] == pytest.approx(1000, abs=30)
    assert second[0] == pytest.approx(2000, abs=20)


def test_a_short_closure_is_part_of_a_word() -> None:
    ((start, end),) = fitted(sound((1000, 1200), (1280, 1500)), ("八", 1000, 1500))
    assert (start, end) == (pytest.approx(1000, abs=20), pytest.approx(1500, abs=20))


def test_sound_between_two_words_belongs_to_neither() -> None:
    assert fitted(sound((1000, 2000)), ("上", 1000, 1300), ("课", 1700, 2000)) == [
        (pytest.approx(1000, abs=20), 1300),
        (1700, pytest.approx(2000, abs=20)),
    ]


def test_where_noise_hides_the_speech_words_stay() -> None:
    assert fitted(sound((1000, 1600), noise_dbfs=-26), ("课", 700, 1600)) == [(700, 1600)]


def test_the_segment_follows_its_words() -> None:
    (placed,) = fit_to_sound([segment(("课", 700, 1600))], CLIP, sound((1000, 1600)))
    assert (placed.start_ms, placed.end_ms) == (placed.words[0].start_ms, placed.words[0].end_ms)


LENGTHS = st.lists(st.tuples(st.integers(0, 300), st.integers(20, 600)), min_size=1, max_size=8)


@settings(deadline=None)
@given(LENGTHS, st.lists(st.tuples(st.integers(0, 3900), st.integers(10, 900)), max_size=5))
def test_words_stay_ordered_and_inside(pairs: list[tuple[int, int]], loud: list[tuple[int, int]]) -> None:
    words, clock = [], 0
    for gap, length in pairs:
        if clock + gap + length <= 4000:
            words.append(("字", clock + gap, clock + gap + length))
            clock += gap + length
    if not words:
        return
    placed = fitted(sound(*[(start, min(4000, start + length)) for start, length in loud]), *words)
    assert all(0 <= start < end <= 4000 for start, end in placed)
    assert all(a[1] <= b[0] for a, b in pairwise(placed))
