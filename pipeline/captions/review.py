"""Review: what a person should see about the cues of a whole lecture, beyond what each cue shows by itself."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.captions.terms import homophone_flags
from pipeline.captions.words import is_lost
from pipeline.records import Cue, Deviation, Flag, ScriptMatch, Span, Word
from pipeline.terms import Term
from pipeline.texts import N_, Message
from pipeline.timing import clock

LOW_CONFIDENCE = 0.3
"""A cue with a word below this probability is doubtful. Whisper's right words rarely fall below it."""
RANKED_SHARE = 0.1
"""This share of the cues, the least likely ones, weigh by how unlikely they are; a weak model's others come last."""
_LAST = 0.1
MISSING_MS = 1000
"""Speech that goes on this long without a cue is missing."""
_COLLAR_MS = 300
"""Speech this near to a cue counts as covered: edges of speech are not known better."""
_QUOTED_MAX = 40

_DEVIATIONS = {
    "skipped": N_("The script has “{script}” here, which was not said."),
    "added": N_("“{spoken}” is not in the script."),
    "changed": N_("The script has “{script}”; “{spoken}” was heard."),
    "repeated": N_("“{spoken}” is said again; the script has it once."),
    "moved": N_("The script has “{script}” at another place."),
}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Cues with all their flags, and what concerns no single cue."""

    cues: tuple[Cue, ...]
    notices: tuple[Message, ...]


def review(
    cues: Sequence[Cue],
    speech: Sequence[Span],
    terms: Sequence[Term] = (),
    words: Sequence[Word] = (),
    script: ScriptMatch | None = None,
) -> Reviewed:
    """Return the cues with all their flags, each cue's heaviest first; no text is changed.

    Args:
        cues: ordered, with the flags that each shows by itself.
        speech: where somebody speaks.
        terms: what must be written right.
        words: what the cues were laid out from, ordered; none when a person wrote them.
        script: how the speech follows its script.
    """
    flags = [[*cue.flags, *homophone_flags(cue, tuple(terms))] for cue in cues]
    notices: list[Message] = []
    if cues:
        notices += _add_doubts(cues, words, flags)
        _add_lost(cues, words, flags)
        for deviation in script.deviations if script else ():
            _add_deviation(cues, deviation, flags)
    for gap in _uncovered(speech, cues):
        notices += _add_missing(cues, gap, flags)
    ordered = (tuple(sorted(found, key=lambda flag: -flag.weight)) for found in flags)
    return Reviewed(tuple(replace(cue, flags=found) for cue, found in zip(cues, ordered, strict=True)), tuple(notices))


def _add_doubts(cues: Sequence[Cue], words: Sequence[Word], flags: list[list[Flag]]) -> list[Message]:
    """Flag doubtful cues; with a model that doubts almost everything only the least likely ones weigh."""
    known = sorted(
        (cue.confidence, number)
        for number, cue in enumerate(cues)
        if cue.confidence is not None and cue.confidence < LOW_CONFIDENCE
    )
    ranked = max(1, round(RANKED_SHARE * len(cues)))
    for place, (confidence, number) in enumerate(known):
        unlikely = 1 - confidence / LOW_CONFIDENCE
        weight = 0.3 + 0.6 * unlikely if place < ranked else _LAST * unlikely
        flags[number].append(_doubt(cues[number], confidence, words, round(weight, 2)))
    if 2 * len(known) <= len(cues):
        return []
    values = {"count": str(len(known)), "total": str(len(cues))}
    return [Message(N_("{count} of {total} cues hold a word that is unsure; read them all."), values)]


def _doubt(cue: Cue, confidence: float, words: Sequence[Word], weight: float) -> Flag:
    word = next((word for word in _inside(cue, words) if word.probability == confidence), None)
    values = {"percent": f"{confidence:.0%}"}
    if word is not None and word.is_from_script:
        return Flag(
            "low-confidence",
            Message(N_("It is unsure that the script's words stand here ({percent})."), values),
            weight,
        )
    found = "".join(sign for sign in word.text if sign.isalnum()) if word is not None else ""
    message = Message(N_("The recogniser is unsure of a word here ({percent})."), values)
    return Flag("low-confidence", message, weight, found=found if found in cue.text else "")


def _inside(cue: Cue, words: Sequence[Word]) -> Sequence[Word]:
    """Return the words that begin shortly before a cue or while it is shown."""
    first = bisect_left(words, cue.start_ms - _COLLAR_MS, key=lambda word: word.start_ms)
    after = bisect_left(words, cue.end_ms, key=lambda word: word.start_ms)
    return words[first:after]


def _add_lost(cues: Sequence[Cue], words: Sequence[Word], flags: list[list[Flag]]) -> None:
    """Flag where characters were left out because nothing can show them."""
    lost: dict[int, int] = {}
    for word in words:
        count = sum(map(is_lost, word.text))
        if count:
            number = _cue_at(cues, word.start_ms)
            lost[number] = lost.get(number, 0) + count
    text = N_("{count} characters here cannot be shown and were left out.")
    for number, count in lost.items():
        flags[number].append(Flag("script-form", Message(text, {"count": str(count)}), 0.9))


def _add_deviation(cues: Sequence[Cue], deviation: Deviation, flags: list[list[Flag]]) -> None:
    """Flag the cues that a deviation overlaps; for a skipped passage the one that was shown last."""
    span = deviation.span
    numbers = [n for n, cue in enumerate(cues) if cue.start_ms < span.end_ms and span.start_ms < cue.end_ms]
    script, spoken = _quoted(deviation.script), _quoted(deviation.spoken)
    message = Message(_DEVIATIONS[deviation.kind], {"script": script, "spoken": spoken})
    for number in numbers or [_cue_at(cues, span.start_ms)]:
        flags[number].append(
            Flag(
                "deviation",
                message,
                weight=round(0.4 + 0.5 * deviation.confidence, 2),
                found=deviation.spoken if deviation.spoken and deviation.spoken in cues[number].text else "",
                suggestion=deviation.script if deviation.kind == "changed" else "",
                confidence=deviation.confidence,
            )
        )


def _add_missing(cues: Sequence[Cue], gap: Span, flags: list[list[Flag]]) -> list[Message]:
    """Flag the cue before speech without a cue, the first one at the beginning; without any cue it is a notice."""
    values = {"time": clock(gap.start_ms), "seconds": f"{gap.duration_ms / 1000:.1f}"}
    message = Message(N_("Somebody speaks from {time} for {seconds} s without a subtitle."), values)
    if not cues:
        return [message]
    weight = min(0.95, 0.6 + 0.05 * gap.duration_ms / 1000)
    flags[_cue_at(cues, gap.start_ms)].append(Flag("missing-speech", message, round(weight, 2)))
    return []


def _uncovered(speech: Sequence[Span], cues: Sequence[Cue]) -> list[Span]:
    """Return the speech of a second or more that no cue covers."""
    gaps = []
    for span in speech:
        start = span.start_ms
        for cue in cues:
            if cue.end_ms + _COLLAR_MS <= start:
                continue
            if cue.start_ms - _COLLAR_MS >= span.end_ms:
                break
            gaps.append(Span(start, cue.start_ms - _COLLAR_MS))
            start = max(start, cue.end_ms + _COLLAR_MS)
        gaps.append(Span(start, span.end_ms))
    return [gap for gap in gaps if gap.duration_ms >= MISSING_MS]


def _cue_at(cues: Sequence[Cue], time_ms: int) -> int:
    """Return the number of the cue shown last at a time, counted from 0; the first one before all."""
    return max(0, bisect_right(cues, time_ms, key=lambda cue: cue.start_ms) - 1)


def _quoted(text: str) -> str:
    return text if len(text) <= _QUOTED_MAX else f"{text[: _QUOTED_MAX - 1]}…"
