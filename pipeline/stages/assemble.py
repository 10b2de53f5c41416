"""assemble: several recordings, an opening card and what is cut become one cut list with one sound.

What comes out is read by the stages after it as one lecture on one clock: the joined sound is a recording of its own,
and speech, words and cues are found in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from pipeline.engines.vad import speech_spans
from pipeline.errors import FfmpegFailedError
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.media.binaries import ffmpeg
from pipeline.media.joining import Voice, join_sound
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import Heard, listen
from pipeline.presets import CutSettings
from pipeline.records import Assembly, Recording
from pipeline.stages.cutting import Part, pauses_in, trimmed
from pipeline.stages.soundtrack import CHANNEL_REPAIRS
from pipeline.store import Store, key_of
from pipeline.takes import Cut, CutList, Take, shortened, whole, without
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid, clock, delivery_rate

STAGE = "assemble"
_VERSION = 1
_DOUBLED_LU = 3.01


@dataclass(frozen=True, slots=True)
class Wishes:
    """What shall be done beside joining."""

    trim: bool = False
    tighten_to_s: float | None = None
    """Pauses are shortened until the delivery is this long; ``None``: they stay."""
    card: Path | None = None
    """The opening card's clip."""

    @property
    def is_plain(self) -> bool:
        """Nothing at all."""
        return not self.trim and self.tighten_to_s is None and self.card is None


def assemble(
    recordings: Sequence[Recording], wishes: Wishes, settings: CutSettings, store: Store, emit: Emit
) -> Assembly:
    """Return the lecture that the recordings make together; every cut is announced.

    Raises:
        DiskFullError, StalledError: ffmpeg could not finish.
    """
    emit(StageStarted(STAGE))
    rate = common_rate(recordings)
    parts = [_hear(recording, rate, store) for recording in recordings]
    takes: tuple[Take, ...] = whole(rate, (part.grid.count for part in parts)).takes
    if wishes.trim:
        takes = tuple(Take(n, *trimmed(part, settings)) for n, part in enumerate(parts))
    sources, grids = list(recordings), [part.grid for part in parts]
    if wishes.card is not None:
        sources.append(inspect(wishes.card))
        grids.append(FrameGrid(rate, max(1, round(sources[-1].duration_s * rate))))
    card_count = sum(grid.count for grid in grids[len(parts) :])
    if wishes.tighten_to_s is not None:
        most = int(Fraction(wishes.tighten_to_s).limit_denominator(1000) * rate) - card_count
        excess = sum(take.count for take in takes) - most
        pauses = [(n, pause) for n, part in enumerate(parts) for pause in pauses_in(part, settings, takes[n])]
        takes = without(takes, shortened(pauses, excess))
    if card_count:
        takes = (Take(len(recordings), 0, card_count), *takes)
    cuts = CutList(rate, takes)
    sound = _joined(parts, sources, cuts, store)
    removed = cuts.cuts([part.grid.count for part in parts])
    for notice in _said(parts, cuts, removed):
        emit(Notice(STAGE, notice))
    emit(StageFinished(STAGE))
    return Assembly(cuts, tuple(sources), tuple(grids), len(parts), sound, removed)


def common_rate(recordings: Sequence[Recording]) -> Fraction:
    """Return the delivery's rate: that of most of the lecture, the earlier part's when two are equal."""
    lengths: dict[Fraction, Fraction] = {}
    for recording in recordings:
        assert recording.video is not None
        rate = delivery_rate(recording.video.frame_rate)
        lengths[rate] = lengths.get(rate, Fraction(0)) + recording.duration_s
    return max(lengths, key=lambda rate: lengths[rate])


def _hear(recording: Recording, rate: Fraction, store: Store) -> Part:
    """Return a part with its sound listened to, on its own clock; one whose sound does not decode counts as silent."""
    grid = FrameGrid(rate, max(1, round(recording.duration_s * rate)))
    if recording.audio is None:
        return Part(recording, grid, None, None, ())
    key = key_of(_VERSION, recording.sha256, recording.audio_track, recording.origin_s, grid, ffmpeg().version)
    heard: list[Heard] = []
    kept = store.find_record("heard", key, Heard)
    wav = store.path("part-speech", key, ".wav")
    try:
        if kept is None or not wav.exists():
            wav.unlink(missing_ok=True)

            def hear(path: Path) -> None:
                heard.append(listen(recording, path, duration_s=grid.duration_s))

            wav = store.file("part-speech", key, ".wav", hear)
            kept = heard[0]
            store.put_record("heard", key, Heard, kept)
    except FfmpegFailedError:
        return Part(replace(recording, audio=None), grid, None, None, ())
    return Part(recording, grid, kept, wav, speech_spans(wav))


def _joined(parts: Sequence[Part], sources: Sequence[Recording], cuts: CutList, store: Store) -> Recording:
    """Return the takes' sound as a recording; parts are brought down to the quietest one's loudness."""
    levels = [_loudness(part) for part in parts]
    quietest = min((level for level in levels if level is not None), default=0.0)
    voices = [
        Voice(
            part.recording if part.heard is not None else None,
            part.grid.duration_s,
            part.heard.channels if part.heard is not None else "both",
            0.0 if level is None else round(quietest - level, 2),
        )
        for part, level in zip(parts, levels, strict=True)
    ]
    voices += [Voice(None, source.duration_s) for source in sources[len(parts) :]]
    recorded = [voice.recording and (voice.recording.sha256, voice.recording.audio_track) for voice in voices]
    handled = [(voice.duration_s, voice.channels, voice.gain_db) for voice in voices]
    key = key_of(_VERSION, recorded, handled, cuts, ffmpeg().version)
    path = store.file("joined", key, ".flac", lambda out: join_sound(voices, cuts, out))
    sound = inspect(path)
    return sound if any(part.heard is not None for part in parts) else replace(sound, audio=None)


def _loudness(part: Part) -> float | None:
    """Return how loud a part is with its channels set right, LUFS; ``None`` for silence."""
    if part.heard is None or part.heard.loudness.integrated_lufs is None:
        return None
    one_sided = part.heard.channels in {"left", "right"}
    return part.heard.loudness.integrated_lufs + (_DOUBLED_LU if one_sided else 0.0)


def _said(parts: Sequence[Part], cuts: CutList, removed: Sequence[Cut]) -> list[Message]:
    """Return what a person should know: where each part begins, and every cut in both times."""
    said = [
        Message(CHANNEL_REPAIRS[part.heard.channels])
        for part in parts
        if part.heard is not None and part.heard.channels in CHANNEL_REPAIRS
    ]
    for number, part in enumerate(parts if len(parts) > 1 else ()):
        begin = min((placed.begin for placed in cuts.placed if placed.take.source == number), default=0)
        values = {"name": part.recording.path.name, "at": _exact(begin, cuts.rate)}
        said.append(Message(N_("Part {name} begins at {at} of the delivery."), values))
    for cut in removed:
        values = {
            "name": parts[cut.source].recording.path.name,
            "from": _exact(cut.first, cuts.rate),
            "to": _exact(cut.after, cuts.rate),
            "at": _exact(cut.at, cuts.rate),
            "seconds": f"{float((cut.after - cut.first) / cuts.rate):.2f}",
        }
        said.append(Message(N_("Cut from {name}: {from}–{to} ({seconds} s), at {at} of the delivery."), values))
    return said


def _exact(frame: int, rate: Fraction) -> str:
    """Return a frame's time for people, to the hundredth of a second."""
    hundredths = round(frame * 100 / rate)
    return f"{clock(hundredths // 100 * 1000)}.{hundredths % 100:02}"
