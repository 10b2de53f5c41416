"""A clip through the product's probe, soundtrack and render, and what its delivery then shows and sounds like.

The delivery is read with PyAV alone: nothing here asks the product what it did.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.presets import load_preset
from pipeline.records import CueSheet, LectureInfo
from pipeline.stages.probe import probe
from pipeline.stages.render import RenderJob, render
from pipeline.stages.soundtrack import soundtrack
from pipeline.store import Store
from pipeline.timing import delivery_grid
from tests.truth import beeps
from tests.truth.card import Reading, expected_colours, read
from tests.truth.kinds import Kind
from tests.truth.making import is_lit

RASTER = (320, 180)
_NEAR_S = 0.25
"""A flash is looked for this near to its true time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured in one delivery."""

    rate: Fraction
    readings: tuple[Reading, ...]
    """Of every frame."""
    late_frames: tuple[float | None, ...]
    """Of every frame: by how much of a delivered frame the picture is late (+) or early (−); ``None``: unread."""
    beeps_ms: tuple[float | None, ...]
    """How late (+) each beep is; ``None`` for one that is missing."""
    flash_ms: tuple[float, ...]
    """How late each beep is after its own flash, as seen and heard in the delivery, less what the source had."""
    ends_s: tuple[float, float]
    """Ends of picture and sound."""
    expected_end_s: float
    colours_off: float
    """Largest difference of a patch's Y, U or V, 8 bits."""
    said: tuple[str, ...]

    @property
    def longer_s(self) -> float:
        """How much longer the picture is than it should be."""
        return self.ends_s[0] - self.expected_end_s

    @property
    def at_places(self) -> tuple[float | None, ...]:
        """How late the counter is at the start, the quarters and the end, in frames."""
        last = len(self.late_frames) - 1
        return tuple(self.late_frames[round(last * quarter / 4)] for quarter in range(5))

    def problems(self, colour_tolerance: float) -> list[str]:
        """Return what is not as it must be."""
        frame_ms = 1000 / float(self.rate)
        found = []
        if not all(reading.is_upright for reading in self.readings):
            found.append("not upright")
        worst = [late for late in self.late_frames if late is None or abs(late) > 1]
        if worst:
            found.append(f"{len(worst)} frame(s) of {len(self.late_frames)} show another time")
        if any(late is None or abs(late) > frame_ms for late in self.beeps_ms):
            found.append("beeps")
        if any(abs(late) > frame_ms for late in self.flash_ms):
            found.append("beeps against flashes")
        if abs(self.ends_s[0] - self.ends_s[1]) * 1000 > frame_ms:
            found.append("ends apart")
        if abs(self.longer_s) * 1000 > frame_ms + 0.5:
            found.append("wrong length")
        if self.colours_off > colour_tolerance:
            found.append("colours")
        return found


