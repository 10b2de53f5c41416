"""Subtitles: a person's subtitle file becomes the cues of the lecture, as it was written."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.captions.adopt import adopt
from pipeline.captions.ass import drawn_text, fitted_lines
from pipeline.captions.flags import find_flags
from pipeline.captions.review import review
from pipeline.captions.subtitles import read_subtitles
from pipeline.errors import NothingToShowError
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.media.rendering.fonts import Font, find_font
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, CueSheet, Flag, Removal, Soundtrack
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid, clock

STAGE = "subtitles"


def subtitles(
    file: Path,
    soundtrack: Soundtrack,
    grid: FrameGrid,
    settings: CaptionSettings,
    store: Store,  # noqa: ARG001 - every stage takes the same
    emit: Emit,
    terms: Sequence[Term] = (),
) -> CueSheet:
    """Return a person's cues: words and lines as they are, times on whole frames, every doubt flagged.

    How many cues went in and came out is announced, and so is each that is broken or changed in its times; those that
    cannot be shown are among the sheet's removals, with the reason.

    Raises:
        InputError: the file cannot be read, or none of its cues can be shown.
    """
    emit(StageStarted(STAGE))
    written = read_subtitles(file)
    adopted = adopt(written.entries, grid)
    if not adopted.cues:
        raise NothingToShowError(file, reasons=_reasons(adopted.removals))
    found, unread = len(written.entries), sum(entry.cue is None for entry in written.entries)
    counts = {
        "name": file.name,
        "found": str(found),
        "shown": str(len(adopted.cues)),
        "joined": str(found - unread - len(adopted.removals) - len(adopted.cues)),
        "left": str(unread + len(adopted.removals)),
    }
    counted = N_("{name}: {found} cues in, {shown} out; {joined} put together with another, {left} left out.")
    for message in (Message(counted, counts), *written.problems, *adopted.changes):
        emit(Notice(STAGE, message))
    font = find_font(settings.font)
    cues = [flagged(cue, soundtrack, settings, font) for cue in adopted.cues]
    reviewed = review(cues, soundtrack.speech, terms)
    for message in reviewed.notices:
        emit(Notice(STAGE, message))
    emit(StageFinished(STAGE))
    return CueSheet(reviewed.cues, adopted.removals)


def _reasons(removals: Sequence[Removal]) -> str:
    first = removals[:3]
    return " ".join(f"{clock(r.span.start_ms)} {r.text.splitlines()[0][:20]}: {r.reason.show()}" for r in first)


def flagged(cue: Cue, soundtrack: Soundtrack, settings: CaptionSettings, font: Font) -> Cue:
    """Return a person's cue with the doubts that it shows by itself; nothing of it is changed."""
    return replace(cue, flags=(*find_flags(cue, soundtrack.speech, settings), *_too_wide(cue, settings, font)))


def _too_wide(cue: Cue, settings: CaptionSettings, font: Font) -> list[Flag]:
    written = drawn_text(cue.screen)
    lines = fitted_lines(written, settings, font)
    if len(lines) <= len(written.split("\n")):
        return []
    message = N_("It is wider than the picture allows and is drawn in {count} lines.")
    return [Flag("unbreakable", Message(message, {"count": str(len(lines))}), 0.7)]
