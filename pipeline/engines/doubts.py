"""Recognised text that nobody said: found by evidence, listed with its reason, never dropped in silence."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from pipeline.records import Removal, Span, SpeechSegment
from pipeline.texts import N_, Message

SPEECH_SHARE_MIN = 0.2
"""A segment with less of its time in speech was not said."""
STOCK_SPEECH_SHARE = 0.6
"""A stock phrase counts as invented when less of its time than this is speech."""
LOGPROB_DOUBT = -1.0
"""Mean log probability below which an engine doubts its own text. Source: openai-whisper's default."""
_ECHO_MIN_CHARS = 8
_ECHO_SIMILARITY = 85.0
_LOOP = re.compile(r"(.{1,12}?)\1{4,}")
_LOOP_MIN_CHARS = 15
_LOOP_SHARE = 0.6
_REPEATS_MAX = 3
_STOCK = (
    "请不吝点赞",
    "明镜与点点",
    "字幕由",
    "字幕志愿者",
    "字幕制作",
    "amara",
    "谢谢观看",
    "感谢观看",
    "谢谢收看",
    "谢谢大家收看",
    "订阅我的频道",
    "点赞订阅",
    "优优独播剧场",
    "中文字幕",
)
"""What Whisper is known to write over music and silence, from the subtitles it was trained on."""


def find_removals(segments: Sequence[SpeechSegment], speech: Sequence[Span], prompt: str) -> tuple[Removal, ...]:
    """Return the segments that are not to be shown, each with its reason.

    Args:
        segments: all of a lecture, ordered, on its clock.
        speech: where somebody speaks.
        prompt: what the engine was prompted with.
    """
    removals = []
    same = 0
    for number, segment in enumerate(segments):
        same = same + 1 if number and bare(segment.text) == bare(segments[number - 1].text) else 0
        reason = _reason(segment, share_of_speech(segment, speech), prompt, same)
        if reason is not None:
            removals.append(Removal(Span(segment.start_ms, segment.end_ms), segment.text, reason))
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


def bare(text: str) -> str:
    """Return the letters, digits and characters of a text alone, in lower case."""
    return "".join(c for c in text.lower() if c.isalnum())


def _reason(segment: SpeechSegment, share: float, prompt: str, same: int) -> Message | None:
    text = bare(segment.text)
    if not text:
        return Message(N_("There is no word in it."))
    if share < SPEECH_SHARE_MIN:
        return Message(N_("Nobody speaks there."))
    if _is_loop(text) or (same >= _REPEATS_MAX and len(text) >= 4):
        return Message(N_("The recogniser repeated itself."))
    if prompt and len(text) >= _ECHO_MIN_CHARS and fuzz.partial_ratio(text, bare(prompt)) >= _ECHO_SIMILARITY:
        return Message(N_("It repeats the recogniser's prompt."))
    is_doubtful = share < STOCK_SPEECH_SHARE or segment.average_logprob < LOGPROB_DOUBT
    if is_doubtful and any(phrase in text for phrase in _STOCK):
        return Message(N_("It is a phrase that recognisers are known to invent, and hardly anybody speaks there."))
    return None


def _is_loop(text: str) -> bool:
    """Tell whether most of a text is one phrase said five times or more."""
    looped = sum(len(match.group()) for match in _LOOP.finditer(text))
    return looped >= _LOOP_MIN_CHARS and looped >= _LOOP_SHARE * len(text)
