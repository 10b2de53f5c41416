import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.base import CLIP_MAX_MS
from pipeline.engines.clips import PAUSE_MAX_MS, plan_clips, quietest_moment, read_clip
from pipeline.records import Span


def middle(span: Span) -> int:
    return (span.start_ms + span.end_ms) // 2


def spans(*edges: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(*edge) for edge in edges)


def test_speech_is_gathered_with_some_silence_round_it() -> None:
    assert plan_clips(spans((1000, 4000), (4600, 9000)), 20_000, middle) == spans((800, 9200))


def test_a_long_pause_ends_a_clip() -> None:
    assert len(plan_clips(spans((0, 4000), (6001, 9000)), 20_000, middle)) == 2
    assert len(plan_clips(spans((0, 4000), (6000, 9000)), 20_000, middle)) == 1


def test_clips_are_cut_in_the_longest_pause_near_their_greatest_length() -> None:
    speech = spans((0, 10_000), (10_200, 20_000), (21_500, 27_000), (27_300, 29_000), (29_300, 40_000))
    assert plan_clips(speech, 40_000, middle) == spans((0, 20_200), (21_300, 40_000))


def test_a_stretch_longer_than_a_clip_is_cut_where_it_is_quietest() -> None:
    asked = []

    def quietest(window: Span) -> int:
        asked.append(window)
        return 20_000

    clips = plan_clips(spans((1000, 41_000)), 42_000, quietest)
    assert [clip.start_ms for clip in clips] == [800, 20_000]
    assert tuple(asked) == spans((15_800, 30_600))


def test_no_speech_no_clips() -> None:
    assert plan_clips((), 10_000, middle) == ()


@given(st.lists(st.tuples(st.integers(1, 4000), st.integers(200, 70_000)), max_size=30), st.integers(0, 3000))
def test_whatever_the_speech(pairs: list[tuple[int, int]], after: int) -> None:
    speech, clock = [], 0
    for pause, length in pairs:
        speech.append(Span(clock + pause, clock + pause + length))
        clock += pause + length
    clips = plan_clips(tuple(speech), clock + after, middle)
    assert all(0 < clip.duration_ms <= CLIP_MAX_MS for clip in clips)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(clips))
    assert all(clip.start_ms >= 0 and clip.end_ms <= clock + after for clip in clips)
    for span in speech:
        inside = sum(max(0, min(c.end_ms, span.end_ms) - max(c.start_ms, span.start_ms)) for c in clips)
        assert inside == span.duration_ms
    for clip in clips:
        heard = [s for s in speech if s.start_ms < clip.end_ms and s.end_ms > clip.start_ms]
        assert all(b.start_ms - a.end_ms <= PAUSE_MAX_MS for a, b in pairwise(heard))


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """Three seconds: a tone at −40 dBFS with 300 ms of silence at 1.5 s."""
    time = np.arange(48_000) / 16_000
    tone = 0.01 * np.sqrt(2) * np.sin(2 * np.pi * 440 * time)
    tone[24_000:28_800] = 0
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.round(tone * 32_767).astype("<i2").tobytes())
    return path


def test_quiet_speech_is_raised(wav: Path) -> None:
    samples = read_clip(wav, Span(0, 1000))
    assert samples.dtype == np.float32
    assert len(samples) == 16_000
    assert 20 * np.log10(np.sqrt(np.square(samples).mean())) == pytest.approx(-23, abs=0.2)


def test_a_clip_past_the_end_is_short(wav: Path) -> None:
    assert len(read_clip(wav, Span(2500, 4000))) == 8000
    assert len(read_clip(wav, Span(9000, 9500))) == 0


def test_silence_stays_silence(wav: Path) -> None:
    assert not read_clip(wav, Span(1550, 1750)).any()


def test_the_quietest_moment_is_in_the_silence(wav: Path) -> None:
    assert 1600 <= quietest_moment(wav, Span(0, 3000)) <= 1700
    assert quietest_moment(wav, Span(100, 200)) == 150
