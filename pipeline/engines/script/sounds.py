"""How alike two syllables sound, and what it says about whether one was heard for the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

EQUAL, NEAR, HALF, OTHER = range(4)
"""Classes of likeness: the same syllable; one that is often taken for it; one half in common; nothing in common."""
_INITIALS = (*["zh", "ch", "sh"], *"bpmfdtnlgkhjqxrzcsyw")
_SAME_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "l": "n", "h": "f", "p": "b", "t": "d", "k": "g", "q": "j"}
"""Initials that speakers of many regions, and recognisers, take for one another: flat and curled tongue, l and n, h and
f, with and without breath."""
_LEAST_SHARE = 0.002


@dataclass(frozen=True, slots=True)
class Noise:
    """How a recogniser errs where the speech follows the script; probabilities."""

    classes: tuple[float, float, float, float]
    """Of hearing the same, a near, a half alike and another syllable; they sum to 1."""
    lost: float
    """Of hearing nothing for a syllable."""
    invented: float
    """Of a syllable that nobody said, for each one said."""

    @property
    def error_rate(self) -> float:
        """Share of syllables that are not heard as they were said."""
        return 1 - self.classes[EQUAL] * (1 - self.lost)


FIRST_GUESS = Noise((0.78, 0.06, 0.08, 0.08), 0.05, 0.04)
"""Between a weak recogniser and a good one; replaced by what the lecture itself shows."""


def noise_of(counts: Sequence[float], lost: float, invented: float) -> Noise:
    """Return the noise that ``counts`` of the four classes show, smoothed by a few syllables of the first guess.

    Args:
        counts: pairs of syllables in each class.
        lost: syllables of the script for which nothing was heard.
        invented: syllables heard for which the script has nothing.
    """
    weight = 20.0
    kept = [count + weight * share for count, share in zip(counts, FIRST_GUESS.classes, strict=True)]
    total = sum(kept)
    equal, near, half, other = (max(_LEAST_SHARE, count / total) for count in kept)
    said = sum(counts) + lost + weight
    return Noise(
        (equal, near, half, other),
        max(_LEAST_SHARE, (lost + weight * FIRST_GUESS.lost) / said),
        max(_LEAST_SHARE, (invented + weight * FIRST_GUESS.invented) / said),
    )


class Likeness:
    """The syllables of two texts, numbered, with the likeness of every pair."""

    def __init__(self, said: Sequence[str], heard: Sequence[str]) -> None:
        """Number the syllables.

        Args:
            said: toneless pinyin of the script, or words of other scripts.
            heard: so of the recognised text.
        """
        names = sorted({*said, *heard})
        number = {name: n for n, name in enumerate(names)}
        self.said: Indices = np.array([number[name] for name in said], dtype=np.int64)
        self.heard: Indices = np.array([number[name] for name in heard], dtype=np.int64)
        self.classes = _classes(names)
        counts = np.bincount(self.said, minlength=len(names)) + np.bincount(self.heard, minlength=len(names))
        share = (counts + 1.0) / (counts.sum() + len(names))
        self.information: Floats = -np.log(share)
        """How much a meeting of each syllable says, in nats: the rarer, the more."""
        self._chance = [float(share @ (self.classes == kind) @ share) for kind in range(4)]

    def scores(self, noise: Noise) -> Floats:
        """Return the log odds of every pair of syllables: heard for one another, against met by chance."""
        table = np.empty(self.classes.shape)
        for kind in (NEAR, HALF, OTHER):
            chance = max(self._chance[kind], 1e-6)
            table[self.classes == kind] = np.log(noise.classes[kind] / chance)
        np.fill_diagonal(table, np.log(noise.classes[EQUAL]) + self.information)
        return table


def _classes(names: Sequence[str]) -> NDArray[np.int8]:
    parts = [_parts(name) for name in names]
    initials = np.array([part[0] for part in parts])
    finals = np.array([part[1] for part in parts])
    soft_initials = np.array([_SAME_INITIALS.get(part[0], part[0]) for part in parts])
    soft_finals = np.array([_soft_final(part[1]) for part in parts])
    same_initial = initials[:, None] == initials[None, :]
    same_final = finals[:, None] == finals[None, :]
    near_initial = soft_initials[:, None] == soft_initials[None, :]
    near_final = soft_finals[:, None] == soft_finals[None, :]
    classes = np.full(same_final.shape, OTHER, dtype=np.int8)
    classes[same_initial | same_final] = HALF
    classes[near_initial & near_final] = NEAR
    np.fill_diagonal(classes, EQUAL)
    return classes


def _parts(syllable: str) -> tuple[str, str]:
    for initial in _INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            return initial, syllable[len(initial) :]
    return "", syllable


def _soft_final(final: str) -> str:
    """Return a final with front and back nasal taken for one."""
    return final.removesuffix("g") if final.endswith("ng") and final != "ong" else final
