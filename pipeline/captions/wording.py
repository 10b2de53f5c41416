"""Wording hints: usual slips in the wording of lectures, each with what is asked for; suggestions for a person.

Source: 高校课程制作规范 (years in full, centuries counted, 新中国成立以来, 苏联, 其他).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_DIGITS = "〇零一二三四五六七八九"
_NUMERAL = f"[{_DIGITS}十百千万两\\d]"


@dataclass(frozen=True, slots=True)
class Hint:
    """A piece of a text, and what is asked for in its place."""

    found: str
    suggestion: str
    confidence: float
    """0 to 1: how surely the piece means what the suggestion says."""


def _year(match: re.Match[str]) -> str:
    return f"19{_as_digits(match.group(1))}年"


def _decade(match: re.Match[str]) -> str:
    return f"20世纪{_as_digits(match.group(1))}年代"


def _as_digits(text: str) -> str:
    """Return two numerals as Arabic digits: 九零, 90 and 九十 are 90."""
    text = re.sub(r"(?<=.)十$", "0", text)
    return "".join(
        str("零一二三四五六七八九".find(sign.replace("〇", "零"))) if sign in _DIGITS else sign for sign in text
    )


_TWO = rf"(?<!{_NUMERAL})(?<![.第近约])([3-9]\d|[三四五六七八九][{_DIGITS}])"
_PATTERNS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], float], ...] = (
    (re.compile("上(?:个)?世纪"), "20世纪", 0.8),
    (re.compile("前苏联"), "苏联", 0.9),
    (re.compile("其它"), "其他", 0.8),
    (re.compile("(?<!新中国)(?<!共和国)建国(?=以来|以后|之后|后|初期|前|之前|以前)"), "新中国成立", 0.7),
    (re.compile(r"(?<!新中国)建国(?=\d+周年|[一二三四五六七八九十]+周年)"), "新中国成立", 0.6),
    (re.compile(rf"(?<!世纪)(?<!{_NUMERAL})([3-9]0|[三四五六七八九]十)年代"), _decade, 0.8),
    (
        re.compile(rf"{_TWO}年(?=\d{{1,2}}月|[一二三四五六七八九十]{{1,3}}月|初|底|末|春|夏|秋|冬|[上下]半年)"),
        _year,
        0.8,
    ),
    (re.compile(rf"(?<=[从自在于])([3-9]\d|[三四五六七八九][{_DIGITS}])年(?!代|[来后前内间里多的])"), _year, 0.6),
)


def find_wording(text: str) -> tuple[Hint, ...]:
    """Return the hints on a text in order, not overlapping."""
    found: list[tuple[int, Hint]] = []
    taken: set[int] = set()
    for pattern, right, confidence in _PATTERNS:
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                suggestion = right if isinstance(right, str) else right(match)
                found.append((match.start(), Hint(match.group(), suggestion, confidence)))
    return tuple(hint for _, hint in sorted(found, key=lambda item: item[0]))
