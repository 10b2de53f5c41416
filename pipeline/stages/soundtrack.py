"""The soundtrack stage: loudness measured and set, speech found, all on the delivery's clock."""

from dataclasses import replace
from fractions import Fraction
from math import log10
from pathlib import Path

from pipeline.engines.vad import speech_spans
from pipeline.errors import FfmpegFailedError
from pipeline.events import Emit, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.media.binaries import ffmpeg
from pipeline.media.graph import Progress
from pipeline.media.probing.repair import flatten, on_flat
from pipeline.media.sound import Channels, Heard, Level, encode, listen, measure_file, measure_levelled
from pipeline.presets import SoundSettings
from pipeline.records import Loudness, Recording, Soundtrack
from pipeline.store import Store, is_as_made, key_of
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid

STAGE = "soundtrack"
_REVISION = 2
"""Counted up when the sound is made in another way, so that kept results are not taken for new ones."""
_GAIN_MAX_DB = 40.0
"""Past this, mostly the room's noise would be raised."""
_CLOSE_LU = 0.3
"""An encoded result this near to the target stands; ±0.5 LU is promised."""
_ROUNDS_MAX = 3
_LIMITER_MARGIN_DB = 0.5
"""The limiter holds this much below the highest peak: between its samples, and in the encoder, peaks grow."""
_PEAK_STEP_DB = 0.05
"""Half of the meter's last digit."""
_DOUBLED_LU = 10 * log10(2)
CHANNEL_REPAIRS: dict[Channels, str] = {
    "left": N_("The right sound channel is dead; the left one is used on both sides."),
    "right": N_("The left sound channel is dead; the right one is used on both sides."),
    "inverted": N_("The two sound channels cancel each other out; one of them is inverted."),
}
_SHARES = (0.15, 0.15, 0.5, 0.2)
"""Shares of the stage's time: analysis, speech, encoding, measuring what was encoded."""


def soundtrack(recording: Recording, grid: FrameGrid, settings: SoundSettings, store: Store, emit: Emit) -> Soundtrack:
    """Return the recording's sound on the delivery's clock, exactly as long as the grid.

    A recording without sound, or whose sound cannot be decoded (announced), gives an empty soundtrack.

    Raises:
        StalledError, DiskFullError: ffmpeg could not finish.
    """
    emit(StageStarted(STAGE, float(grid.duration_s)))
    empty = Soundtrack(None, None, None, 0.0, (), grid.duration_ms)
    if recording.audio is None:
        emit(StageFinished(STAGE))
        return empty
    source = (recording.sha256, recording.audio_track, recording.audio, recording.origin_s)
    key = key_of(_REVISION, *source, grid, settings, ffmpeg().version)
    kept = store.find_record(STAGE, key, Soundtrack)
    if kept is not None and all(path is None or is_as_made(path) for path in (kept.speech_wav, kept.delivery)):
        _announce(kept, emit)
        emit(StageFinished(STAGE, reused=True))
        return kept
    try:
        made = _make(recording, grid, settings, store, emit, key)
    except _UndecodableError:
        emit(Notice(STAGE, Message(N_("The recording's sound cannot be decoded; the lecture is made without sound."))))
        emit(StageFinished(STAGE))
        return empty
    store.put_record(STAGE, key, Soundtrack, made)
    _announce(made, emit)
    emit(StageFinished(STAGE))
    return made


class _UndecodableError(Exception):
    """The sound looked right to the probe and yet does not decode."""


def _make(
    recording: Recording, grid: FrameGrid, settings: SoundSettings, store: Store, emit: Emit, key: str
) -> Soundtrack:
    length_s = grid.duration_s
    steps = _Steps(emit, float(length_s))
    for suffix in (".wav", ".m4a", ".nut"):
        store.path("sound", key, suffix).unlink(missing_ok=True)
    recording, heard, wav = _hear(recording, length_s, store, key, steps)
    spans = speech_spans(wav, steps.follow(1))
    levels: list[Level] = []

    def write(path: Path) -> None:
        levels.append(_encode_to_target(recording, path, heard, settings, length_s, steps))

    delivery = store.file("sound", key, ".m4a", write)
    store.path("sound", key, ".nut").unlink(missing_ok=True)
    gain_db = round(levels[0].gain_db, 2)
    return Soundtrack(wav, delivery, heard.loudness, gain_db, spans, grid.duration_ms, _repairs(heard, settings))


