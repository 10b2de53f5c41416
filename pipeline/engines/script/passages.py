"""What a speaker did where the speech leaves the script: skipped, added, changed, repeated or moved a passage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from pipeline.engines.script.anchors import Window
from pipeline.engines.script.heard import Sound
from pipeline.engines.script.matching import Matching, search
from pipeline.engines.script.verdicts import Verdict
from pipeline.records import DeviationKind

LEAST = 4
"""Syllables below which a passage is too short to be told from noise, unless the verdict is sure."""
SURE = 0.9
DOUBT = 0.5
"""Probability from which a departure is taken for the speaker's."""
_FOUND_AGAIN_MIN = 6
"""Fewest syllables that are looked for elsewhere in the script."""
_FOUND_AGAIN_NATS = 14.0
_FOUND_AGAIN_SHARE = 0.4
"""Of the passage's syllables, to be heard as they stand in the script."""
_EDGE = 3
"""Syllables at a passage's edges that noise may have hidden."""
_CRUMB = 2
_GAP_MAX = 8
"""Syllables that a recogniser may have lost within a passage that was said at another place."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage in which the speech does not follow the script; places count syllables."""

    kind: DeviationKind
    said: tuple[int, int]
    """In the script: what was skipped, changed, repeated or moved; empty for an added passage."""
    heard: tuple[int, int]
    """What was recognised; empty for a skipped passage, which stands where it would have come."""
    confidence: float
    pairs: tuple[tuple[int, int], ...] = ()
    """For a repeated or moved passage: its syllables in the script and in the speech."""

    @property
    def shows_script(self) -> bool:
        """The words that were said are the script's own."""
        return self.kind in {"repeated", "moved"}


@dataclass(frozen=True, slots=True)
class Detour:
    """A window in which the speaker was away from the script, with what happened there."""

    window: Window
    passages: tuple[Passage, ...]
    """In the order of the speech."""


def find_detours(matching: Matching, sounds: Sequence[Sound], verdicts: Sequence[Verdict]) -> tuple[Detour, ...]:
    """Return where the speaker left the script, in the order of the speech; outside these windows it is followed.

    A passage that was said without standing there in the script is looked for elsewhere: among what was skipped, then
    it was moved; in all of the script, then it was repeated.

    Args:
        matching: of script and speech.
        sounds: the recognised syllables.
        verdicts: on the departures that are the speaker's.
    """
    windows = [(_without_crumbs(verdict.window, matching, sounds), verdict.departed) for verdict in verdicts]
    left = [_Left(window[:2], window[2:], departed) for window, departed in windows]
    skipped = [each.said for each in left if each.said[1] - each.said[0] >= _FOUND_AGAIN_MIN]
    again = [_found_again(matching, each, skipped) for each in left]
    moved = [passage.said for found in again for passage in found if passage.kind == "moved"]
    return tuple(
        Detour(window, tuple(sorted([*found, *_rest(each, found, moved)], key=lambda p: (p.heard, p.said))))
        for (window, _departed), each, found in zip(windows, left, again, strict=True)
    )


def is_speakers(verdict: Verdict) -> bool:
    """Tell whether a departure is taken for the speaker's, rather than the recogniser's."""
    a, b, c, d = verdict.window
    return verdict.departed >= (DOUBT if max(b - a, d - c) >= LEAST else SURE)


@dataclass(frozen=True, slots=True)
class _Left:
    said: tuple[int, int]
    heard: tuple[int, int]
    departed: float


def _without_crumbs(window: Window, matching: Matching, sounds: Sequence[Sound]) -> Window:
    """Return a window whose one side, when it is a syllable or two of noise, is empty."""
    a, b, c, d = window
    if 0 < b - a <= _CRUMB and d - c > 2 * _CRUMB and matching.noise.error_rate > 0.05:
        return (b, b, c, d)
    if 0 < d - c <= _CRUMB and b - a > 2 * _CRUMB and np.mean([sound.probability for sound in sounds[c:d]]) < DOUBT:
        return (a, b, d, d)
    return window


