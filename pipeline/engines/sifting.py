"""Segments cut so that what is doubted stands alone: words over a long silence, and what a loop repeats.

Nothing is left out here; each piece is judged for itself afterwards.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pipeline.records import Span, SpeechSegment, Word

LONG_SILENCE_MS = 2000
"""Words over a silence this long were not said. Source: the threshold that openai-whisper's users set most."""
LOOP = re.compile(r"(.{1,12}?)\1{4,}")
"""A phrase that is said five times or more."""
LOOP_MIN_CHARS = 15
LOOP_SHARE = 0.6
"""With more of a text in loops all of it is doubted, the first saying too."""


def sift(segments: Sequence[SpeechSegment], speech: Sequence[Span], duration_ms: int) -> tuple[SpeechSegment, ...]:
    """Return the segments, each cut where doubted words begin and end.

    Args:
        segments: with words on the lecture's clock.
        speech: where somebody speaks, ordered.
        duration_ms: length of the recording.
    """
    silences = long_silences(speech, duration_ms)
    return tuple(piece for segment in segments for piece in _pieces(segment, silences))


def long_silences(speech: Sequence[Span], duration_ms: int) -> tuple[Span, ...]:
    """Return the stretches of two seconds and more in which nobody speaks."""
    edges = [0, *(edge for span in speech for edge in (span.start_ms, span.end_ms)), duration_ms]
    gaps = (Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True))
    return tuple(gap for gap in gaps if gap.duration_ms >= LONG_SILENCE_MS)


def bare(text: str) -> str:
    """Return the letters, digits and characters of a text alone, in lower case."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def is_loop(text: str) -> bool:
    """Tell whether most of a bare text is one phrase said five times or more."""
    looped = sum(len(match.group()) for match in LOOP.finditer(text))
    return looped >= LOOP_MIN_CHARS and looped >= LOOP_SHARE * len(text)


def _pieces(segment: SpeechSegment, silences: Sequence[Span]) -> Iterator[SpeechSegment]:
    if "".join(word.text for word in segment.words) != segment.text:
        # Words that do not make up the text cannot be cut with it.
        yield segment
        return
    marks = [_is_over(word, silences) for word in segment.words]
    repeated = _repeated(segment.words)
    kinds = [(silent, place in repeated) for place, silent in enumerate(marks)]
    groups = [list(group) for _kind, group in groupby(zip(segment.words, kinds, strict=True), key=lambda p: p[1])]
    if len(groups) < 2 or not any(_is_worth_a_cut(group) for group in groups):
        yield segment
        return
    for group in groups:
        words = tuple(word for word, _kind in group)
        text = "".join(word.text for word in words)
        yield replace(segment, text=text, words=words, start_ms=words[0].start_ms, end_ms=words[-1].end_ms)


def _is_worth_a_cut(group: Sequence[tuple[Word, tuple[bool, bool]]]) -> bool:
    """Tell whether a piece holds doubted words; one character at the edge of a silence is speech that trails off."""
    is_silent, is_repeated = group[0][1]
    return is_repeated or (is_silent and len(bare("".join(word.text for word, _kind in group))) > 1)


def _is_over(word: Word, silences: Sequence[Span]) -> bool:
    return any(gap.start_ms <= word.start_ms and word.end_ms <= gap.end_ms for gap in silences)


def _repeated(words: Sequence[Word]) -> frozenset[int]:
    """Return the places of the words that only repeat in a text that is more than a loop: all but its first saying."""
    owners = [place for place, word in enumerate(words) for _sign in bare(word.text)]
    text = "".join(bare(word.text) for word in words)
    places: set[int] = set()
    if is_loop(text):
        return frozenset()
    for loop in LOOP.finditer(text):
        if len(loop.group()) >= LOOP_MIN_CHARS:
            first = owners[loop.start() + len(loop.group(1)) - 1]
            places |= {owner for owner in owners[loop.start() + len(loop.group(1)) : loop.end()] if owner > first}
    return frozenset(places)
