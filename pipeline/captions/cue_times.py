"""When cues appear and go: on the frame grid, in order, apart, long enough to read where the speech leaves room."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.presets import CaptionSettings
from pipeline.timing import FrameGrid

_IN_TIME_FRAMES = 2
"""A cue may appear this much before or after its sound. Source: GY/T 288, Netflix."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A cue before it has its times on the screen."""

    start_ms: int
    """When its sound begins."""
    end_ms: int
    chars: float
    """What there is to read, in full-width characters."""


def place_on_grid(spoken: Sequence[Spoken], grid: FrameGrid, settings: CaptionSettings) -> tuple[tuple[int, int], ...]:
    """Return the frames of each cue as (first, after the last): ordered, at least ``gap_frames`` apart.

    Cues begin with their sound. They stay up to ``linger_ms`` after it, longer only to last ``min_ms``; a gap that
    would be shorter than ``close_gap_ms`` is closed to ``gap_frames``. Only where a lecture holds more cues than its
    frames can part do gaps shrink.
    """
    if not spoken:
        return ()
    starts = _starts(spoken, grid, settings)
    limits = [start - settings.gap_frames for start in starts[1:]] + [grid.count]
    followers = [*starts[1:], None]
    return tuple(
        (start, max(start + 1, _end(cue, start, limit, follower is None, grid, settings)))
        for cue, start, limit, follower in zip(spoken, starts, limits, followers, strict=True)
    )


def _starts(spoken: Sequence[Spoken], grid: FrameGrid, settings: CaptionSettings) -> list[int]:
    step = settings.gap_frames + 1
    starts: list[int] = []
    for cue in spoken:
        start = min(grid.nearest(cue.start_ms), grid.count - 1)
        starts.append(max(start, starts[-1] + step) if starts else start)
    latest = grid.count - 1
    for n in reversed(range(len(starts))):
        starts[n] = max(0, min(starts[n], latest))
        latest = starts[n] - step
    return _eased(starts, spoken, grid, settings)


def _eased(starts: list[int], spoken: Sequence[Spoken], grid: FrameGrid, settings: CaptionSettings) -> list[int]:
    """Use the two frames that an in-time may differ by, for cues that the next one cuts too short."""
    least = _frames(settings.min_ms, grid)
    free_from = 0
    for n in range(len(starts) - 1):
        missing = least + settings.gap_frames - (starts[n + 1] - starts[n])
        if missing > 0:
            earlier = max(0, min(_IN_TIME_FRAMES, missing, starts[n] - free_from))
            later = min(_IN_TIME_FRAMES, missing - earlier)
            starts[n] -= earlier
            if n + 2 >= len(starts) or starts[n + 2] - starts[n + 1] - later >= settings.gap_frames + least:
                starts[n + 1] = min(starts[n + 1] + later, grid.count - 1)
        sound_end = _frames(spoken[n].end_ms, grid)
        free_from = max(sound_end, starts[n] + 1) + settings.gap_frames
    return starts


def _end(cue: Spoken, start: int, limit: int, is_last: bool, grid: FrameGrid, settings: CaptionSettings) -> int:
    sound_end = max(start + 1, _frames(cue.end_ms, grid))
    linger = sound_end + math.floor(settings.linger_ms * grid.rate / 1000)
    readable = start + _frames(cue.chars / settings.cps_warn * 1000, grid)
    wanted = max(sound_end, start + _frames(settings.min_ms, grid), min(readable, linger))
    close = math.floor(settings.close_gap_ms * grid.rate / 1000)
    if not is_last and limit + settings.gap_frames - wanted <= close:
        end = limit
    elif is_last:
        end = max(wanted, linger)
    else:
        end = max(wanted, min(linger, limit + settings.gap_frames - close - 1))
    return min(end, limit, start + math.floor(settings.max_ms * grid.rate / 1000))


def _frames(time_ms: float, grid: FrameGrid) -> int:
    """Return how many frames cover ``time_ms``."""
    return math.ceil(round(time_ms) * grid.rate / 1000)