def deliver(clip: Path, kind: Kind, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the delivery of a clip, and every repair that was named."""
    store = Store(folder / "cache")
    preset = load_preset()
    recording = probe(clip, store, _silent, audio_track=kind.audio_track)
    assert recording.video is not None
    grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
    sound = soundtrack(recording, grid, preset.sound, store, _silent)
    size = {"width_px": RASTER[0], "height_px": RASTER[1]}
    encoder = preset.encoder.model_copy(update={**size, "speed": "ultrafast", "segment_s": 2, "sides": kind.sides})
    captions = preset.captions.model_copy(update={"burn": False})
    limit = preset.limits.size_max_bytes
    job = RenderJob(grid, LectureInfo("truth"), folder / "out.mp4", encoder, captions, limit)
    made = render(recording, sound, CueSheet(()), job, store, _silent)
    said = (*recording.faults, *sound.repairs, *made.repairs)
    return made.path, tuple(message.show() for message in said)


def judge(delivery: Path, kind: Kind, said: tuple[str, ...]) -> Verdict:
    """Return what a delivery shows and sounds like."""
    with av.open(str(delivery)) as container:
        rate, times, readings = _look(container, kind)
    with av.open(str(delivery)) as container:
        sound, sound_rate = _listen(container)
    with av.open(str(delivery)) as container:
        sound_end = _last_end(container)
    source = kind.times()
    abouts = [at for _, at in kind.beeps()]
    heard = beeps.onsets(sound, sound_rate, abouts)
    middle = readings[len(readings) // 2]
    return Verdict(
        rate=rate,
        readings=tuple(readings),
        late_frames=tuple(_late(reading, time, source, rate) for reading, time in zip(readings, times, strict=True)),
        beeps_ms=tuple(None if at is None else (at - about) * 1000 for at, about in zip(heard, abouts, strict=True)),
        flash_ms=tuple(_against_flashes(kind, heard, times, readings)),
        ends_s=(float(times[-1] + 1 / rate), sound_end),
        expected_end_s=kind.end_s,
        colours_off=float(abs(np.array(middle.colours) - expected_colours()).max()),
        said=said,
    )


def _silent(_event: object) -> None:
    """Hear nothing."""


def _look(container: Any, kind: Kind) -> tuple[Fraction, list[Fraction], list[Reading]]:
    stream = container.streams.video[0]
    width = min(Fraction(RASTER[0]), RASTER[1] * kind.shape)
    height = width / kind.shape
    box = tuple(int(length) for length in ((RASTER[0] - width) / 2, (RASTER[1] - height) / 2, width, height))
    times, readings = [], []
    for frame in container.decode(stream):
        times.append(frame.pts * stream.time_base)
        data = frame.to_ndarray(format="yuv420p")
        luma, rest = data[: RASTER[1]], data[RASTER[1] :].reshape(2, RASTER[1] // 2, RASTER[0] // 2)
        readings.append(read((luma, rest[0], rest[1]), box))  # type: ignore[arg-type]
    return Fraction(stream.average_rate), times, readings


def _listen(container: Any) -> tuple[NDArray[np.float32], int]:
    """Return the sound as mono from time 0 on."""
    stream = container.streams.audio[0]
    parts = [frame.to_ndarray().mean(axis=0) for frame in container.decode(stream)]
    return np.concatenate(parts).astype(np.float32), int(stream.rate)


def _last_end(container: Any) -> float:
    """Return when the last packet of the sound ends, as the container tells a player."""
    stream = container.streams.audio[0]
    return float(max((p.pts + p.duration) * stream.time_base for p in container.demux(stream) if p.size))


def _late(reading: Reading, time: Fraction, source: list[tuple[int, Fraction]], rate: Fraction) -> float | None:
    """Return by how many delivered frames a reading comes late (+) or early (−).

    That is the distance to the nearest frame of an ideal delivery that shows the same number; where the ideal one
    drops it, to the moment at which the source begins to show it. Before its first frame a source shows the first,
    after its last the last.
    """
    numbers = [number for number, _ in source]
    if reading.number not in numbers:
        return _late_of_dropped(reading.number, time, source, rate)
    place = numbers.index(reading.number)
    here, begin = time * rate, source[place][1] * rate
    if place > 0 and here < begin:
        return float(here - (ceil(begin) if _is_shown(ceil(begin), place, source, rate) else begin))
    if place + 1 < len(source) and here >= source[place + 1][1] * rate:
        last = ceil(source[place + 1][1] * rate) - 1
        return float(here - (last if _is_shown(last, place, source, rate) else begin))
    return 0.0


def _is_shown(frame: int, place: int, source: list[tuple[int, Fraction]], rate: Fraction) -> bool:
    """Return whether an ideal delivery shows the source's frame number ``place`` at its frame ``frame``."""
    after = source[place + 1][1] * rate if place + 1 < len(source) else frame + 1
    return source[place][1] * rate <= frame < after


def _late_of_dropped(
    number: int | None, time: Fraction, source: list[tuple[int, Fraction]], rate: Fraction
) -> float | None:
    """Return so for a number between those of the source; a blend of two fields can read as one."""
    if number is None or not source[0][0] <= number <= source[-1][0]:
        return None
    before = source[bisect_right([n for n, _ in source], number) - 1]
    return _late(Reading(before[0], is_lit=False, is_upright=True, colours=()), time, source, rate)


def _against_flashes(
    kind: Kind, heard: list[float | None], times: list[Fraction], readings: list[Reading]
) -> Iterator[float]:
    """Yield how late each beep is after the flash of the same second began, less what it was in the source, in ms."""
    true: dict[int, float] = {}
    for number, at in kind.times():
        if is_lit(float(number / kind.rate)):
            true.setdefault(int(number / kind.rate), float(at))
    seen = [
        float(times[place])
        for place in range(1, len(readings))
        if readings[place].is_lit and not readings[place - 1].is_lit
    ]
    for (second, about), at in zip(kind.beeps(), heard, strict=True):
        shown = [start for start in seen if second in true and abs(start - true[second]) < _NEAR_S]
        if at is not None and shown:
            yield ((at - about) - (shown[0] - true[second])) * 1000
