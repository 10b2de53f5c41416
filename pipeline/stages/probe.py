"""The probe stage: a raw recording's path becomes a record of what it really is."""

from dataclasses import replace
from pathlib import Path

from pipeline.errors import AbsurdTimesError, FfmpegFailedError, InputError, NoPictureError
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.media.probing.oddities import faults_of_the_file
from pipeline.media.probing.probe import inspect
from pipeline.media.probing.repair import straighten
from pipeline.records import Recording
from pipeline.store import Store, key_of, require_free
from pipeline.texts import N_, Message

STAGE = "probe"
_REVISION = 1
"""Counted up when working copies are made in another way."""
_DURATION_MAX_S = 24 * 3600


def probe(path: Path, store: Store, emit: Emit, audio_track: int | None = None) -> Recording:
    """Return what the recording at ``path`` is; each of its oddities is also announced.

    A probe takes about a second, so it is made anew every time: the file may have changed under its name. A recording
    whose timestamps jump is copied into the store with them in order, and the copy is what the record speaks of; the
    hash and the size stay those of the file that was given.

    Args:
        path: the file.
        store: keeps the copy.
        emit: told of each oddity.
        audio_track: the sound track to use, counted from 1 as a person counts; ``None``: the default one.

    Raises:
        AudioTrackError, DeadAudioTrackError: that track is not there, or does not decode.
        InputError: the file cannot become a lecture, with the reason.
        DiskFullError: no room for the copy.
    """
    emit(StageStarted(STAGE))
    recording = inspect(path, audio_track)
    if recording.video is None:
        raise NoPictureError(recording.path)
    if recording.has_time_jumps:
        recording = _straightened(recording, store)
    if recording.duration_s > _DURATION_MAX_S:
        raise AbsurdTimesError(path, hours=round(recording.duration_s / 3600))
    for fault in recording.faults:
        emit(Notice(STAGE, fault))
    emit(StageFinished(STAGE))
    return recording


def _straightened(recording: Recording, store: Store) -> Recording:
    """Return the recording on a steady clock; as it is when its streams do not go into such a copy."""
    key = key_of(_REVISION, recording.sha256, recording.audio_track)
    if not store.path("straightened", key, ".ts").exists():
        require_free(store.root, recording.size_bytes * 11 // 10)
    try:
        copy = store.file("straightened", key, ".ts", lambda out: straighten(recording, out))
        found = inspect(copy)
    except (FfmpegFailedError, InputError):
        return recording
    if found.video is None or (found.audio is None) != (recording.audio is None):
        return recording
    said = Message(N_("The timestamps jump in the middle; a working copy puts them in order."))
    return replace(
        found,
        sha256=recording.sha256,
        size_bytes=recording.size_bytes,
        other_streams=recording.other_streams,
        audio_track=recording.audio_track,
        faults=(said, *faults_of_the_file(recording), *found.faults),
        original=recording.path,
    )
