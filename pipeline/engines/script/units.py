"""A text in units that have a sound: Chinese characters, numbers, words of other scripts; each with its syllables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
_NUMBER = r"[0-9０-９]+(?:,[0-9０-９]{3})*(?:\.[0-9０-９]+)?[%％‰]?"
_UNIT = re.compile(rf"[{_HAN}]|{_NUMBER}|(?:(?![0-9０-９])[^\W_{_HAN}])+")
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_WRITTEN_DIGITS = "0123456789０１２３４５６７８９"
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_NAME_DIGITS = 5
"""A number of this many digits without a comma is read digit by digit: a telephone number, a code."""
OPENERS = "《〈“‘（「『【〔([{<"
"""Marks that belong to the unit after them; all others belong to the one before."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of a text that can be put at a time."""

    start: int
    end: int
    """Where it stands in the text."""
    syllables: tuple[str, ...]
    """Toneless pinyin; a word of another script is one syllable, itself in lower case."""


def units_of(text: str) -> tuple[Unit, ...]:
    """Return the units of a text in order; what is between them is punctuation and space."""
    spelled = _pinyin(text)
    units = []
    for found in _UNIT.finditer(text):
        sign = found.group()
        if found.start() in spelled:
            syllables: tuple[str, ...] = (spelled[found.start()],)
        elif sign[0] in _WRITTEN_DIGITS:
            read = read_number(sign, text[found.end() : found.end() + 1])
            syllables = tuple(_pinyin(read).values()) or (sign,)
        else:
            syllables = (sign.lower(),)
        units.append(Unit(found.start(), found.end(), syllables))
    return tuple(units)


def pieces_of(text: str, units: Sequence[Unit]) -> tuple[str, ...]:
    """Return the text cut into one piece a unit, with its marks; the pieces join to the text, line breaks apart.

    Closing marks and stops stay with the unit before them, opening marks go to the one after.
    """
    if not units:
        return ()
    cuts = [0]
    for before, after in pairwise(units):
        between = text[before.end : after.start]
        opened = next((n for n, sign in enumerate(between) if sign in OPENERS), len(between))
        cuts.append(before.end + opened)
    cuts.append(len(text))
    return tuple(_unbroken(text[a:b]) for a, b in pairwise(cuts))


def read_number(digits: str, following: str) -> str:
    """Return how a number written in digits is read in Chinese.

    Args:
        digits: such as ``2020``, ``1,500``, ``3.5``, ``15%``.
        following: the character after it; a year is read digit by digit.
    """
    ratio = {"%": "百分之", "％": "百分之", "‰": "千分之"}.get(digits[-1], "")
    body = digits.rstrip("%％‰")
    whole, _, fraction = body.replace(",", "").partition(".")
    is_name = (following == "年" and len(whole) == 4) or whole.startswith("0") or len(body) >= _NAME_DIGITS
    plain = _named(whole) if is_name and "," not in body else _counted(int(whole))
    return ratio + plain + ("点" + _named(fraction) if fraction else "")


def _named(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _counted(value: int) -> str:
    if value == 0:
        return "零"
    if value >= 10 ** (4 * len(_GROUPS)):
        return _named(str(value))
    groups, rest = [], value
    while rest:
        groups.append(rest % 10_000)
        rest //= 10_000
    read = ""
    for place in reversed(range(len(groups))):
        if groups[place]:
            gap = "零" if read and groups[place] < 1000 else ""
            read += gap + _four(groups[place]) + _GROUPS[place]
    return read.removeprefix("一") if read.startswith("一十") else read


def _four(value: int) -> str:
    read, is_gap = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            read += ("零" if is_gap and read else "") + _DIGITS[digit] + _PLACES[place]
            is_gap = False
        else:
            is_gap = True
    return read


def _pinyin(text: str) -> dict[int, str]:
    """Return the toneless pinyin of every Chinese character, by its place; readings follow the words round it."""
    from pypinyin import lazy_pinyin

    spelled: dict[int, str] = {}
    for run in _HAN_RUN.finditer(text):
        signs = run.group().replace("〇", "零")
        readings = lazy_pinyin(signs)
        if len(readings) != len(signs):
            # Characters that nobody gave a reading come in one lump; alone, each comes as itself.
            readings = [lazy_pinyin(sign)[0] for sign in signs]
        spelled.update(zip(range(run.start(), run.end()), readings, strict=True))
    return spelled


def _unbroken(piece: str) -> str:
    return re.sub(r"\s+", " ", piece.replace("\n", "")) if piece.isascii() else piece.replace("\n", "")
