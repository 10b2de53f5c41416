"""Where lines break and when cues stand, decided together: the cheapest of all ways to cut a lecture into cues.

Dynamic programming over the places between atoms. A way to reach a place is known by its cost and by the first frame
that it leaves free; of the ways to a place, those stay that no other beats in both. Every cue is weighed with the time
that it really gets: begun with its sound, held as long as it may, delayed by what came before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.captions.break_costs import cost_across, is_bare
from pipeline.captions.cue_times import EASE_FRAMES, Limits, limits_in_frames, sound_frames, stay_for
from pipeline.captions.lines import Ruler
from pipeline.presets import CaptionSettings
from pipeline.timing import FrameGrid

_CUE = 2.0
_LATE_MS_PER_COST = 60.0
"""A cue that waits for the one before, past the two frames that in-times may differ by."""
_LONG_MS_PER_COST = 20.0
"""A sound that goes on past the longest time of a cue."""
_TOO_NARROW, _NARROW = 5.0, 1.5
"""Each character that a cue has less than this."""
_ROOMY = 1.5
"""Two lines are aimed at together, as a multiple of one line's width."""
_WAYS_MAX = 6


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to cut everything before a place."""

    cost: float
    free: int
    """First frame that it leaves free."""
    begin: int
    """First atom of its last cue, counted over the lecture."""
    before: "_Way | None"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Atoms of a passage that might be a cue, up to a given end."""

    begin: int
    cost: float
    """What it costs whenever it is shown."""
    chars: float


@dataclass(frozen=True, slots=True)
class _Course:
    """What all pieces share."""

    sounds: Sequence[tuple[int, int]]
    """Frames of each atom's sound, over the lecture, and the end of the picture."""
    limits: Limits
    settings: CaptionSettings
    frame_ms: float


def best_breaks(
    passages: Sequence[Ruler], grid: FrameGrid, settings: CaptionSettings
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each passage its cues as pairs (first atom, atom after the last), holding every atom once.

    Args:
        passages: what stands between places where a cue must end: long pauses, another speaker.
        grid: the delivery's frames.
        settings: line width, durations, gaps, reading speed.
    """
    limits = limits_in_frames(grid, settings)
    sounds = [sound_frames(atom.start_ms, atom.end_ms, grid) for passage in passages for atom in passage.atoms]
    end_of_picture = (grid.count + limits.gap, grid.count + limits.gap)
    course = _Course([*sounds, end_of_picture], limits, settings, float(1000 / grid.rate))
    ways, offset = [_Way(0.0, 0, 0, None)], 0
    for passage in passages:
        ways = _through(passage, offset, ways, course)
        offset += len(passage.atoms)
    return _divided(_places(min(ways, key=lambda way: way.cost), offset), passages)


def _places(way: _Way, end: int) -> list[int]:
    """Return where the cues of a way begin, and the end, in order."""
    places = [end]
    while way.before is not None:
        places.append(way.begin)
        way = way.before
    return places[::-1]


def _divided(places: Sequence[int], passages: Sequence[Ruler]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the pairs of neighbouring places by passage, counted from its first atom."""
    cues: list[tuple[tuple[int, int], ...]] = []
    pairs = iter(pairwise(places))
    offset = 0
    for passage in passages:
        inside: list[tuple[int, int]] = []
        while not inside or inside[-1][1] < len(passage.atoms):
            begin, end = next(pairs)
            inside.append((begin - offset, end - offset))
        offset += len(passage.atoms)
        cues.append(tuple(inside))
    return tuple(cues)


def _through(passage: Ruler, offset: int, ways: list[_Way], course: _Course) -> list[_Way]:
    """Return the ways to the end of a passage, from the ways to its beginning."""
    in_bare_text = is_bare(passage.atoms)
    across = [cost_across(a, b, in_bare_text=in_bare_text) for a, b in pairwise(passage.atoms)]
    reached = [ways]
    for end in range(1, len(passage.atoms) + 1):
        further = [
            _continued(way, piece, (offset + piece.begin, offset + end), course)
            for piece in _pieces(passage, end, across, course.settings)
            for way in reached[piece.begin]
        ]
        reached.append(_unbeaten(further))
    return reached[-1]


def _pieces(passage: Ruler, end: int, across: Sequence[float], settings: CaptionSettings) -> Iterator[_Piece]:
    """Yield the cues that may end before atom ``end``, shortest first; a single atom always may."""
    inside = 0.0
    for begin in range(end - 1, -1, -1):
        if begin < end - 1:
            inside += across[begin]
            if passage.is_hopeless(begin, end):
                return
        folding = passage.cost_of_lines(begin, end)
        if folding is None:
            if begin < end - 1:
                continue
            folding = 0.0
        cost = passage.after[end - 1] + inside + folding + _cost_of_width(passage.width(begin, end), settings)
        yield _Piece(begin, cost, passage.chars(begin, end))


def _cost_of_width(size: float, settings: CaptionSettings) -> float:
    """Return what a cue costs for being narrow, or wider than is aimed at."""
    line = min(settings.target_chars, settings.line_chars)
    target = line if settings.lines == 1 else _ROOMY * line
    cost = _CUE + 4.0 * ((target - size) / target) ** 2 + _NARROW * max(0.0, _TOO_NARROW - size)
    return cost + (1.5 * max(0.0, size - target) if settings.lines == 1 else 0.0)


def _continued(way: _Way, piece: _Piece, span: tuple[int, int], course: _Course) -> _Way:
    """Return a way with one cue more: atoms ``span`` of the lecture, at the time that the way leaves them."""
    limits, settings = course.limits, course.settings
    sound = (course.sounds[span[0]][0], course.sounds[span[1] - 1][1])
    following = course.sounds[span[1]][0]
    stay = stay_for(way.free, sound, piece.chars, following, limits)
    cost = way.cost + piece.cost
    late_ms = (stay.start - sound[0] - EASE_FRAMES) * course.frame_ms
    if late_ms > 0:
        cost += late_ms / _LATE_MS_PER_COST
    cost += max(0.0, (sound[1] - sound[0] - limits.longest) * course.frame_ms) / _LONG_MS_PER_COST
    speed = piece.chars * 1000 / ((stay.natural - stay.start) * course.frame_ms)
    cost += 2.0 * max(0.0, speed - settings.cps_warn) + 2.0 * max(0.0, speed - settings.cps_strong)
    free = max(stay.insists + limits.gap, following - EASE_FRAMES)
    return _Way(cost, free, span[0], way)


def _unbeaten(ways: list[_Way]) -> list[_Way]:
    """Return the ways that no other beats both in cost and in the frame that it leaves free, cheapest first."""
    kept: list[_Way] = []
    for way in sorted(ways, key=lambda way: (way.cost, way.free)):
        if not kept or way.free < kept[-1].free:
            kept.append(way)
    return kept[:_WAYS_MAX]
