"""The likeliest way of a speech along a script: following it with a recogniser's noise, or departing from it.

A two-state trellis. While the speech follows, each pair of syllables scores its log odds, and lost or invented ones
cost theirs; a departure costs its own rarity once, and everything inside it is free. So a wrong character stays noise,
and a passage that nobody said becomes a departure as soon as noise would be the less likely reason.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.script.sounds import Floats

Marks = NDArray[np.uint8]
_NEVER = -1e9
_FROM_PAIR, _FROM_RETURN, _FROM_LOST, _FROM_INVENTED = range(4)
_FROM_FOLLOWING, _FROM_ABOVE, _FROM_LEFT = range(3)


@dataclass(frozen=True, slots=True)
class Costs:
    """Log probabilities of everything but pairs; all at most 0."""

    lost: float
    invented: float
    departure: float
    """Of leaving the script, once for each departure."""
    away: float = -0.02
    """Of each syllable inside a departure."""


@dataclass(frozen=True, slots=True)
class Way:
    """The likeliest way through one window."""

    score: float
    pairs: tuple[tuple[int, int], ...]
    """Syllables (script, heard) that belong together, both rising."""
    departures: tuple[tuple[int, int, int, int], ...]
    """Script from, to; heard from, to: what was left and what was said instead; one side may be empty."""


def find_way(scores: Floats, costs: Costs, *, is_inside: bool = True) -> Way:
    """Return the likeliest way through a window.

    Args:
        scores: (n, m) log odds of script syllable against heard syllable.
        costs: of everything else.
        is_inside: the speech follows the script before and after the window; otherwise nothing is known of them and
            departures at the window's ends are free.
    """
    is_turned = scores.shape[0] > scores.shape[1]
    if is_turned:
        scores, costs = scores.T, Costs(costs.invented, costs.lost, costs.departure, costs.away)
    score, following, away, is_away = _forward(np.ascontiguousarray(scores), costs, is_inside=is_inside)
    pairs, departures = _backward(following, away, is_away=is_away)
    if is_turned:
        pairs = [(j, i) for i, j in pairs]
        departures = [(c, d, a, b) for a, b, c, d in departures]
    return Way(score, tuple(pairs), tuple(departures))


def _forward(scores: Floats, costs: Costs, *, is_inside: bool) -> tuple[float, Marks, Marks, bool]:
    """Return the best score, the two states' marks of where each cell was reached from, and the state at the end."""
    n, m = scores.shape
    steps = np.arange(m + 1)
    following = np.zeros((n + 1, m + 1), dtype=np.uint8)
    away = np.zeros((n + 1, m + 1), dtype=np.uint8)
    follow = steps * costs.invented
    following[0, 1:] = _FROM_INVENTED
    if not is_inside:
        follow = np.full(m + 1, _NEVER)
    leave = np.full(m + 1, _NEVER) if is_inside else steps * costs.away
    leave, away[0] = _spread(np.maximum(leave, follow + costs.departure), leave, costs.away, _FROM_FOLLOWING)
    if not is_inside:
        away[0, 1:] = _FROM_LEFT
    for i in range(n):
        pair, back, lost = follow[:-1] + scores[i], leave[:-1] + scores[i], follow + costs.lost
        reached = lost
        marks = np.full(m + 1, _FROM_LOST, dtype=np.uint8)
        better = np.maximum(pair, back)
        is_better = better >= reached[1:]
        reached[1:] = np.where(is_better, better, reached[1:])
        marks[1:] = np.where(is_better, np.where(pair >= back, _FROM_PAIR, _FROM_RETURN), marks[1:])
        level = np.maximum.accumulate(reached - steps * costs.invented) + steps * costs.invented
        marks[level > reached + 1e-9] = _FROM_INVENTED
        follow, following[i + 1] = level, marks
        above = leave + costs.away
        begun = follow + costs.departure
        leave, away[i + 1] = _spread(np.maximum(above, begun), above, costs.away, _FROM_FOLLOWING)
    end_follow = follow[-1]
    is_away = bool(leave[-1] > end_follow)
    return float(max(leave[-1], end_follow)), following, away, is_away


def _spread(best: Floats, above: Floats, step: float, begun: int) -> tuple[Floats, Marks]:
    """Return the departures' scores of one row once they may also go on to the right, and the row's marks."""
    columns = np.arange(len(best))
    level = np.maximum.accumulate(best - columns * step) + columns * step
    marks = np.where(best > above, begun, _FROM_ABOVE).astype(np.uint8)
    marks[level > best + 1e-9] = _FROM_LEFT
    return level, marks


def _backward(
    following: Marks, away: Marks, *, is_away: bool
) -> tuple[list[tuple[int, int]], list[tuple[int, int, int, int]]]:
    i, j = following.shape[0] - 1, following.shape[1] - 1
    pairs: list[tuple[int, int]] = []
    departures: list[tuple[int, int, int, int]] = []
    end = (i, j)
    while i or j:
        if is_away:
            mark = away[i, j]
            if mark == _FROM_FOLLOWING:
                departures.append((i, end[0], j, end[1]))
                is_away = False
            elif mark == _FROM_ABOVE and i:
                i -= 1
            else:
                j -= 1
            continue
        mark = following[i, j]
        if mark == _FROM_LOST:
            i -= 1
        elif mark == _FROM_INVENTED:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
            if mark == _FROM_RETURN:
                is_away, end = True, (i, j)
    if is_away:
        departures.append((0, end[0], 0, end[1]))
    return pairs[::-1], departures[::-1]
