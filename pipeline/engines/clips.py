"""Clips: what an engine is given to hear. Stretches of speech are gathered into clips that are cut in the pauses."""

import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.engines.base import CLIP_MAX_MS, SAMPLE_RATE_HZ, Samples
from pipeline.records import Span

PADDING_MS = 200
"""Silence kept round the speech of a clip, so that no first or last sound is cut off."""
PAUSE_MAX_MS = 2000
"""A longer pause always ends a clip: engines invent text in silence."""
_LATE_SHARE = 0.4
"""A clip may end this share of its greatest length early, for the sake of a longer pause."""
_TARGET_DBFS = -23.0
"""Level that quiet clips are raised to, RMS over the clip."""
_GAIN_MAX_DB = 30.0


def plan_clips(
    speech: tuple[Span, ...], duration_ms: int, quietest: Callable[[Span], int], longest_ms: int = CLIP_MAX_MS
) -> tuple[Span, ...]:
    """Return the clips that hold all the speech: ordered, apart from each other, each at most ``longest_ms``.

    Args:
        speech: ordered spans, not overlapping.
        duration_ms: length of the sound; clips stay inside it.
        quietest: gives the quietest moment of a span, in milliseconds; an unbroken stretch of speech that is longer
            than a clip is cut there.
        longest_ms: at most 30 s, the window of the engines.
    """
    longest = longest_ms - 2 * PADDING_MS
    pieces = [piece for span in speech for piece in _divided(span, longest, quietest)]
    groups: list[list[Span]] = []
    rest = pieces
    while rest:
        count = _how_many(rest, longest)
        groups.append(rest[:count])
        rest = rest[count:]
    return _padded([Span(group[0].start_ms, group[-1].end_ms) for group in groups], duration_ms)


def read_clip(wav: Path, clip: Span) -> Samples:
    """Return the samples of one clip: (n,) float32 in [−1, 1], mono, 16 kHz, quiet speech raised."""
    with wave.open(str(wav), "rb") as file:
        first = min(file.getnframes(), clip.start_ms * SAMPLE_RATE_HZ // 1000)
        file.setpos(first)
        raw = file.readframes(clip.end_ms * SAMPLE_RATE_HZ // 1000 - first)
    return _raised(np.frombuffer(raw, dtype="<i2").astype(np.float32) / np.float32(32768))


def quietest_moment(wav: Path, span: Span) -> int:
    """Return the middle of the quietest 200 ms inside ``span``, in milliseconds on the lecture's clock."""
    samples = read_clip(wav, span)
    hop = SAMPLE_RATE_HZ // 100
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if len(frames) < 20:
        return (span.start_ms + span.end_ms) // 2
    energy = np.convolve(np.square(frames).mean(axis=1), np.ones(20), mode="valid")
    return span.start_ms + 10 * (int(energy.argmin()) + 10)


def _divided(span: Span, longest: int, quietest: Callable[[Span], int]) -> list[Span]:
    """Cut a stretch of speech that is longer than a clip, each time in the second half of what a clip could hold."""
    pieces = []
    while span.duration_ms > longest:
        window = Span(span.start_ms + longest // 2, span.start_ms + longest)
        cut = min(max(quietest(window), window.start_ms), window.end_ms)
        pieces.append(Span(span.start_ms, cut))
        span = Span(cut, span.end_ms)
    return [*pieces, span]


def _how_many(pieces: list[Span], longest: int) -> int:
    """Return how many of the next pieces make one clip: cut at the longest pause near the greatest length."""
    begin = pieces[0].start_ms
    fits = 1
    for before, piece in pairwise(pieces):
        if piece.start_ms - before.end_ms > PAUSE_MAX_MS:
            return fits
        if piece.end_ms - begin > longest:
            break
        fits += 1
    if fits == len(pieces):
        return fits
    late = [n for n in range(1, fits + 1) if pieces[n - 1].end_ms - begin >= longest * (1 - _LATE_SHARE)] or [fits]
    return max(late, key=lambda n: (pieces[n].start_ms - pieces[n - 1].end_ms, n))


def _padded(clips: list[Span], duration_ms: int) -> tuple[Span, ...]:
    """Widen each clip into the pauses round it, at most to their middle."""
    if not clips:
        return ()
    edges = [0, *((a.end_ms + b.start_ms) // 2 for a, b in pairwise(clips)), duration_ms]
    return tuple(
        Span(max(clip.start_ms - PADDING_MS, left), min(clip.end_ms + PADDING_MS, right))
        for clip, left, right in zip(clips, edges[:-1], edges[1:], strict=True)
    )


def _raised(samples: Samples) -> Samples:
    """Raise a quiet clip to the usual level of speech; a loud one stays as it is."""
    rms = float(np.sqrt(np.square(samples).mean())) if len(samples) else 0.0
    peak = float(np.abs(samples).max(initial=0.0))
    if rms == 0.0:
        return samples
    gain = min(10 ** (_TARGET_DBFS / 20) / rms, 10 ** (_GAIN_MAX_DB / 20), 0.99 / peak)
    return samples * np.float32(gain) if gain > 1 else samples
