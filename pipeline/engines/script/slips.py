"""Single words that were said otherwise than the script has them, or stand wrong in the script.

One syllable that differs is mostly the recogniser's error, and such errors mostly sound alike. Where a sure recogniser
hears something that sounds different, in the middle of what it hears as it stands there, the script is the likelier to
differ. How often scripts differ in single words is learnt from the lecture itself.
"""

from collections.abc import Sequence

from pipeline.engines.script.heard import Sound
from pipeline.engines.script.matching import Matching
from pipeline.engines.script.sounds import EQUAL, HALF
from pipeline.engines.script.verdicts import Verdict

_FIRST_SHARE, _LEAST_SHARE = 0.01, 0.001
"""Of a script's words that differ from what is said: at first, and at least."""
_UNLIKE_ERRORS = 0.15
"""Share of a recogniser's errors that do not even sound alike."""
_ROUNDS = 8
_DOUBT = 0.5


def find_slips(
    matching: Matching, sounds: Sequence[Sound], unit_of: Sequence[int], taken: Sequence[Verdict]
) -> tuple[Verdict, ...]:
    """Return the words that most likely differ, each as a window of its own, in order.

    Args:
        matching: of script and speech.
        sounds: the recognised syllables.
        unit_of: the unit of each script syllable.
        taken: departures, in which nothing is looked for.
    """
    windows = _unlike(matching, sounds, unit_of, taken)
    sure = [min(sounds[j].probability for j in range(c, d)) for _a, _b, c, d in windows]
    share, said = _FIRST_SHARE, max(1, len(matching.pairs))
    departed = [0.0] * len(windows)
    for _round in range(_ROUNDS):
        departed = [
            share * each / (share * each + (1 - share) * max(0.002, 1 - each) * _UNLIKE_ERRORS) for each in sure
        ]
        share = max(_LEAST_SHARE, sum(departed) / said)
    found = (Verdict(window, each) for window, each in zip(windows, departed, strict=True))
    return tuple(verdict for verdict in found if verdict.departed >= _DOUBT)


def _unlike(
    matching: Matching, sounds: Sequence[Sound], unit_of: Sequence[int], taken: Sequence[Verdict]
) -> list[tuple[int, int, int, int]]:
    """Return the words that sound different, between neighbours that were heard as they stand there."""
    likeness = matching.likeness
    kinds = {pair: int(likeness.classes[likeness.said[pair[0]], likeness.heard[pair[1]]]) for pair in matching.pairs}
    windows: list[tuple[int, int, int, int]] = []
    for (i, j), kind in kinds.items():
        if kind < HALF:
            continue
        a, b = _stretch(unit_of, i)
        c, d = _stretch([sound.piece for sound in sounds], j) if b - a > 1 else (j, j + 1)
        is_whole = b - a == d - c and all((a + n, c + n) in kinds for n in range(b - a))
        is_held = kinds.get((a - 1, c - 1)) == EQUAL and kinds.get((b, d)) == EQUAL
        is_alone = not any(v.window[2] < d and v.window[3] > c for v in taken)
        if is_whole and is_held and is_alone and (a, b, c, d) not in windows[-1:]:
            windows.append((a, b, c, d))
    return windows


def _stretch(owners: Sequence[int], place: int) -> tuple[int, int]:
    """Return from where to where the owner at a place is the same."""
    first = last = place
    while first and owners[first - 1] == owners[place]:
        first -= 1
    while last + 1 < len(owners) and owners[last + 1] == owners[place]:
        last += 1
    return first, last + 1
