"""check: everything that can be measured from a finished file alone, and what the rules say to it.

It works on anybody's file and trusts nothing that render claims. What was measured is kept under the file's and
the subtitle file's content, so that a second look is free.
"""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.captions.headlines import clean, listed_names
from pipeline.captions.srt import read_srt
from pipeline.engines.vad import speech_spans
from pipeline.errors import (
    DiskFullError,
    FfmpegKilledError,
    FfmpegSilentError,
    InputError,
    UnreadableFileError,
    WeikeError,
)
from pipeline.events import Emit, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.media.binaries import ffmpeg
from pipeline.media.measuring.kept_readings import read_or_kept
from pipeline.media.measuring.look import can_look_by_groups, look_by_groups
from pipeline.media.measuring.measure import PictureFacts, Progress, measure_picture
from pipeline.media.measuring.ocr import BandReader
from pipeline.media.measuring.opening import Field, read_opening
from pipeline.media.measuring.read_back import read_bands, read_cues
from pipeline.media.measuring.reading_plan import chosen_cues
from pipeline.media.measuring.samples import SampleFacts, measure_samples
from pipeline.media.probing.gop import PacketWalk, walk_packets
from pipeline.media.probing.probe import inspect
from pipeline.media.probing.sound_packets import sound_digest
from pipeline.media.sound import analyse
from pipeline.presets import Preset
from pipeline.records import (
    BandText,
    Cue,
    CueSheet,
    Finding,
    LectureInfo,
    Loudness,
    Measurements,
    Opening,
    ReadBack,
    Recording,
    Span,
)
from pipeline.rules import judge
from pipeline.store import Store, key_of
from pipeline.texts import Message

STAGE = "check"
VERSION = 5
"""Raised when the same file would measure differently."""
_SOUND, _PICTURE, _READING = 0.1, 0.5, 0.4
"""Shares of the work, for the bar."""


def check(
    video: Path,
    sidecar: Path | None,
    preset: Preset,
    store: Store,
    emit: Emit,
    sheet: CueSheet | None = None,
    info: LectureInfo | None = None,
    is_thorough: bool = False,
) -> tuple[Measurements, tuple[Finding, ...]]:
    """Return what was measured from a finished file, and one finding for every rule.

    Args:
        video: the finished file, anybody's.
        sidecar: its SRT; ``None`` looks for one beside the video under the same name.
        preset: the demands.
        store: keeps measurements and thumbnails.
        emit: hears of the progress.
        sheet: the cues with their flags, where they are known; it only says which cues to look at first.
        info: what is registered for the lecture, where that is known; the opening should name it.
        is_thorough: every frame is looked at, also where the file's groups of pictures allow less.

    Raises:
        InputError: the file is no media file, it changed or vanished meanwhile, or the subtitle file given by hand
            cannot be read.
    """
    recording = inspect(video)
    state = _state_of(recording.path)
    cues, problems = _cues(sidecar, recording.path)
    sidecar = sidecar or _beside(recording.path)
    numbers = _numbers(cues or (), recording, preset, sheet)
    parts = (recording.sha256, cues, problems, numbers, preset.limits, preset.captions, ffmpeg().version, is_thorough)
    key = key_of(STAGE, VERSION, *parts)
    kept = store.find_record("measurements", key, Measurements)
    emit(StageStarted(STAGE, float(recording.duration_s)))
    if kept is not None and _is_whole(kept):
        measurements, is_reused = kept, True
    else:
        bar = _Advance(emit, float(recording.duration_s))
        measurements, is_reused = _measure(recording, cues, numbers, preset, store, bar, is_thorough=is_thorough), False
        if _state_of(recording.path) != state:
            raise UnreadableFileError(recording.path, reason=os.strerror(errno.ESTALE))
        if not measurements.decode_errors + measurements.sound_decode_errors:
            store.put_record("measurements", key, Measurements, measurements)
    opening = _opening(recording, info, preset, store)
    measurements = replace(
        measurements, recording=recording, sidecar=sidecar, sidecar_problems=problems, opening=opening
    )
    findings = judge(measurements, preset)
    emit(StageFinished(STAGE, reused=is_reused))
    return measurements, findings


