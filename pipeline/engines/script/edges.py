"""Where exactly a departure begins and ends: at sentence ends and pauses, when the sounds allow it.

Noise at a departure's edge, or a word that both sides begin with, moves the edge by a syllable or two; speakers leave
and rejoin a script between sentences.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.engines.script.anchors import Window
from pipeline.engines.script.heard import Sound
from pipeline.engines.script.matching import Matching
from pipeline.engines.script.verdicts import PAUSE_MS

_REACH = 4
"""Syllables by which one edge is moved at most."""
_PAUSE_NATS = 4.0
"""A pause at an edge is worth as much as the match of a common syllable."""
SENTENCE_NATS, CLAUSE_NATS = 4.0, 2.0
"""So is the beginning of a sentence, and half of it that of a clause."""

Boundaries = Mapping[int, float]
"""Script syllables before which a clause or sentence begins, with what that is worth at an edge, nats."""


def settle(
    matching: Matching, windows: Sequence[Window], sounds: Sequence[Sound], boundaries: Boundaries
) -> tuple[Matching, tuple[Window, ...]]:
    """Return a matching in which some departures begin and end where they most likely do, and these departures.

    Args:
        matching: of script and speech.
        windows: those of its departures that are the speaker's.
        sounds: the recognised syllables.
        boundaries: where the script's sentences and clauses begin.
    """
    everything, pairs = list(matching.departures), list(matching.pairs)
    settled = []
    for number, window in enumerate(matching.departures):
        if window not in windows:
            continue
        low = everything[number - 1] if number else (0, 0, 0, 0)
        end = (len(matching.likeness.said), 0, len(matching.likeness.heard), 0)
        high = everything[number + 1] if number + 1 < len(everything) else end
        new = _settled(window, (low[1], low[3]), (high[0], high[2]), matching, sounds, boundaries)
        pairs = _repaired(pairs, window, new)
        everything[number] = new
        settled.append(new)
    return replace(matching, departures=tuple(everything), pairs=tuple(pairs)), tuple(settled)


def _settled(
    window: Window,
    low: tuple[int, int],
    high: tuple[int, int],
    matching: Matching,
    sounds: Sequence[Sound],
    boundaries: Boundaries,
) -> Window:
    best, best_worth = window, _worth(window, sounds, boundaries)
    for candidate in _candidates(window):
        a, b, c, d = candidate
        if not (low[0] <= a <= b <= high[0] and low[1] <= c <= d <= high[1]):
            continue
        worth = _worth(candidate, sounds, boundaries) + _change(window, candidate, matching)
        if worth > best_worth + 1e-9:
            best, best_worth = candidate, worth
    return best


def _candidates(window: Window) -> list[Window]:
    a, b, c, d = window
    is_plain = a == b or c == d
    # A repeated passage may be taken for one that began anywhere within its first telling.
    reach = max(_REACH, b - a, d - c) if is_plain else _REACH
    shifts = [n for n in range(-reach, reach + 1) if n]
    if is_plain:
        return [(a + n, b + n, c + n, d + n) for n in shifts]
    return [(a + n, b, c + n, d) for n in shifts] + [(a, b + n, c, d + n) for n in shifts]


def _worth(window: Window, sounds: Sequence[Sound], boundaries: Boundaries) -> float:
    a, b, c, d = window
    worth = boundaries.get(a, 0.0) + boundaries.get(b, 0.0)
    for place in {c, d}:
        before = sounds[place - 1].end_ms if place else -PAUSE_MS
        after = sounds[place].start_ms if place < len(sounds) else before + PAUSE_MS
        worth += _PAUSE_NATS if after - before >= PAUSE_MS else 0.0
    return worth


def _change(old: Window, new: Window, matching: Matching) -> float:
    """Return how much better the followed syllables at the edges sound alike with the new window."""
    low = min(old[0], new[0]), min(old[2], new[2])
    high = max(old[1], new[1]), max(old[3], new[3])
    near = matching.pairs[bisect_left(matching.pairs, (low[0], 0)) : bisect_left(matching.pairs, (high[0], 0))]
    given_up = [pair for pair in near if not _is_outside(pair, new) and low[1] <= pair[1] < high[1]]
    gained = sum(_score(i, j, matching) for i, j in _freed(old, new))
    return gained - sum(_score(i, j, matching) for i, j in given_up)


def _is_outside(pair: tuple[int, int], window: Window) -> bool:
    a, b, c, d = window
    return (pair[0] < a and pair[1] < c) or (pair[0] >= b and pair[1] >= d)


def _freed(old: Window, new: Window) -> list[tuple[int, int]]:
    """Return the pairs that follow the script with the new window and did not with the old one."""
    left = [(old[0] + n, old[2] + n) for n in range(new[0] - old[0])]
    right = [(old[1] - 1 - n, old[3] - 1 - n) for n in range(old[1] - new[1])]
    return left + right


def _score(i: int, j: int, matching: Matching) -> float:
    return float(matching.scores[matching.likeness.said[i], matching.likeness.heard[j]])


def _repaired(pairs: list[tuple[int, int]], old: Window, new: Window) -> list[tuple[int, int]]:
    if new == old:
        return pairs
    kept = [pair for pair in pairs if _is_outside(pair, new)]
    return sorted({*kept, *_freed(old, new)})
