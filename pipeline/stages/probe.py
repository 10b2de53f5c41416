"""The probe stage: a raw recording's path becomes a record of what it really is."""

from pathlib import Path

from pipeline.errors import NoPictureError
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.media.probe import inspect
from pipeline.records import Recording
from pipeline.store import Store

STAGE = "probe"


def probe(path: Path, store: Store, emit: Emit) -> Recording:
    """Return what the recording at ``path`` is; each of its oddities is also announced.

    A probe takes about a second, so it is made anew every time: the file may have changed under its name.

    Raises:
        InputError: the file cannot become a lecture, with the reason.
    """
    del store
    emit(StageStarted(STAGE))
    recording = inspect(path)
    if recording.video is None:
        raise NoPictureError(recording.path)
    for fault in recording.faults:
        emit(Notice(STAGE, fault))
    emit(StageFinished(STAGE))
    return recording