def _state_of(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is replaced or written to.

    Raises:
        UnreadableFileError: it is not there any more.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise UnreadableFileError(path, reason=error.strerror or str(error)) from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _opening(recording: Recording, info: LectureInfo | None, preset: Preset, store: Store) -> Opening | None:
    """Return what the first seconds say of the registered title, speakers and unit; kept under the file's content."""
    if info is None or not (info.title or info.speaker) or recording.video is None:
        return None
    single: tuple[tuple[Field, str | None], ...] = (("title", info.title), ("unit", info.unit))
    registered: list[tuple[Field, str]] = [(field, clean(text)) for field, text in single if text and clean(text)]
    registered += [("speaker", name) for name in listed_names(info.speaker)]
    limits = preset.limits
    demands = (limits.opening_max_s, limits.read_back_similarity_min)
    key = key_of(VERSION, recording.sha256, registered, demands)
    kept = store.find_record("openings", key, Opening)
    if kept is None or (kept.thumbnail is not None and not kept.thumbnail.exists()):
        kept = read_opening(recording, registered, *demands, store)
        if kept is not None:
            store.put_record("openings", key, Opening, kept)
    return kept


class _Advance:
    """Turns the progress of parts into progress of the stage."""

    def __init__(self, emit: Emit, total: float) -> None:
        self.emit, self.total = emit, total
        self._done = 0.0

    def part(self, begin: float, share: float) -> Callable[[float], None]:
        """Return a listener for a part: its own share done, 0 to 1, moves the stage on from ``begin``."""

        def advance(fraction: float) -> None:
            done = self.total * (begin + share * min(1.0, max(0.0, fraction)))
            if done > self._done:
                self._done = done
                self.emit(StageAdvanced(STAGE, done))

        return advance


def _cues(sidecar: Path | None, video: Path) -> tuple[tuple[Cue, ...] | None, tuple[Message, ...]]:
    """Return the subtitle file's cues and problems; one that nobody asked for and nobody can read is a problem too.

    Raises:
        InputError: the file was given by hand and cannot be read.
    """
    if sidecar is not None:
        return read_srt(sidecar)
    found = _beside(video)
    if found is None:
        return None, ()
    try:
        return read_srt(found)
    except InputError as error:
        return (), (error.message,)


def _numbers(cues: tuple[Cue, ...], recording: Recording, preset: Preset, sheet: CueSheet | None) -> tuple[int, ...]:
    """Return the numbers of the cues to read back: those that begin with a flagged one come first."""
    flagged = sorted((cue for cue in (sheet.cues if sheet else ()) if cue.flags), key=_doubt)
    number_at = {cue.start_ms: number for number, cue in enumerate(cues, 1)}
    doubtful = [number_at[cue.start_ms] for cue in flagged if cue.start_ms in number_at]
    return chosen_cues(len(cues), float(recording.duration_s), preset.limits.read_back_samples, doubtful)


def _doubt(cue: Cue) -> float:
    return -max(flag.weight for flag in cue.flags)


def _measure(
    recording: Recording,
    cues: tuple[Cue, ...] | None,
    numbers: tuple[int, ...],
    preset: Preset,
    store: Store,
    bar: _Advance,
    *,
    is_thorough: bool,
) -> Measurements:
    """Return everything about the file; the subtitle file itself is noted by the caller."""
    length_s = max(0.001, float(recording.duration_s))
    sound = bar.part(0.0, _SOUND)
    heard = _heard(recording, preset, store, lambda done_s: sound(0.7 * done_s / length_s), bar.emit)
    samples, speech = heard.samples, heard.speech
    sound(1.0)
    walk = walk_packets(recording)
    seen = bar.part(_SOUND, _PICTURE)
    picture = _look(recording, walk, preset, store, lambda done_s: seen(done_s / length_s), is_thorough=is_thorough)
    reading = bar.part(_SOUND + _PICTURE, _READING)
    read_backs, band_texts = _read(recording, cues, numbers, speech, walk, preset, store, reading)
    reading(1.0)
    return Measurements(
        recording=recording,
        pts_deltas_equal=recording.video is not None and recording.video.is_constant_rate,
        gop=walk.gop,
        loudness=heard.loudness,
        clipped_runs=samples.clipped_runs,
        dead_channels=samples.dead_channels,
        is_phase_inverted=samples.is_phase_inverted,
        black=picture.black,
        frozen=picture.frozen,
        silent=samples.silent,
        flashes=picture.flashes,
        bars=picture.bars,
        speech=speech,
        cues=cues,
        sidecar=None,
        sidecar_problems=(),
        read_backs=read_backs,
        decode_errors=picture.decode_errors,
        sound_decode_errors=samples.decode_errors,
        band_texts=band_texts,
        major_brand=_major_brand(recording.path),
        picture_share=picture.share,
        picture_sure_s=picture.sure_s,
    )


def _look(
    recording: Recording,
    walk: PacketWalk,
    preset: Preset,
    store: Store,
    on_progress: Progress,
    *,
    is_thorough: bool,
) -> PictureFacts:
    """Return what is seen in the picture: by its groups where they allow it, else frame by frame."""
    if not is_thorough and can_look_by_groups(recording, walk, preset.limits):
        return look_by_groups(recording, walk, preset.limits, store, on_progress)
    return measure_picture(recording, walk, preset.limits, on_progress)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was measured from the sound."""

    loudness: Loudness | None
    speech: tuple[Span, ...]
    samples: SampleFacts


def _heard(
    recording: Recording, preset: Preset, store: Store, on_progress: Callable[[float], None], emit: Emit
) -> _Heard:
    """Return what the sound says; kept under its own packets, since a corrected subtitle leaves them as they are."""
    digest, silence_min_s = sound_digest(recording), preset.limits.silence_min_s
    clock = (recording.audio, recording.origin_s, recording.duration_s)
    key = key_of("heard", VERSION, digest, clock, silence_min_s, ffmpeg().version)
    kept = store.find_record("heard", key, _Heard) if digest else None
    if kept is not None:
        return kept
    loudness, speech = _hear(recording, store, on_progress, emit)
    heard = _Heard(loudness, speech, measure_samples(recording, silence_min_s))
    if digest and loudness is not None and not heard.samples.decode_errors:
        store.put_record("heard", key, _Heard, heard)
    return heard


def _hear(
    recording: Recording, store: Store, on_progress: Callable[[float], None], emit: Emit
) -> tuple[Loudness | None, tuple[Span, ...]]:
    """Return loudness and speech; a sound track that cannot be read through gives what there is."""
    if recording.audio is None:
        return None, ()
    with store.attempt() as folder:
        wav = folder / "speech.wav"
        try:
            loudness = analyse(recording, wav, on_progress)
            return loudness, speech_spans(wav)
        except (DiskFullError, FfmpegKilledError, FfmpegSilentError):
            raise
        except WeikeError as error:
            emit(Notice(STAGE, error.message))
            return None, ()


def _read(
    recording: Recording,
    cues: tuple[Cue, ...] | None,
    numbers: tuple[int, ...],
    speech: tuple[Span, ...],
    walk: PacketWalk,
    preset: Preset,
    store: Store,
    on_progress: Callable[[float], None],
) -> tuple[tuple[ReadBack, ...], tuple[BandText, ...]]:
    """Read cues back from the picture; without cues, see whether text stands where subtitles would."""
    limits = preset.limits
    if recording.video is None or not preset.captions.burn:
        return (), ()
    keys, enough = walk.key_times_s, limits.read_back_similarity_min
    if cues:

        def read(wanted: Sequence[int]) -> tuple[ReadBack, ...]:
            reader = BandReader(preset.captions)
            done_before = len(numbers) - len(wanted)

            def tell(done: int) -> None:
                on_progress((done_before + done) / len(numbers))

            return read_cues(recording, cues, wanted, reader, enough, store, keys, tell)

        return read_or_kept(cues, numbers, walk, (preset.captions, enough), store, read), ()
    reader = BandReader(preset.captions)
    times = _spread(speech or (Span(0, recording.duration_ms),), limits.read_back_samples)
    return (), read_bands(recording, times, reader, store, keys, lambda done: on_progress(done / len(times)))


def _spread(spans: tuple[Span, ...], wanted: int) -> list[int]:
    """Return ``wanted`` times that lie evenly within the spans taken together."""
    total = sum(span.duration_ms for span in spans)
    times = []
    for place in range(wanted):
        rest = total * (2 * place + 1) // (2 * wanted)
        for span in spans:
            if rest < span.duration_ms:
                times.append(span.start_ms + rest)
                break
            rest -= span.duration_ms
    return times


def _beside(video: Path) -> Path | None:
    """Return the SRT of the same name beside the video, if it is a file."""
    sidecar = video.with_suffix(".srt")
    return sidecar if sidecar.is_file() else None


def _major_brand(path: Path) -> str | None:
    """Return the brand of an MP4 family file. Source: ISO/IEC 14496-12, 4.3."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[8:12].decode("latin-1").rstrip(" \x00") if head[4:8] == b"ftyp" else None


def _is_whole(measurements: Measurements) -> bool:
    """The thumbnails that were kept are still there."""
    pictures = [read.thumbnail for read in measurements.read_backs]
    pictures += [seen.thumbnail for seen in measurements.band_texts]
    return all(picture is None or picture.exists() for picture in pictures)
