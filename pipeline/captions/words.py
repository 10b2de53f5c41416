"""Words of a transcript, cleaned: characters with their own times, master punctuation, runs between long pauses."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.captions.screen import width
from pipeline.records import Word

OPENERS = "《〈“‘（「『【〔"
CLOSERS = "》〉”’）」』】〕"
STOPS = "，。？！、；：…,.?!;:"
RUN_PAUSE_MS = 1500
"""A pause this long always ends a cue."""
_TITLE = re.compile("《[^《》]{1,60}》")
_FULL_WIDTH = {",": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "：", "(": "（", ")": "）"}


@dataclass(frozen=True, slots=True)
class Sign:
    """One character with its own time."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


def split_runs(words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """Return the words in runs that are divided by long pauses; never inside a title."""
    if not words:
        return ()
    inside = inside_titles("".join(word.text for word in words))
    runs: list[tuple[Word, ...]] = []
    begin, place = 0, 0
    for number, (word, following) in enumerate(pairwise(words), 1):
        place += len(word.text)
        if following.start_ms - word.end_ms >= RUN_PAUSE_MS and place not in inside:
            runs.append(tuple(words[begin:number]))
            begin = number
    return (*runs, tuple(words[begin:]))


def inside_titles(text: str) -> frozenset[int]:
    """Return the places inside 《》 where a text must not be divided; a mark without its partner counts for nothing."""
    return frozenset(place for title in _TITLE.finditer(text) for place in range(title.start() + 1, title.end()))


def master_signs(words: Sequence[Word]) -> tuple[Sign, ...]:
    """Return the characters of the master text, with their times.

    Half-width marks after Chinese become full-width, several spaces one; what cannot be shown goes: control signs,
    direction marks, and the sign that stands for a broken character. Nothing else is changed.
    """
    signs = [sign for word in words for sign in _spread(word)]
    kept: list[Sign] = []
    is_open = False
    for sign in signs:
        before = kept[-1].text if kept else " "
        if sign.text == " " and (before == " " or (before in STOPS + CLOSERS and not before.isascii())):
            continue
        if sign.text in _FULL_WIDTH and _becomes_wide(sign.text, before, is_open=is_open):
            sign = replace(sign, text=_FULL_WIDTH[sign.text])
        is_open = sign.text == "（" or (is_open and sign.text != "）")
        if sign.text != " " and before == " " and kept and sign.text in STOPS + CLOSERS:
            kept.pop()
        kept.append(sign)
    while kept and kept[-1].text == " ":
        kept.pop()
    return tuple(kept)


def _becomes_wide(mark: str, before: str, *, is_open: bool) -> bool:
    """Tell whether a half-width mark becomes full-width: after Chinese; brackets in pairs, those of formulae never."""
    if mark == ")":
        return is_open
    if mark == "(":
        return width(before) == 1.0
    return not before.isascii()


def _spread(word: Word) -> list[Sign]:
    """Share a word's time out over its characters by their width; marks take none."""
    text = "".join(" " if sign.isspace() else sign for sign in word.text)
    text = "".join(sign for sign in text if _is_shown(sign))
    total = sum(_share(sign) for sign in text) or 1.0
    length = max(0, word.end_ms - word.start_ms)
    signs, done = [], 0.0
    for sign in text:
        begin = word.start_ms + round(length * done / total)
        done += _share(sign)
        signs.append(Sign(sign, begin, word.start_ms + round(length * done / total), word.probability))
    return signs


def _share(sign: str) -> float:
    return width(sign) if sign.isalnum() else 0.0


def is_lost(sign: str) -> bool:
    """Tell whether a character means something that nothing can show: private, unassigned, or broken."""
    return sign == "\ufffd" or unicodedata.category(sign) in {"Cs", "Co", "Cn"}


def _is_shown(sign: str) -> bool:
    return not is_lost(sign) and unicodedata.category(sign) not in {"Cc", "Cf", "Zl", "Zp"}
