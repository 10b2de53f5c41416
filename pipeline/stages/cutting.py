"""Where a part of a lecture may be cut: silence and black at its ends, long pauses between speech."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np

from pipeline.engines.levels import Levels
from pipeline.media.rendering.ends import lit_frames
from pipeline.media.rendering.timeline import read_timeline
from pipeline.media.sound import Heard
from pipeline.presets import CutSettings
from pipeline.records import Recording, Span
from pipeline.takes import Frames, Take
from pipeline.timing import FrameGrid

_QUIET_DB = 12.0
"""A pause is only shortened where what is heard lies this far below the lecture's speech."""
_SILENT_DBFS = -50.0
"""RMS over 10 ms below which nothing is heard. Source: as the check of a finished file."""
_WINDOW = 160


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of a lecture, listened to on its own clock."""

    recording: Recording
    grid: FrameGrid
    """At the delivery's rate."""
    heard: Heard | None = None
    """``None`` without sound."""
    wav: Path | None = None
    """Its speech WAV."""
    speech: tuple[Span, ...] = ()


def trimmed(part: Part, settings: CutSettings) -> Frames:
    """Return the frames of a part between silence and black at both ends; some picture is kept round the sound."""
    assert part.recording.video is not None
    timeline = read_timeline(part.recording, part.recording.video, part.grid)
    lit = lit_frames(part.recording, timeline)
    sound = _sounding(part)
    if sound is None:
        return lit
    lead = round(settings.lead_s * part.grid.rate)
    begin = max(min(lit[0], sound[0]), sound[0] - lead)
    end = min(max(lit[1], sound[1]), sound[1] + lead)
    return max(0, begin), min(part.grid.count, end)


def _sounding(part: Part) -> Frames | None:
    """Return the frames from the first to the last sound or speech; ``None`` for silence throughout."""
    if part.wav is None:
        return None
    first, last, place = None, 0, 0
    with wave.open(str(part.wav), "rb") as file:
        rate = file.getframerate()
        while raw := file.readframes(_WINDOW * 6000):
            data = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
            windows = data[: len(data) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
            loud = np.flatnonzero(np.square(windows).mean(axis=1) > 10 ** (_SILENT_DBFS / 10))
            if len(loud):
                first = place + int(loud[0]) if first is None else first
                last = place + int(loud[-1]) + 1
            place += len(windows)
    window_ms = Fraction(1000 * _WINDOW, rate)
    spans = [(Fraction(span.start_ms), Fraction(span.end_ms)) for span in part.speech]
    spans += [] if first is None else [(first * window_ms, last * window_ms)]
    if not spans:
        return None
    begin, end = min(start for start, _ in spans), max(end for _, end in spans)
    return int(begin * part.grid.rate / 1000), ceil(end * part.grid.rate / 1000)


def pauses_in(part: Part, settings: CutSettings, take: Take) -> list[Frames]:
    """Return what may be removed of the pauses between speech inside a take: quiet, and well away from the speech."""
    if part.wav is None or len(part.speech) < 2:
        return []
    levels = Levels(part.wav, part.speech)
    quiet = [gap for gap in gaps(part.speech) if levels.below_speech(gap) >= _QUIET_DB]
    free = [removable(gap, part.grid, settings) for gap in quiet]
    return [(begin, end) for begin, end in free if take.first <= begin < end <= take.after]


def gaps(speech: Sequence[Span]) -> list[Span]:
    """Return the stretches between neighbouring regions of speech."""
    return [Span(a.end_ms, b.start_ms) for a, b in pairwise(speech) if b.start_ms > a.end_ms]


def removable(gap: Span, grid: FrameGrid, settings: CutSettings) -> Frames:
    """Return the frames of a pause that may go, none (first = after) of a short one; rounded away from the speech."""
    keep_ms = settings.pause_keep_s * 1000
    begin = ceil(Fraction(gap.start_ms + keep_ms).limit_denominator(1000) * grid.rate / 1000)
    end = int(Fraction(gap.end_ms - keep_ms).limit_denominator(1000) * grid.rate / 1000)
    spare = gap.duration_ms - settings.pause_min_s * 1000
    if spare <= 0 or end <= begin:
        return begin, begin
    most = int(Fraction(spare).limit_denominator(1000) * grid.rate / 1000)
    surplus = max(0, end - begin - most)
    return begin + surplus // 2, end - (surplus - surplus // 2)
