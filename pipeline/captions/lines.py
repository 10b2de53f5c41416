"""How wide a piece of a passage is on the screen, and where a cue of two lines folds."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from pipeline.captions.atoms import Atom
from pipeline.captions.break_costs import cost_after
from pipeline.captions.screen import SPACE, drawn_signs, on_screen, width
from pipeline.presets import CaptionSettings

_NEAR = 1.5
"""Signs at the ends of a piece may be drawn otherwise than inside; this near to the limit it is measured itself."""
_SPACES = " " + SPACE
_GAPS = re.compile(f"[{_SPACES}]+")
_SECOND_LINE = 1.0
_UNEVEN = 0.15
"""What it costs that one line is longer than the other, a character."""


class _Size(NamedTuple):
    """How wide an atom is, in full-width characters."""

    lead: float
    """The space before it."""
    body: float
    tail: float
    """The space after it."""
    chars: float
    """What there is to read."""


class Ruler:
    """Widths of all pieces of a passage, in full-width characters; pieces are (first atom, atom after the last)."""

    def __init__(self, atoms: Sequence[Atom], settings: CaptionSettings) -> None:
        """Measure each atom once."""
        self.atoms = atoms
        self._limit = settings.line_chars
        self._lines = settings.lines
        sizes = _sizes(atoms)
        self._full = [0.0, *accumulate(size.lead + size.body + size.tail for size in sizes)]
        self._lead = [size.lead for size in sizes]
        self._tail = [size.tail for size in sizes]
        self._chars = [0.0, *accumulate(size.chars for size in sizes)]
        self._exact: dict[tuple[int, int], float] = {}
        self.after = [cost_after(atoms[n], atoms[n + 1]) for n in range(len(atoms) - 1)] + [0.0]
        """What it costs to break after each atom."""

    def width(self, begin: int, end: int) -> float:
        """Return how wide a piece is in one line; exact where it matters."""
        size = self._sum(begin, end)
        if abs(size - self._limit) > _NEAR:
            return size
        if (begin, end) not in self._exact:
            self._exact[begin, end] = width(on_screen(self.text(begin, end)))
        return self._exact[begin, end]

    def chars(self, begin: int, end: int) -> float:
        """Return how much there is to read in a piece."""
        return self._chars[end] - self._chars[begin]

    def text(self, begin: int, end: int) -> str:
        """Return a piece's master text."""
        return "".join(atom.text for atom in self.atoms[begin:end])

    def cost_of_lines(self, begin: int, end: int) -> float | None:
        """Return what it costs to fold a piece into two lines, 0 for one; ``None`` when it fits into neither."""
        if self.width(begin, end) <= self._limit:
            return 0.0
        fold = self._fold(begin, end)
        return None if fold is None else _SECOND_LINE + fold[0]

    def is_hopeless(self, begin: int, end: int) -> bool:
        """Tell whether a piece, and all that begin earlier, are too wide."""
        return self._sum(begin, end) > self._lines * (self._limit + _NEAR)

    def _sum(self, begin: int, end: int) -> float:
        return self._full[end] - self._full[begin] - self._lead[begin] - self._tail[end - 1]

    def _fold(self, begin: int, end: int) -> tuple[float, int] | None:
        """Return the cost and the place (first atom of the second line) of the best fold, if there is one."""
        if self._lines == 1:
            return None
        places = [
            (self.after[place - 1] + _UNEVEN * abs(first - second), place)
            for place in range(begin + 1, end)
            if (first := self.width(begin, place)) <= self._limit and (second := self.width(place, end)) <= self._limit
        ]
        return min(places, default=None)

    def in_lines(self, begin: int, end: int) -> str:
        r"""Return a piece's master text, its lines separated by ``\n``."""
        fold = None if self.width(begin, end) <= self._limit else self._fold(begin, end)
        if fold is None:
            return self.text(begin, end).strip()
        return f"{self.text(begin, fold[1]).strip()}\n{self.text(fold[1], end).strip()}"


def _sizes(atoms: Sequence[Atom]) -> list[_Size]:
    """Return the sizes of a passage's atoms as they stand in it; a space that two of them share counts once."""
    drawn = drawn_signs("".join(atom.text for atom in atoms))
    sizes: list[_Size] = []
    place, before = 0, ""
    for atom in atoms:
        signs = "".join(drawn[place : place + len(atom.text)])
        place += len(atom.text)
        body = signs.strip(_SPACES)
        head = signs[: len(signs) - len(signs.lstrip(_SPACES))]
        tail = signs[len(signs.rstrip(_SPACES)) :] if body else ""
        lead = _space(before + head) - _space(before)
        inner = sum(_space(gap) for gap in _GAPS.findall(body))
        chars = width("".join(body.split()))
        sizes.append(_Size(lead, chars + inner, _space(tail), chars))
        before = tail if body else before + head
    return sizes


def _space(signs: str) -> float:
    """Return how wide neighbouring spaces are drawn."""
    return 0.0 if not signs else 1.0 if SPACE in signs else width(signs)
