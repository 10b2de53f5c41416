"""Terms: words that a lecture must have right, and how a list of them is written.

A list is text: one term a line, the most useful ones first; what follows ``#`` is a comment; ``wrong=right`` names a
known slip of a term.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.errors import TermsFileError
from pipeline.presets import terms_folder

LENGTH_MAX = 40
"""A longer line is no term."""
COUNT_MAX = 5000
"""Terms that a list may hold."""

Origin = Literal["own", "script", "preset"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that is written in one way only."""

    text: str
    wrong: tuple[str, ...] = ()
    """Known slips of it."""
    origin: Origin = "preset"
    """The person's own list, the lecture's script, or a list that comes with Weike."""


def parse_terms(text: str, origin: Origin) -> tuple[Term, ...]:
    """Return the terms of a list in its order, each once.

    Raises:
        ValueError: with a line that is no term, or when there are too many.
    """
    slips: dict[str, list[str]] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        entry = line.split("#", 1)[0].strip()
        if not entry:
            continue
        wrong, _, right = entry.rpartition("=")
        wrong, right = wrong.strip(), right.strip()
        if not right or len(entry) > LENGTH_MAX or not any(sign.isalnum() for sign in right) or "=" in wrong:
            raise ValueError(entry[:LENGTH_MAX])
        slips.setdefault(right, []).extend([wrong] if wrong and wrong != right else [])
    if len(slips) > COUNT_MAX:
        raise ValueError(f"> {COUNT_MAX}")
    return tuple(Term(right, tuple(dict.fromkeys(wrong)), origin) for right, wrong in slips.items())


def preset_terms(names: Sequence[str]) -> tuple[Term, ...]:
    """Return the terms of lists that come with Weike; the first of each list, then the second of each, and so on.

    Raises:
        TermsFileError: no list of that name.
    """
    lists = [_list(name) for name in names]
    longest = max(map(len, lists), default=0)
    ordered = (terms[place] for place in range(longest) for terms in lists if place < len(terms))
    return merged(tuple(ordered))


def merged(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return terms in order, each once, with all its known slips."""
    found: dict[str, Term] = {}
    for term in terms:
        before = found.setdefault(term.text, term)
        found[term.text] = Term(term.text, tuple(dict.fromkeys((*before.wrong, *term.wrong))), before.origin)
    return tuple(found.values())


def _list(name: str) -> tuple[Term, ...]:
    path = terms_folder() / f"{name}.txt"
    try:
        if not name.replace("-", "").isalnum():
            raise ValueError(name)
        return parse_terms(path.read_text("utf-8"), "preset")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise TermsFileError(path, reason=str(error)) from None
