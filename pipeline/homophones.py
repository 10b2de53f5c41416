"""Suspected homophones: pieces of a text that sound like a term and are written otherwise.

A piece is compared by its syllables without tones, folded where speakers and recognisers confuse them. It must begin
and end where words do, and counts less the more it looks like ordinary words. Nothing is changed: a person decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pipeline.terms import Term

CONFIDENCE_MIN = 0.4
"""What is less likely than this is not worth a person's look."""
_BY_LENGTH = {2: 0.45, 3: 0.75}
"""Likelihood of a slip when every syllable agrees, by the term's length; longer pieces seldom agree by chance."""
_LONG = 0.9
_ORDINARY = {2: 0.2, 3: 0.4}
"""Factors for a piece made of dictionary words alone."""
_ORDINARY_LONG = 0.6
_PER_FOLD = 0.15
"""What each syllable that agrees only after folding takes away."""
_STRANGE = 0.7
"""Factor for a short piece that shares no character with the term."""
_KNOWN_SLIP = 0.85
_LONGEST = 20
_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
_F_AS_H = {
    "fu": "hu", "fa": "hua", "fan": "huan", "fang": "huang", "fei": "hui", "fen": "hun", "feng": "hong", "fo": "huo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspect:
    """A piece of a text that may be a term, heard right and written wrong."""

    start: int
    """Place of its first character in the text."""
    found: str
    suggestion: str
    """The term, or the part of it that is meant."""
    confidence: float
    """0 to 1: how likely the suggestion is right."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of Chinese characters of a term."""

    text: str
    syllables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """Terms by what they sound like."""

    by_sound: dict[tuple[str, ...], tuple[_Part, ...]]
    lengths: tuple[int, ...]
    """Lengths that occur, longest first."""
    written: frozenset[str]
    slips: dict[str, str]


def find_suspects(text: str, terms: tuple[Term, ...]) -> tuple[Suspect, ...]:
    """Return what of ``text`` sounds like one of the terms and is written otherwise, in order, not overlapping."""
    if not terms:
        return ()
    index = _index(terms)
    edges = _edges(text)
    taken: set[int] = set()
    found = [*_slips(text, index, edges, taken)]
    for start, run in _runs(text):
        found += _in_run(run, start, index, edges, taken)
    return tuple(sorted(found, key=lambda suspect: suspect.start))


def _slips(text: str, index: _Index, edges: frozenset[int], taken: set[int]) -> Iterator[Suspect]:
    """Yield known slips that stand between words."""
    for wrong, right in index.slips.items():
        start = text.find(wrong)
        while start >= 0:
            places = range(start, start + len(wrong))
            if start in edges and start + len(wrong) in edges and taken.isdisjoint(places):
                taken.update(places)
                yield Suspect(start, wrong, right, _KNOWN_SLIP)
            start = text.find(wrong, start + 1)


def _in_run(run: str, offset: int, index: _Index, edges: frozenset[int], taken: set[int]) -> Iterator[Suspect]:
    """Yield the suspects of a stretch of Chinese characters, longest first; what is written right guards itself."""
    syllables = _syllables(run)
    folded = tuple(map(_folded, syllables))
    for length in index.lengths:
        for place in range(len(run) - length + 1):
            start = offset + place
            places = range(start, start + length)
            if start not in edges or start + length not in edges or not taken.isdisjoint(places):
                continue
            piece = run[place : place + length]
            if piece in index.written:
                taken.update(places)
                continue
            best = _best(piece, syllables[place : place + length], folded[place : place + length], index, edges, start)
            if best is not None:
                taken.update(places)
                yield best


def _best(
    piece: str,
    syllables: tuple[str, ...],
    folded: tuple[str, ...],
    index: _Index,
    edges: frozenset[int],
    start: int,
) -> Suspect | None:
    """Return the likeliest term that a piece may stand for."""
    parts = index.by_sound.get(folded, ())
    if not parts:
        return None
    is_ordinary = _is_ordinary(start, len(piece), edges)
    rated = [(_confidence(piece, syllables, part, is_ordinary=is_ordinary), part.text) for part in parts]
    confidence, suggestion = max(rated)
    return Suspect(start, piece, suggestion, confidence) if confidence >= CONFIDENCE_MIN else None


def _confidence(piece: str, syllables: tuple[str, ...], part: _Part, *, is_ordinary: bool) -> float:
    length = len(piece)
    confidence = _BY_LENGTH.get(length, _LONG)
    confidence -= _PER_FOLD * sum(a != b for a, b in zip(syllables, part.syllables, strict=True))
    if is_ordinary:
        confidence *= _ORDINARY.get(length, _ORDINARY_LONG)
    if length <= 3 and not any(a == b for a, b in zip(piece, part.text, strict=True)):
        confidence *= _STRANGE
    return round(max(0.0, confidence), 2)


def _is_ordinary(start: int, length: int, edges: frozenset[int]) -> bool:
    """Tell whether a piece is made of dictionary words of two characters or more."""
    inner = sorted(place for place in range(start, start + length + 1) if place in edges)
    return all(after - before >= 2 for before, after in pairwise(inner))


def _edges(text: str) -> frozenset[int]:
    """Return the places where words of the dictionary begin or end; unknown words are single characters."""
    import rjieba

    edges, place = {0}, 0
    for word in rjieba.cut(text, hmm=False):
        place += len(word)
        edges.add(place)
    return frozenset(edges)


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the stretches of Chinese characters of a text with their places."""
    start = None
    for place, sign in enumerate(text + " "):
        if _is_han(sign):
            start = place if start is None else start
        elif start is not None:
            yield start, text[start:place]
            start = None


@lru_cache(maxsize=4)
def _index(terms: tuple[Term, ...]) -> _Index:
    by_sound: dict[tuple[str, ...], list[_Part]] = {}
    slips: dict[str, str] = {}
    written: set[str] = set()
    for term in terms:
        slips.update(dict.fromkeys(term.wrong, term.text))
        for _, text in _runs(term.text):
            if 2 <= len(text) <= _LONGEST and text not in written:
                written.add(text)
                syllables = _syllables(text)
                by_sound.setdefault(tuple(map(_folded, syllables)), []).append(_Part(text, syllables))
    lengths = sorted({len(text) for text in written}, reverse=True)
    return _Index({sound: tuple(parts) for sound, parts in by_sound.items()}, tuple(lengths), frozenset(written), slips)


@lru_cache(maxsize=8192)
def _syllables(text: str) -> tuple[str, ...]:
    """Return a syllable without its tone for each Chinese character."""
    from pypinyin import lazy_pinyin

    syllables = tuple(lazy_pinyin(text))
    return syllables if len(syllables) == len(text) else tuple(lazy_pinyin(list(text)))


@lru_cache(maxsize=2048)
def _folded(syllable: str) -> str:
    """Return a syllable with what is often confused made one: z/zh, c/ch, s/sh, n/l, f/h, in/ing, en/eng, an/ang."""
    syllable = _F_AS_H.get(syllable, syllable)
    for initial, plain in _INITIALS.items():
        if syllable.startswith(initial):
            syllable = plain + syllable[len(initial) :]
            break
    return syllable.removesuffix("g")


def _is_han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf"


def written_wrong(texts: Sequence[str], terms: tuple[Term, ...]) -> tuple[tuple[int, Suspect], ...]:
    """Return the suspects of several texts with the number of their text, counted from 0."""
    return tuple((number, suspect) for number, text in enumerate(texts) for suspect in find_suspects(text, terms))
