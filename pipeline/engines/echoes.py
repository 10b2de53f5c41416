"""The prompt coming back as if it were speech: found by likeness, decided by hearing the clip without the prompt."""

import re
from difflib import SequenceMatcher

from rapidfuzz import fuzz

_ITEM = re.compile(r"[^\W_]+")
_RUN_MIN = 6
"""A shorter piece of the prompt is ordinary speech."""
_TERM_MAX = 12
"""An item of the prompt up to this length is a term: to hear it is what it is there for."""
_ACROSS_MIN = 2
"""A run that reaches this far into two items has the prompt's order too."""
_WHOLE_MIN, _WHOLE_SHARE = 4, 0.8
"""A text that is hardly more than pieces of the prompt is suspicious at this length."""
_PIECE_MIN = 3
_TAIL_MIN = 3
_SAID_SIMILARITY = 80.0


def is_like_prompt(text: str, prompt: str) -> bool:
    """Tell whether a text may be an echo of the prompt: all of it, its end at the beginning, or a run of its order.

    Args:
        text: what was recognised.
        prompt: what the recogniser was given; terms in it are short items between marks.
    """
    said, items = _bare(text), [item.lower() for item in _ITEM.findall(prompt)]
    given = "".join(items)
    if not said or not given:
        return False
    matcher = SequenceMatcher(None, said, given, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks() if block.size >= _PIECE_MIN)
    if len(said) >= _WHOLE_MIN and shared >= _WHOLE_SHARE * len(said):
        return True
    if any(said.startswith(given[-size:]) for size in range(_TAIL_MIN, len(given) + 1)):
        return True
    run = matcher.find_longest_match()
    return run.size >= _RUN_MIN and _is_more_than_a_term(run.b, run.b + run.size, items)


def is_said(text: str, plain: str) -> bool:
    """Tell whether a text is heard in the same clip without a prompt too.

    Args:
        text: what was recognised with the prompt.
        plain: all that was recognised without.
    """
    said, heard = _bare(text), _bare(plain)
    if len(heard) < len(said):
        return fuzz.ratio(said, heard) >= _SAID_SIMILARITY
    return fuzz.partial_ratio(said, heard) >= _SAID_SIMILARITY


def _is_more_than_a_term(first: int, after: int, items: list[str]) -> bool:
    """Tell whether a stretch of the prompt reaches into two items, or lies in one that is too long to be a term."""
    begin, touched = 0, 0
    for item in items:
        shared = min(after, begin + len(item)) - max(first, begin)
        if shared >= _RUN_MIN and len(item) > _TERM_MAX:
            return True
        touched += shared >= _ACROSS_MIN
        begin += len(item)
    return touched > 1


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
