"""Word times made sane: on the lecture's clock, in order, inside the clip, never empty."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.records import Span, SpeechSegment, Word

WORD_MIN_MS = 20
"""Shortest word: one step of Whisper's clock."""
_HURRIED_CPS = 9.0
"""Nobody lectures faster than this, characters a second; words that do were put in the wrong place."""
_ASTRAY_MS = 1000
"""Words that begin this far from their segment's own beginning were put in the wrong place."""


def on_the_clock(
    segments: Sequence[SpeechSegment], clip: Span, speech: Sequence[Span] = ()
) -> tuple[SpeechSegment, ...]:
    """Return a clip's segments with times on the lecture's clock.

    Words follow each other without overlap, lie inside the clip and last at least 20 ms (less only where a clip holds
    more words than its length allows). A segment that came without words gets them, its time shared out by character;
    so does one whose words are crowded together or lie elsewhere, against the segment's own times.
    A word that reaches out of the speech into a pause is drawn back to the speech.

    Args:
        segments: times in milliseconds from the clip's start.
        clip: where the clip lies in the lecture.
        speech: where somebody speaks, ordered; empty when unknown.
    """
    worded = [replace(s, words=_shared_out(s) if not s.words or _is_astray(s) else s.words) for s in segments]
    words = [_moved(word, clip, speech) for segment in worded for word in segment.words]
    words = _in_order(words, clip)
    placed, done = [], 0
    for segment in worded:
        own = tuple(words[done : done + len(segment.words)])
        done += len(own)
        if own:
            placed.append(replace(segment, words=own, start_ms=own[0].start_ms, end_ms=own[-1].end_ms))
    return tuple(placed)


def _is_astray(segment: SpeechSegment) -> bool:
    """Tell whether the words' times contradict the segment's own, and the segment's are the likelier ones."""
    characters = sum(_length(word.text) for word in segment.words)
    first, last = segment.words[0].start_ms, segment.words[-1].end_ms
    own = segment.end_ms - segment.start_ms
    if characters * 1000 > own * _HURRIED_CPS:
        return False
    is_crowded = characters * 1000 > (last - first) * _HURRIED_CPS
    return is_crowded or abs(first - segment.start_ms) > _ASTRAY_MS


def _shared_out(segment: SpeechSegment) -> tuple[Word, ...]:
    """Return a segment's words, or its characters where it has none, with its time shared out among them."""
    words = segment.words or tuple(Word(sign, 0, 0, 0.0) for sign in segment.text if not sign.isspace())
    share = (segment.end_ms - segment.start_ms) / max(1, sum(_length(word.text) for word in words))
    shared, done = [], 0
    for word in words:
        start = segment.start_ms + round(done * share)
        done += _length(word.text)
        shared.append(replace(word, start_ms=start, end_ms=segment.start_ms + round(done * share)))
    return tuple(shared)


def _length(text: str) -> int:
    return sum(sign.isalnum() for sign in text)


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
