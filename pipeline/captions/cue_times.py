"""When cues appear and go: on the frame grid, in order, apart, long enough to read where the speech leaves room.

One rule of motion, ``stay_for``, says when a cue can begin and how long it insists on staying; choosing the breaks and
placing the chosen cues both follow it, so that what was weighed is what is shown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.presets import CaptionSettings
from pipeline.timing import FrameGrid

EASE_FRAMES = 2
"""A cue may appear this much before or after its sound. Source: GY/T 288, Netflix."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A cue before it has its times on the screen."""

    start_ms: int
    """When its sound begins."""
    end_ms: int
    chars: float
    """What there is to read, in full-width characters."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The preset's times, in frames."""

    count: int
    """Frames of the picture."""
    per_ms: float
    """Frames a millisecond."""
    gap: int
    least: int
    longest: int
    linger: int
    close: int
    """A gap this long or shorter is closed to ``gap``."""
    per_char_strong: float
    """Frames that a character takes at the fastest reading speed that passes."""
    per_char_warn: float


class Stay(NamedTuple):
    """A cue's time as far as it depends on itself and what came before, in frames."""

    start: int
    insists: int
    """End that it needs; the next cue waits for it."""
    natural: int
    """End that it gets where the next cue begins with its sound."""


def limits_in_frames(grid: FrameGrid, settings: CaptionSettings) -> Limits:
    """Return the limits of a preset on a grid; a cue lasts at least ``min_ms`` and never past ``max_ms``."""
    rate = grid.rate / 1000
    return Limits(
        count=grid.count,
        per_ms=float(rate),
        gap=settings.gap_frames,
        least=math.ceil(settings.min_ms * rate),
        longest=math.floor(settings.max_ms * rate),
        linger=math.floor(settings.linger_ms * rate),
        close=math.floor(settings.close_gap_ms * rate),
        per_char_strong=float(grid.rate) / settings.cps_strong,
        per_char_warn=float(grid.rate) / settings.cps_warn,
    )


def stay_for(free: int, sound: tuple[int, int], chars: float, following: int, limits: Limits) -> Stay:
    """Return when a cue begins, and until when it must and may stay.

    It begins with its sound, up to two frames early where time is short, and later only when the cue before still needs
    its time. It insists on the shortest time there is, and, to be read, on two frames past the next cue's sound.

    Args:
        free: first frame that the cue before leaves free.
        sound: frames in which its sound begins and ends.
        chars: what there is to read, in full-width characters.
        following: frame in which the next cue's sound begins.
        limits: the preset's times.
    """
    start = max(free, sound[0])
    latest = max(sound[1], sound[0] + 1) + limits.linger
    limit = following - limits.gap
    readable = min(math.ceil(chars * limits.per_char_strong), limits.longest)
    missing = max(limits.least - (limit - start), readable - (min(limit, latest) - start))
    if missing > 0 and start == sound[0]:
        start = max(free, start - min(EASE_FRAMES, missing), 0)
    read = min(start + readable, limit + EASE_FRAMES, latest)
    insists = max(start + limits.least, read)
    natural = max(insists, min(limit, latest, start + limits.longest))
    return Stay(start, insists, natural)


def place_on_grid(spoken: Sequence[Spoken], grid: FrameGrid, settings: CaptionSettings) -> tuple[tuple[int, int], ...]:
    """Return the frames of each cue as (first, after the last): ordered, at least ``gap_frames`` apart.

    Cues begin with their sound. They stay up to ``linger_ms`` after it, longer only to last ``min_ms``; a gap that
    would be shorter than ``close_gap_ms`` is closed to ``gap_frames``. A cue that speech leaves no time for delays the
    next one; at the end of the picture cues come early instead. Only where a lecture holds more cues than its frames
    can part do times and gaps shrink.
    """
    if not spoken:
        return ()
    limits = limits_in_frames(grid, settings)
    starts = _starts(spoken, grid, limits)
    ends = [start - limits.gap for start in starts[1:]] + [grid.count]
    last = len(spoken) - 1
    return tuple(
        (start, max(start + 1, _end(cue, start, end, grid, limits, is_last=number == last)))
        for number, (cue, start, end) in enumerate(zip(spoken, starts, ends, strict=True))
    )


def sound_frames(start_ms: int, end_ms: int, grid: FrameGrid) -> tuple[int, int]:
    """Return the frames in which a sound begins and ends, inside the picture."""
    return min(grid.nearest(start_ms), grid.count - 1), math.ceil(end_ms * grid.rate / 1000)


def _starts(spoken: Sequence[Spoken], grid: FrameGrid, limits: Limits) -> list[int]:
    sounds = [sound_frames(cue.start_ms, cue.end_ms, grid) for cue in spoken]
    followings = [sound[0] for sound in sounds[1:]] + [grid.count + limits.gap]
    starts, free = [], 0
    for cue, sound, following in zip(spoken, sounds, followings, strict=True):
        stay = stay_for(free, sound, cue.chars, following, limits)
        starts.append(stay.start)
        free = stay.insists + limits.gap
    step = min(limits.least + limits.gap, max(limits.gap + 1, (grid.count + limits.gap) // len(starts)))
    latest = grid.count + limits.gap - step
    for number in reversed(range(len(starts))):
        starts[number] = max(0, min(starts[number], latest))
        latest = starts[number] - step
    return starts


def _end(cue: Spoken, start: int, limit: int, grid: FrameGrid, limits: Limits, *, is_last: bool) -> int:
    sound_end = max(start + 1, math.ceil(cue.end_ms * grid.rate / 1000))
    linger = sound_end + limits.linger
    readable = start + math.ceil(cue.chars * limits.per_char_warn)
    wanted = max(sound_end, start + limits.least, min(readable, linger))
    if is_last:
        end = max(wanted, linger)
    elif limit + limits.gap - wanted <= limits.close:
        end = limit
    else:
        end = max(wanted, min(linger, limit + limits.gap - limits.close - 1))
    return min(end, limit, start + limits.longest)
