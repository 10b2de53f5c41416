"""Headlines: a title, a unit, a list of names in few lines, broken as subtitles are and balanced."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise

from pipeline.captions.atoms import Atom, find_atoms
from pipeline.captions.break_costs import cost_after
from pipeline.captions.screen import SPACE, width
from pipeline.captions.words import CLOSERS, Sign, is_lost

_UNEVEN = 0.12
"""What it costs, squared, that lines differ by a full-width character; a break inside a clause costs 8."""
_WORD_MAX = 24.0
"""Only what is wider than this many full-width characters is cut inside: a whole 《title》 as a rule is not."""
_BEFORE_SUBTITLE = re.compile("(?<!—)(?=——)")
"""A subtitle begins a line of its own where it can: after a colon, with its dash."""

Fits = Callable[[str], bool]
"""Tells whether a line is narrow enough."""


def fold_headline(text: str, fits: Fits, lines_max: int, whole: Iterable[str] = ()) -> tuple[str, ...] | None:
    """Return a headline in as few lines as it fits into, at most ``lines_max``; ``None`` when it does not.

    Args:
        text: the headline; spaces and signs that nobody sees are put in order, nothing else is changed.
        fits: whether a line is narrow enough.
        lines_max: most lines.
        whole: names that are never cut.
    """
    shown = clean(text)
    if not shown:
        return ()
    pieces = [[Sign(sign, 0, 0, 1.0) for sign in piece] for piece in _BEFORE_SUBTITLE.split(shown) if piece]
    atoms = _unbroken([atom for piece in pieces for atom in find_atoms(piece, _WORD_MAX)], [*map(clean, whole)])
    for count in range(1, min(lines_max, len(atoms)) + 1):
        ways = ((_cost(atoms, cuts), _lines(atoms, cuts)) for cuts in combinations(range(1, len(atoms)), count - 1))
        fitting = [(cost, lines) for cost, lines in ways if all(map(fits, lines))]
        if fitting:
            return min(fitting)[1]
    return None


def clean(text: str) -> str:
    """Return ``text`` in one line, without signs that nobody sees."""
    seen = (" " if sign.isspace() and sign != SPACE else sign for sign in text)
    kept = (sign for sign in seen if not is_lost(sign) and unicodedata.category(sign) not in {"Cc", "Cf", "Zl", "Zp"})
    return " ".join("".join(kept).split(" ")).strip(" " + SPACE)


def listed_names(text: str | None) -> tuple[str, ...]:
    """Return the people that a register names in one field, such as ``张三、李四``."""
    return tuple(filter(None, map(clean, re.split(r"[、，,；;/／]|\s*\u3000\s*|\s{2,}", text or ""))))


def _unbroken(atoms: Sequence[Atom], names: Sequence[str]) -> list[tuple[Atom, ...]]:
    """Return the atoms in groups, those that share a name in one."""
    text = "".join(atom.text for atom in atoms)
    inside: set[int] = set()
    for name in filter(None, names):
        begin = text.find(name)
        while begin >= 0:
            inside.update(range(begin + 1, begin + len(name)))
            begin = text.find(name, begin + 1)
    groups: list[tuple[Atom, ...]] = []
    place = 0
    for atom in atoms:
        if groups and place in inside:
            groups[-1] = (*groups[-1], atom)
        else:
            groups.append((atom,))
        place += len(atom.text)
    return groups


def _lines(groups: Sequence[tuple[Atom, ...]], cuts: Sequence[int]) -> tuple[str, ...]:
    return tuple(
        "".join(atom.text for group in groups[begin:end] for atom in group).strip(" " + SPACE)
        for begin, end in pairwise((0, *cuts, len(groups)))
    )


def _cost(groups: Sequence[tuple[Atom, ...]], cuts: Sequence[int]) -> float:
    """Return what it costs to break before each of the groups ``cuts``: the places themselves, and uneven lines."""
    widths = [width(line) for line in _lines(groups, cuts)]
    uneven = _UNEVEN * sum((size - max(widths)) ** 2 for size in widths)
    return uneven + sum(_cost_between(groups[cut - 1][-1], groups[cut][0]) for cut in cuts)


def _cost_between(before: Atom, after: Atom) -> float:
    if after.text.startswith("——") or before.text.rstrip().rstrip(CLOSERS).endswith(("：", ":")):
        return 0.0
    if before.text != before.text.rstrip(" " + SPACE):
        return 0.0
    return cost_after(before, after)
