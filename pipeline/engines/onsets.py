"""Word times fitted to the sound: engines spread words over the pauses beside them, the sound itself does not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.base import SAMPLE_RATE_HZ, Samples
from pipeline.records import Span, SpeechSegment, Word

_STEP_MS = 10
_ABOVE_FLOOR = 0.35
"""Sound begins at this share of the way from the clip's floor to its speech, in decibels."""
_SNR_MIN_DB = 12.0
"""With less between floor and speech the sound says too little, and words stay where the engine put them."""
_BRIDGED_MS = 120
"""A shorter silence is part of a word: the closure of a p, t or k."""
_REACH_MS = 300
"""A word is stretched at most this far to the beginning or end of its sound."""
_LEAST_MS = 40

Voiced = NDArray[np.bool_]


def fit_to_sound(segments: Sequence[SpeechSegment], clip: Span, samples: Samples) -> tuple[SpeechSegment, ...]:
    """Return a clip's segments with each word drawn to its own sound, still ordered and inside the clip.

    Args:
        segments: on the lecture's clock, words ordered and not overlapping.
        clip: where the samples lie in the lecture.
        samples: (n,) float32, mono, 16 kHz.
    """
    voiced = _voiced(samples)
    words = [word for segment in segments for word in segment.words]
    if voiced is None or not words:
        return tuple(segments)
    words = [_trimmed(word, clip, voiced) for word in words]
    words = _stretched(words, clip, voiced)
    fitted, done = [], 0
    for segment in segments:
        own = tuple(words[done : done + len(segment.words)])
        done += len(own)
        fitted.append(replace(segment, words=own, start_ms=own[0].start_ms, end_ms=own[-1].end_ms) if own else segment)
    return tuple(fitted)


def _voiced(samples: Samples) -> Voiced | None:
    """Return for every 10 ms whether something sounds; ``None`` when sound and floor cannot be told apart."""
    step = SAMPLE_RATE_HZ * _STEP_MS // 1000
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    if len(frames) < 10:
        return None
    power = np.convolve(np.square(frames).mean(axis=1), np.ones(3) / 3, mode="same")
    level = 10 * np.log10(power + 1e-9)
    floor, speech = np.percentile(level, 5), np.percentile(level, 90)
    if speech - floor < _SNR_MIN_DB:
        return None
    # Digital silence lies far below any room: what is 35 dB below the speech is silence too.
    threshold = max(floor + _ABOVE_FLOOR * (speech - floor), speech - 35)
    found: Voiced = level > threshold
    return found


def _trimmed(word: Word, clip: Span, voiced: Voiced) -> Word:
    """Cut the pauses off a word that spans some: it keeps the stretch in which it sounds most."""
    first, after = _steps(word, clip, voiced)
    stretches = _stretches(voiced[first:after])
    if not stretches:
        return word
    begin, end = max(stretches, key=lambda stretch: int(voiced[first + stretch[0] : first + stretch[1]].sum()))
    start_ms = max(word.start_ms, clip.start_ms + (first + begin) * _STEP_MS)
    end_ms = min(word.end_ms, clip.start_ms + (first + end) * _STEP_MS)
    return word if end_ms - start_ms < _LEAST_MS else replace(word, start_ms=start_ms, end_ms=end_ms)


def _stretches(voiced: Voiced) -> list[tuple[int, int]]:
    """Return where something sounds, as steps; stretches that only a short silence divides are one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], voiced, [False]))))
    joined: list[tuple[int, int]] = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if joined and (begin - joined[-1][1]) * _STEP_MS < _BRIDGED_MS:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def _stretched(words: list[Word], clip: Span, voiced: Voiced) -> list[Word]:
    """Stretch words over sound beside them that no word has and that a silence parts from the other neighbour."""
    reach = _REACH_MS // _STEP_MS
    result = list(words)
    for number, word in enumerate(words):
        first, after = _steps(word, clip, voiced)
        floor = _steps(result[number - 1], clip, voiced)[1] if number else 0
        ceiling = _steps(words[number + 1], clip, voiced)[0] if number + 1 < len(words) else len(voiced)
        begin = first
        while begin > max(floor, first - reach) and voiced[begin - 1]:
            begin -= 1
        end = after
        while end < min(ceiling, after + reach) and voiced[end]:
            end += 1
        is_begin = floor < begin < first and not voiced[begin - 1]
        is_end = after < end < ceiling and not voiced[end]
        result[number] = replace(
            word,
            start_ms=clip.start_ms + begin * _STEP_MS if is_begin else word.start_ms,
            end_ms=clip.start_ms + end * _STEP_MS if is_end else word.end_ms,
        )
    return result


def _steps(word: Word, clip: Span, voiced: Voiced) -> tuple[int, int]:
    """Return the steps that a word covers, as (first, after the last)."""
    first = min((word.start_ms - clip.start_ms) // _STEP_MS, len(voiced))
    return first, min(-(-(word.end_ms - clip.start_ms) // _STEP_MS), len(voiced))