def _found_again(matching: Matching, left: _Left, skipped: Sequence[tuple[int, int]]) -> list[Passage]:
    """Return the parts of what was said that stand elsewhere in the script."""
    c, d = left.heard
    if d - c < _FOUND_AGAIN_MIN:
        return []
    meetings = [_meeting(matching, said, left, "moved") for said in skipped if said != left.said]
    # Being said at another place explains two departures at once, so it goes before being said twice.
    if all(passage is None for _score, passage in meetings):
        meetings = [_meeting(matching, (0, len(matching.likeness.said)), left, "repeated")]
    again = max(meetings, key=lambda meeting: meeting[0])[1]
    if again is None:
        return []
    before, after = replace(left, heard=(c, again.heard[0])), replace(left, heard=(again.heard[1], d))
    return [*_found_again(matching, before, skipped), again, *_found_again(matching, after, skipped)]


def _meeting(
    matching: Matching, said: tuple[int, int], left: _Left, kind: DeviationKind
) -> tuple[float, Passage | None]:
    way = search(matching, said, left.heard)
    block = _longest_block(way.pairs)
    if len(block) < _FOUND_AGAIN_MIN - 1:
        return 0.0, None
    (a, c), (b, d) = block[0], block[-1]
    likeness = matching.likeness
    equal = sum(likeness.said[i] == likeness.heard[j] for i, j in block)
    needed = _FOUND_AGAIN_NATS + log(max(1, said[1] - said[0]))
    if way.score < needed or equal < _FOUND_AGAIN_SHARE * max(b + 1 - a, d + 1 - c):
        return 0.0, None
    heard = _widened((c, d + 1), left.heard)
    whole = _widened((a, b + 1), said) if kind == "moved" else (a, b + 1)
    confidence = round(left.departed * equal / len(block), 3)
    return way.score, Passage(kind, whole, heard, confidence, tuple(block))


def _longest_block(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs without a wide gap on either side."""
    blocks: list[list[tuple[int, int]]] = [[]]
    for i, j in pairs:
        if blocks[-1] and max(i - blocks[-1][-1][0], j - blocks[-1][-1][1]) > _GAP_MAX:
            blocks.append([])
        blocks[-1].append((i, j))
    return max(blocks, key=len)


def _widened(inner: tuple[int, int], outer: tuple[int, int]) -> tuple[int, int]:
    """Return a stretch with the few syllables that would be left over beside it."""
    a = outer[0] if inner[0] - outer[0] <= _EDGE else inner[0]
    b = outer[1] if outer[1] - inner[1] <= _EDGE else inner[1]
    return a, b


def _rest(left: _Left, again: Sequence[Passage], moved: Sequence[tuple[int, int]]) -> list[Passage]:
    """Return what remains of a departure: script that was not said, speech that stands nowhere in the script."""
    spoken = _remaining(left.heard, [passage.heard for passage in again], least=1)
    unsaid = _remaining(left.said, moved, least=_EDGE + 1 if moved else 1)
    confidence = round(left.departed, 3)
    if len(spoken) == 1 and len(unsaid) == 1:
        return [Passage("changed", unsaid[0], spoken[0], confidence)]
    place = left.heard[0] if not again else again[0].heard[0]
    result = [Passage("skipped", said, (place, place), confidence) for said in unsaid]
    return result + [Passage("added", (left.said[0],) * 2, heard, confidence) for heard in spoken]


def _remaining(whole: tuple[int, int], taken: Sequence[tuple[int, int]], *, least: int) -> list[tuple[int, int]]:
    rest, place = [], whole[0]
    for a, b in sorted(each for each in taken if _lies_in(each, whole)):
        rest.append((place, a))
        place = b
    rest.append((place, whole[1]))
    return [(a, b) for a, b in rest if b - a >= least]


def _lies_in(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] < inner[1] <= outer[1]
