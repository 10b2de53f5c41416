"""What is drawn on the screen: on-screen punctuation and the width of a line."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

KEPT_MARKS = "《》〈〉·？！…"
"""Marks that stay on the screen. Source: 高校课程制作规范 (title marks, interpuncts, connectors; tone)."""
CONNECTORS = "—–-－~～/"
"""Signs that join what stands beside them: they stay inside a compound, and go where they stand alone."""
SPACE = "\u3000"
_IN_NUMBER = ".,:*^%‰°℃'’&+@#_"
"""Half-width signs that belong to a number or a Latin word when they touch one."""
_BEFORE_NUMBER = "-+$￥¥€£#@"


_CALL = re.compile(r"(?<=[\w^=+*/])\([^()（）]{1,40}\)|(?<=[\w)])\[[^\[\]]{1,40}\]")
"""Half-width brackets right after what they belong to: ``f(x)``, ``10^(-4)``, ``a[i]``."""


_SPACES = re.compile(r"[ \u3000]*\u3000[ \u3000]*")


def on_screen(text: str) -> str:
    """Return a line as it is drawn: every mark that does not stay becomes one full-width space, none at the ends.

    Marks inside 《》 stay, as do signs inside numbers, Latin words and formulae (``3.5%``, ``COVID-19``, ``f(x)``).
    """
    return _SPACES.sub(SPACE, "".join(drawn_signs(text))).strip(" " + SPACE)


def drawn_signs(text: str) -> list[str]:
    """Return for each character what is drawn in its place: itself, or a space, of which neighbours are not joined."""
    stays = _staying(text)
    return [
        sign if stays[place] else " " if sign == " " and _touches_latin(text, stays, place) else SPACE
        for place, sign in enumerate(text)
    ]


def _staying(text: str) -> list[bool]:
    """Tell for each character whether it is drawn."""
    brackets = _formula_brackets(text)
    stays: list[bool] = []
    depth = 0
    for place, sign in enumerate(text):
        if sign in "《〈》〉":
            depth = depth + 1 if sign in "《〈" else max(0, depth - 1)
        stays.append(_stays(text, place) or place in brackets or (depth > 0 and not sign.isspace()))
    return stays


def _formula_brackets(text: str) -> frozenset[int]:
    """Return the places of brackets that belong to a formula: half-width, with nothing full-width between them."""
    if "(" not in text and "[" not in text:
        return frozenset()
    return frozenset(
        place
        for call in _CALL.finditer(text)
        if call.end() - call.start() == 2 * width(call.group()) and _width(text[call.start() - 1]) == 0.5
        for place in (call.start(), call.end() - 1)
    )


def width(text: str) -> float:
    """Return the width of a line in full-width characters; a half-width character counts one half."""
    return sum(_width(sign) for sign in text)


def reading_chars(screen: str) -> float:
    """Return how much there is to read in what is drawn: its width without spaces, in full-width characters."""
    return sum(_width(sign) for sign in screen if not sign.isspace())


@lru_cache(maxsize=8192)
def _width(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    # Ambiguous signs (dashes, ellipsis, interpunct, quotes) are full-width in a Chinese font.
    kind = unicodedata.east_asian_width(sign)
    return 1.0 if kind in "WF" or (kind == "A" and not sign.isalpha()) else 0.5


@lru_cache(maxsize=8192)
def _always_stays(sign: str) -> bool:
    is_text = sign.isalnum() or unicodedata.category(sign) in {"Mn", "Mc", "Me", "So", "Sc", "Sm"}
    return is_text or sign in KEPT_MARKS


def _stays(text: str, place: int) -> bool:
    sign, before, after = text[place], text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    if _always_stays(sign):
        return True
    if sign in CONNECTORS:
        return (before.isalnum() and after.isalnum()) or (sign in _BEFORE_NUMBER and after.isdigit())
    if sign in _IN_NUMBER:
        return _is_inside(sign, before, after)
    return sign in _BEFORE_NUMBER and after.isdigit()


def _touches_latin(text: str, stays: Sequence[bool], place: int) -> bool:
    """Tell whether a half-width letter, digit or sign of a number stands beside a place, and no mark that goes."""
    around = [n for n in (place - 1, place + 1) if 0 <= n < len(text)]
    return all(stays[n] for n in around) and any(_width(text[n]) == 0.5 for n in around)


def _is_inside(sign: str, before: str, after: str) -> bool:
    if sign in "%‰°℃":
        return before.isdigit()
    if sign in "+#" and _is_latin(before):  # C++, C#
        return True
    if sign in "@#&+" and _is_latin(after):
        return True
    return (_is_latin(before) or before in "+#") and (_is_latin(after) or (sign in "^_*" and after == "("))


def _is_latin(sign: str) -> bool:
    """Tell whether ``sign`` is a letter or digit of half width."""
    return sign.isalnum() and _width(sign) == 0.5
