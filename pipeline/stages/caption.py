"""Caption: recognised words become cues under the preset's layout."""

from pipeline.captions.layout import lay_out
from pipeline.engines.doubts import is_removed
from pipeline.events import Emit, StageFinished, StageStarted
from pipeline.presets import CaptionSettings
from pipeline.records import CueSheet, Soundtrack, Transcript
from pipeline.store import Store
from pipeline.timing import FrameGrid

STAGE = "caption"


def caption(
    transcript: Transcript,
    soundtrack: Soundtrack,
    grid: FrameGrid,
    settings: CaptionSettings,
    store: Store,  # noqa: ARG001 - every stage takes the same
    emit: Emit,
) -> CueSheet:
    """Return the cues of the lecture; what was removed from the transcript is not shown and stays listed."""
    emit(StageStarted(STAGE))
    shown = [segment for segment in transcript.segments if not is_removed(segment, transcript.removals)]
    words = [word for segment in shown for word in segment.words]
    cues = lay_out(words, soundtrack.speech, grid, settings)
    emit(StageFinished(STAGE))
    return CueSheet(cues, transcript.removals)
