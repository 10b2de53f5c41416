"""Recognised text that nobody said: found by evidence, listed with its reason, never dropped in silence."""

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz

from pipeline.engines.decoding import COMPRESSION_RATIO_MAX, NO_SPEECH_MAX
from pipeline.engines.sifting import LONG_SILENCE_MS, bare, is_loop
from pipeline.records import Removal, Span, SpeechSegment, Word
from pipeline.texts import N_, Message

SPEECH_SHARE_MIN = 0.2
"""A segment with less of its time in speech was not said."""
STOCK_SPEECH_SHARE = 0.6
"""A stock phrase counts as invented when less of its time than this is speech."""
QUIET_DB = 30.0
"""Sound this far below the lecture's speech is no speaker at the microphone: a whisper lies about 20 dB below."""
_ROUNDS_MAX = 3
"""Sentences said so many times over and over again stay; once where the window's text as a whole repeats itself."""
_CYCLE_MAX = 3
"""Longest cycle of sentences that is looked for."""
_SAME_SIMILARITY = 90.0
_CYCLE_MIN_CHARS = 4
_ANOMALY_WORDS = 8
"""Words of a segment that tell whether it is likely: improbable, hurried or drawn-out ones count against it.

Source of these figures: openai-whisper, ``hallucination_silence_threshold``.
"""
_UNLIKELY, _HURRIED_MS, _DRAWN_OUT_MS, _ANOMALY_MAX = 0.15, 133, 2000, 3.0

BelowSpeech = Callable[[Span], float]
"""How far the sound of a stretch lies below the lecture's speech, decibels."""


def find_removals(
    segments: Sequence[SpeechSegment], speech: Sequence[Span], below_speech: BelowSpeech
) -> tuple[Removal, ...]:
    """Return the segments that are not to be shown, each with its reason.

    Args:
        segments: all of a lecture, ordered, on its clock, sifted.
        speech: where somebody speaks.
        below_speech: tells how quiet a stretch is.
    """
    removals = []
    rounds = _rounds(segments)
    for number, segment in enumerate(segments):
        span = Span(segment.start_ms, segment.end_ms)
        reason = (
            _by_silence(segment, share_of_speech(segment, speech))
            or _by_loop(segment, rounds[number])
            or _by_loneliness(segments, number)
            or _by_level(below_speech(span))
        )
        if reason is not None:
            removals.append(Removal(span, segment.text, reason))
    return tuple(removals)


def is_removed(segment: SpeechSegment, removals: Sequence[Removal]) -> bool:
    """Return whether a segment is among the removals."""
    span = Span(segment.start_ms, segment.end_ms)
    return any(removal.span == span and removal.text == segment.text for removal in removals)


def share_of_speech(segment: SpeechSegment, speech: Sequence[Span]) -> float:
    """Return how much of a segment's time is speech, 0 to 1."""
    length = max(1, segment.end_ms - segment.start_ms)
    inside = sum(max(0, min(s.end_ms, segment.end_ms) - max(s.start_ms, segment.start_ms)) for s in speech)
    return min(1.0, inside / length)


@lru_cache
def stock_phrases() -> tuple[str, ...]:
    """Return what recognisers are known to write where nobody speaks, bare."""
    lines = files("pipeline").joinpath("data", "stock_phrases.txt").read_text("utf-8").splitlines()
    return tuple(bare(line) for line in lines if line.strip() and not line.startswith("#"))


def _by_silence(segment: SpeechSegment, share: float) -> Message | None:
    text = bare(segment.text)
    if not text:
        return Message(N_("There is no word in it."))
    if share < SPEECH_SHARE_MIN:
        return Message(N_("Nobody speaks there."))
    is_doubtful = share < STOCK_SPEECH_SHARE or segment.no_speech_probability > NO_SPEECH_MAX
    if is_doubtful and any(phrase in text for phrase in stock_phrases()):
        return Message(N_("It is a phrase that recognisers are known to invent, and hardly anybody speaks there."))
    return None


def _by_loop(segment: SpeechSegment, rounds: int) -> Message | None:
    most = 1 if segment.compression_ratio > COMPRESSION_RATIO_MAX else _ROUNDS_MAX
    text = bare(segment.text)
    if is_loop(text) or _compression(text) > COMPRESSION_RATIO_MAX or rounds >= most:
        return Message(N_("The recogniser repeated itself."))
    return None


def _by_loneliness(segments: Sequence[SpeechSegment], number: int) -> Message | None:
    """Doubt a segment of unlikely words that stands between long silences."""
    segment = segments[number]
    before, after = segments[:number][-1:], segments[number + 1 :][:1]
    gaps = [segment.start_ms - other.end_ms for other in before] + [other.start_ms - segment.end_ms for other in after]
    if min(gaps, default=LONG_SILENCE_MS) < LONG_SILENCE_MS or not _is_anomalous(segment):
        return None
    return Message(N_("The recogniser itself holds it for unlikely, and it stands alone between silences."))


def _by_level(below_db: float) -> Message | None:
    if below_db < QUIET_DB:
        return None
    message = N_("The sound there lies {below} dB below the speech of the lecture.")
    return Message(message, {"below": f"{below_db:.0f}"})


def _is_anomalous(segment: SpeechSegment) -> bool:
    words = [word for word in segment.words if bare(word.text)][:_ANOMALY_WORDS]
    score = sum(map(_anomaly, words))
    return bool(words) and (score >= _ANOMALY_MAX or score + 0.01 >= len(words))


def _anomaly(word: Word) -> float:
    length = word.end_ms - word.start_ms
    score = 1.0 if word.probability < _UNLIKELY else 0.0
    score += max(0, _HURRIED_MS - length) * 0.015
    return score + max(0, length - _DRAWN_OUT_MS) * 0.001


def _rounds(segments: Sequence[SpeechSegment]) -> list[int]:
    """Return for each segment how many times the sentences before it have already gone round in the same way."""
    texts = [bare(segment.text) for segment in segments]
    best = [0] * len(texts)
    for period in range(1, _CYCLE_MAX + 1):
        run = 0
        for number in range(period, len(texts)):
            cycle = "".join(texts[number - period + 1 : number + 1])
            is_same = fuzz.ratio(texts[number], texts[number - period]) >= _SAME_SIMILARITY
            run = run + 1 if is_same and len(cycle) >= _CYCLE_MIN_CHARS else 0
            best[number] = max(best[number], run // period)
    return best


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))
