"""What it costs to break a line at a place, and to run on over it: marks, pauses, conjunctions, kinds of words.

Costs have one unit: breaking in the middle of a clause, at a plain word boundary, costs 8.
"""

from collections.abc import Sequence

from pipeline.captions.atoms import Atom
from pipeline.captions.words import CLOSERS

_WORD_BOUNDARY = 8.0
_LEAST = 0.3
_AFTER_MARK = {"。": 0.0, "？": 0.0, "！": 0.0, "…": 0.2, "；": 0.3, "：": 0.8, "，": 0.8, "、": 3.0, "—": 2.0}
_AFTER_SPACE = 1.5
"""After a space between Chinese words: recognisers write one where a clause ends without a mark."""
_SENTENCE_ENDS = "。？！"
_PAUSE_HEARD_MS = 120
"""A shorter pause is within the engine's error."""
_PAUSE_PER_COST_MS = 50.0
_PAUSE_INSIDE_MS, _PAUSE_INSIDE_PER_COST_MS = 300, 60.0
"""A longer pause inside a cue shows its second half too early."""
_BARE_PAUSE_INSIDE_MS, _BARE_PAUSE_INSIDE_PER_COST_MS = 180, 30.0
"""The same in a text without punctuation, where a pause is all that tells of a clause's end."""
_CONJUNCTIONS = frozenset(
    {
        "但",
        "但是",
        "因为",
        "所以",
        "而且",
        "并且",
        "以及",
        "如果",
        "那么",
        "虽然",
        "不仅",
        "还是",
        "或者",
        "因此",
        "然而",
        "同时",
        "于是",
        "从而",
        "即使",
        "只有",
        "只要",
        "无论",
        "尽管",
        "由于",
        "为了",
        "而",
        "并",
        "也",
        "就",
        "却",
        "则",
        "又",
    }
)
_BEFORE_TAG = {"c": -3.0, "p": -2.0, "d": -1.0, "v": -0.5, "n": 0.5, "f": 4.0, "q": 4.0, "m": 0.0, "r": -0.5}
"""What it adds to break before a word of that kind."""
_BEFORE_WORD = {
    "为": 2.0,
    "作为": 2.0,
    "之": 4.0,
    "等": 4.0,
    "以来": 4.0,
    "以后": 3.0,
    "以前": 3.0,
    "左右": 4.0,
    "起来": 4.0,
}
"""Words that finish what stands before them: 以……为……, ……等, ……以来."""
_AFTER_TAG = {"c": 6.0, "p": 6.0, "d": 5.0, "m": 4.0, "q": 3.0, "r": 3.0, "u": 2.5, "a": 3.0, "v": 1.0, "n": 0.0}
"""What it adds to break after a word of that kind: 把, 不 or 很 must not end a line, and 的 had better not."""
_AFTER_WORD = {
    "来": 5.0,
    "去": 5.0,
    "是": 3.0,
    "有": 3.0,
    "在": 6.0,
    "使": 5.0,
    "让": 5.0,
    "叫": 4.0,
    "最": 6.0,
    "等": 1.0,
}
"""Words that wait for what follows."""


def cost_after(atom: Atom, following: Atom) -> float:
    """Return what it costs to break between two atoms."""
    text = atom.text.rstrip()
    mark = text.rstrip(CLOSERS)[-1:] or text[-1:]
    pause = max(0.0, following.start_ms - atom.end_ms - _PAUSE_HEARD_MS) / _PAUSE_PER_COST_MS
    if mark in _AFTER_MARK:
        return max(_AFTER_MARK[mark] - pause, 0.0)
    if text != atom.text and not (mark.isascii() or following.text[0].isascii()):
        return max(_AFTER_SPACE - pause, 0.0)
    cost = _WORD_BOUNDARY + _AFTER_WORD.get(atom.last.text, _AFTER_TAG.get(atom.last.tag[:1], 1.0))
    if following.first.text in _CONJUNCTIONS:
        cost -= 3.0
    else:
        cost += _BEFORE_WORD.get(following.first.text, _BEFORE_TAG.get(following.first.tag[:1], 0.0))
    if atom.is_forced and following.is_forced:
        cost += _WORD_BOUNDARY
    return max(cost - pause, _LEAST)


def is_bare(atoms: Sequence[Atom]) -> bool:
    """Tell whether a run has no punctuation between its words."""
    return not any(atom.text.rstrip().rstrip(CLOSERS)[-1:] in _AFTER_MARK for atom in atoms[:-1])


def cost_across(before: Atom, after: Atom, *, in_bare_text: bool) -> float:
    """Return what it costs a cue to run on from one atom to the next."""
    pause = after.start_ms - before.end_ms
    if in_bare_text:
        return max(0.0, pause - _BARE_PAUSE_INSIDE_MS) / _BARE_PAUSE_INSIDE_PER_COST_MS
    ends = 5.0 if before.text.rstrip().rstrip(CLOSERS)[-1:] in _SENTENCE_ENDS else 0.0
    return ends + max(0.0, pause - _PAUSE_INSIDE_MS) / _PAUSE_INSIDE_PER_COST_MS
