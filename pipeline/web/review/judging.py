"""What a reviewer is told about each cue: the product's own flags, layout rules and reading of subtitle files.

Nothing is judged here. Every sentence comes of what looks at a lecture's subtitles elsewhere, so that what the desk
says is what the report will say; this room puts it under the cue that it is about.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.captions.adopt import adopt
from pipeline.captions.ass import NOT_FIRST, NOT_LAST, drawn_text
from pipeline.captions.entries import Entry, problems_of
from pipeline.captions.review import review
from pipeline.media.rendering.fonts import Font, find_font, missing_glyphs
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, Flag, Word
from pipeline.reporting.doubts import weight_word
from pipeline.rules.layout import layout_faults
from pipeline.stages.subtitles import flagged
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid
from pipeline.web.work.material import Material

_HEARD = frozenset({"low-confidence", "deviation"})
"""Doubts about words as they were recognised; they end where a person has written others."""
_FAULTS = {
    "lines": N_("It has more lines than the layout allows."),
    "gap": N_("It follows the one before too closely: two frames are left free between subtitles."),
}
"""Rules of the layout that no flag tells of."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a cue that a person should know."""

    kind: str
    tone: str
    """``bad``, ``warn`` or ``quiet``, as in the report."""
    text: str
    """In the language in force."""
    found: str = ""
    suggestion: str = ""


def remarks_on(cues: Sequence[Cue], material: Material, settings: CaptionSettings) -> tuple[tuple[Remark, ...], ...]:
    """Return the remarks on each cue, the weightiest first.

    Args:
        cues: in order of time, as a person has them now.
        material: what is known of the lecture.
        settings: the layout that it is held to.
    """
    font = find_font(settings.font)
    found: dict[int, list[Remark]] = defaultdict(list)
    for number, flags in enumerate(_flags(cues, material, settings, font)):
        found[number] += [_told(flag) for flag in flags]
    for number, message in _layout(cues, material.grid, settings, font):
        found[number].append(Remark("layout", "warn", message.show()))
    return tuple(tuple(sorted(found[number], key=_order)) for number in range(len(cues)))


def _flags(
    cues: Sequence[Cue], material: Material, settings: CaptionSettings, font: Font
) -> Iterator[tuple[Flag, ...]]:
    """Yield each cue's flags; of doubts about recognised words only those whose words still stand."""
    before = _as_heard(cues, material)
    fresh = [
        replace(flagged(cue, material.sound, settings, font), confidence=old.confidence if old else None)
        for cue, old in zip(cues, before, strict=True)
    ]
    transcript = material.transcript
    script = transcript.script if transcript else None
    reviewed = review(fresh, material.sound.speech, material.terms, _words(material), script)
    for cue, old in zip(reviewed.cues, before, strict=True):
        yield tuple(flag for flag in cue.flags if old or flag.kind not in _HEARD)


def _as_heard(cues: Sequence[Cue], material: Material) -> list[Cue | None]:
    """Return for each cue the one that was made with the same text at the same time, if there is one."""
    known: dict[str, list[Cue]] = defaultdict(list)
    for cue in material.sheet.cues:
        known[cue.text].append(cue)
    return [
        next((old for old in known[cue.text] if old.start_ms < cue.end_ms and cue.start_ms < old.end_ms), None)
        for cue in cues
    ]


def _words(material: Material) -> tuple[Word, ...]:
    segments = material.transcript.segments if material.transcript else ()
    return tuple(sorted((word for s in segments for word in s.words), key=lambda word: word.start_ms))


def _layout(
    cues: Sequence[Cue], grid: FrameGrid, settings: CaptionSettings, font: Font
) -> Iterator[tuple[int, Message]]:
    """Yield the place and what is wrong there: with the file, with what burning would change, with the layout."""
    entries = [Entry(number, cue.text, cue) for number, cue in enumerate(cues, 1)]
    adopted = adopt(entries, grid)
    for message in (*problems_of(entries, "utf-8"), *adopted.changes):
        if "number" in message.values:
            yield int(message.values["number"]) - 1, message
    for removal in adopted.removals:
        gone = [n for n, cue in enumerate(cues) if cue.start_ms == removal.span.start_ms and cue.text == removal.text]
        yield from ((number, removal.reason) for number in gone[:1])
    for name, numbers in layout_faults(tuple(cues), settings, grid.rate).items():
        if name in _FAULTS:
            yield from ((number - 1, Message(_FAULTS[name])) for number in numbers)
    for number, cue in enumerate(cues):
        yield from ((number, message) for message in _written(cue, font))


def _written(cue: Cue, font: Font) -> Iterator[Message]:
    """Yield what is wrong with how a cue is written.

    Source: GB/T 15834-2011, 5.1 (marks that may not begin or end a line).
    """
    lines = cue.text.split("\n")
    first = sorted({line[0] for line in lines if line and line[0] in NOT_FIRST})
    last = sorted({line[-1] for line in lines if line and line[-1] in NOT_LAST})
    if first:
        yield Message(N_("No line may begin with {marks}."), {"marks": " ".join(first)})
    if last:
        yield Message(N_("No line may end with {marks}."), {"marks": " ".join(last)})
    if missing := missing_glyphs(font, drawn_text(cue.screen)):
        yield Message(N_("The font cannot draw {characters}."), {"characters": " ".join(missing[:10])})


def _told(flag: Flag) -> Remark:
    return Remark(flag.kind, weight_word(flag.weight)[1], flag.message.show(), flag.found, flag.suggestion)


def _order(remark: Remark) -> int:
    return ("bad", "warn", "quiet").index(remark.tone)