def _hear(
    recording: Recording, length_s: Fraction, store: Store, key: str, steps: "_Steps"
) -> tuple[Recording, Heard, Path]:
    """Return the recording to take the sound from, what was heard, and the speech WAV.

    Sound that cannot be heard in one go is first brought into one form.

    Raises:
        _UndecodableError: not even then.
    """
    heard: list[Heard] = []

    def hear(path: Path) -> None:
        heard.append(listen(recording, path, steps.follow(0), duration_s=length_s))

    try:
        wav = store.file("sound", key, ".wav", hear)
    except FfmpegFailedError:
        try:
            flat = store.file("sound", key, ".nut", lambda path: flatten(recording, path))
            recording = on_flat(recording, flat)
            wav = store.file("sound", key, ".wav", hear)
        except FfmpegFailedError as error:
            raise _UndecodableError from error
    return recording, heard[0], wav


def _encode_to_target(
    recording: Recording, out: Path, heard: Heard, settings: SoundSettings, length_s: Fraction, steps: "_Steps"
) -> Level:
    """Write the delivery's sound so that what comes out of the encoder meets the target; return the level used."""
    level = first_level(heard, settings)
    if level.is_limited:
        before = measure_levelled(recording, level, length_s)
        level = corrected(level, before, settings, close_lu=0.0)
    for _ in range(_ROUNDS_MAX):
        encode(recording, out, level, settings, length_s, steps.follow(2))
        after = measure_file(out, length_s, steps.follow(3))
        better = corrected(level, after, settings, close_lu=_CLOSE_LU)
        if better == level or heard.loudness.integrated_lufs is None:
            break
        level = better
    return level


def first_level(heard: Heard, settings: SoundSettings) -> Level:
    """Return the level that brings the recording to the target if nothing needs limiting."""
    limit = settings.true_peak_dbtp - _LIMITER_MARGIN_DB
    loudness = _as_played(heard)
    if loudness is None:
        return Level(0.0, limit, is_limited=True, channels=heard.channels)
    gain = min(_GAIN_MAX_DB, settings.target_lufs - loudness)
    peak = heard.loudness.true_peak_dbtp or 0.0
    return Level(gain, limit, is_limited=peak + gain > limit, channels=heard.channels)


def _as_played(heard: Heard) -> float | None:
    """Return the loudness before gain with the channels set right, LUFS; one channel on both sides adds 3 LU."""
    recorded = heard.loudness.integrated_lufs
    return recorded if recorded is None or heard.channels in {"both", "inverted"} else recorded + _DOUBLED_LU


def corrected(level: Level, result: Loudness, settings: SoundSettings, *, close_lu: float) -> Level:
    """Return the level to try next after ``level`` gave ``result``; the same one when the result is good.

    Args:
        level: what was tried.
        result: what came out; without a peak when peaks were not measured.
        settings: the target.
        close_lu: how near to the target is good enough, LU.
    """
    gain, limit, is_limited = level.gain_db, level.limit_dbtp, level.is_limited
    missing = 0.0 if result.integrated_lufs is None else settings.target_lufs - result.integrated_lufs
    if abs(missing) > close_lu:
        gain = min(_GAIN_MAX_DB, gain + missing)
    peak, highest = result.true_peak_dbtp, settings.accept_peak_dbtp - _PEAK_STEP_DB
    if peak is not None and peak > highest:
        limit, is_limited = limit - (peak - highest) - _PEAK_STEP_DB, True
    return replace(level, gain_db=gain, limit_dbtp=limit, is_limited=is_limited)


def _repairs(heard: Heard, settings: SoundSettings) -> tuple[Message, ...]:
    """Return what a person should know about the sound."""
    found = []
    if heard.channels in CHANNEL_REPAIRS:
        found.append(Message(CHANNEL_REPAIRS[heard.channels]))
    loudness = _as_played(heard)
    if loudness is None:
        found.append(Message(N_("The recording's sound track is silent.")))
    elif settings.target_lufs - loudness > _GAIN_MAX_DB:
        values = {"loudness": f"{loudness:.1f}"}
        found.append(Message(N_("The sound is too quiet ({loudness} LUFS) to be raised to the target."), values))
    return tuple(found)


def _announce(made: Soundtrack, emit: Emit) -> None:
    for repair in made.repairs:
        emit(Notice(STAGE, repair))


class _Steps:
    """Progress over the stage's steps, each with its share of the time."""

    def __init__(self, emit: Emit, total_s: float) -> None:
        self._emit, self._total_s, self._done = emit, total_s, 0.0

    def follow(self, step: int) -> Progress:
        """Return a listener for one step's progress in seconds of sound."""
        before = sum(_SHARES[:step])

        def advance(seconds: float) -> None:
            share = before + _SHARES[step] * min(1.0, seconds / self._total_s)
            self._done = max(self._done, share * self._total_s)
            self._emit(StageAdvanced(STAGE, self._done))

        return advance
