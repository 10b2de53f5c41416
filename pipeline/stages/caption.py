"""Caption: recognised words become cues under the preset's layout."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.captions.layout import lay_out
from pipeline.captions.review import review
from pipeline.engines.doubts import is_removed
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.presets import CaptionSettings
from pipeline.records import CueSheet, Soundtrack, SpeechSegment, Transcript, Word
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.timing import FrameGrid

STAGE = "caption"


def caption(
    transcript: Transcript,
    soundtrack: Soundtrack,
    grid: FrameGrid,
    settings: CaptionSettings,
    store: Store,  # noqa: ARG001 - every stage takes the same
    emit: Emit,
    terms: Sequence[Term] = (),
) -> CueSheet:
    """Return the cues of the lecture with everything a person should see about them.

    What was removed from the transcript is not shown and stays listed. Terms are never corrected, only flagged.
    """
    emit(StageStarted(STAGE))
    shown = [segment for segment in transcript.segments if not is_removed(segment, transcript.removals)]
    words = _joined(shown)
    cues = lay_out(words, soundtrack.speech, grid, settings)
    reviewed = review(cues, soundtrack.speech, terms, words, transcript.script)
    for message in reviewed.notices:
        emit(Notice(STAGE, message))
    emit(StageFinished(STAGE))
    return CueSheet(reviewed.cues, transcript.removals)


def _joined(segments: Sequence[SpeechSegment]) -> list[Word]:
    """Return the words of all segments, a space after each segment: an engine ends one where a clause ends."""
    return [
        replace(word, text=word.text + " ") if number == len(segment.words) else word
        for segment in segments
        for number, word in enumerate(segment.words, 1)
    ]
