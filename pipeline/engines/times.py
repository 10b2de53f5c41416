"""Word times made sane: on the lecture's clock, in order, inside the clip, never empty."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.records import Span, SpeechSegment, Word

WORD_MIN_MS = 20
"""Shortest word: one step of Whisper's clock."""


def on_the_clock(
    segments: Sequence[SpeechSegment], clip: Span, speech: Sequence[Span] = ()
) -> tuple[SpeechSegment, ...]:
    """Return a clip's segments with times on the lecture's clock.

    Words follow each other without overlap, lie inside the clip and last at least 20 ms (less only where a clip holds
    more words than its length allows). A segment that came without words gets them, its time shared out by character.
    A word that reaches out of the speech into a pause is drawn back to the speech.

    Args:
        segments: times in milliseconds from the clip's start.
        clip: where the clip lies in the lecture.
        speech: where somebody speaks, ordered; empty when unknown.
    """
    worded = [replace(segment, words=segment.words or _shared_out(segment)) for segment in segments]
    words = [_moved(word, clip, speech) for segment in worded for word in segment.words]
    words = _in_order(words, clip)
    placed, done = [], 0
    for segment in worded:
        own = tuple(words[done : done + len(segment.words)])
        done += len(own)
        if own:
            placed.append(replace(segment, words=own, start_ms=own[0].start_ms, end_ms=own[-1].end_ms))
    return tuple(placed)


def _shared_out(segment: SpeechSegment) -> tuple[Word, ...]:
    characters = [c for c in segment.text if not c.isspace()]
    share = (segment.end_ms - segment.start_ms) / max(1, len(characters))
    return tuple(
        Word(c, segment.start_ms + round(n * share), segment.start_ms + round((n + 1) * share), 0.0)
        for n, c in enumerate(characters)
    )


def _moved(word: Word, clip: Span, speech: Sequence[Span]) -> Word:
    start, end = clip.start_ms + word.start_ms, clip.start_ms + max(word.start_ms, word.end_ms)
    best = max(speech, key=lambda s: min(s.end_ms, end) - max(s.start_ms, start), default=None)
    if best is not None and best.start_ms < end and best.end_ms > start:
        start, end = max(start, best.start_ms), min(end, best.end_ms)
    return replace(word, start_ms=start, end_ms=end)


def _in_order(words: list[Word], clip: Span) -> list[Word]:
    """Push words apart forwards, then back from the clip's end; both only as far as needed."""
    least = min(WORD_MIN_MS, clip.duration_ms // max(1, len(words)))
    starts, ends, clock = [], [], clip.start_ms
    for word in words:
        starts.append(max(word.start_ms, clock))
        clock = max(word.end_ms, starts[-1] + least)
        ends.append(clock)
    clock = clip.end_ms
    for n in reversed(range(len(words))):
        ends[n] = min(ends[n], clock)
        starts[n] = min(starts[n], ends[n] - least)
        clock = starts[n]
    return [replace(word, start_ms=a, end_ms=b) for word, a, b in zip(words, starts, ends, strict=True)]
