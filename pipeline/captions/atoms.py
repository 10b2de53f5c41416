"""Atoms: pieces of a transcript that a line break never cuts. Words, numbers with units, names, titles in 《》."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.captions.screen import CONNECTORS, on_screen, width
from pipeline.captions.words import CLOSERS, OPENERS, Sign, inside_titles

_COMPOUND_MAX = 10.0
"""Numbers, names and compounds are kept whole up to this width, in full-width characters."""
_FORMULA_MAX = 14.0
"""So for formulae that are written with spaces."""
_OPERATORS = tuple("=+*/<>^≤≥≈≠±×÷·∈→")
_UNITS = frozenset(
    "年月日号时点分秒天周岁人名位个只条件项次届期章节页行步层级倍成元角亿万千百度米克升吨里寸尺亩斤两钱代家所座台辆艘股"
)
_LATIN_UNIT = re.compile(r"[KMGTPkcmnμ]?i?[BbmgWVsLA]|[kMG]?Hz|[kM]?bps|min|kWh|fps|dB|mol|px|[Kk]m/h")
_PARTICLES = frozenset("的地得了着过们吗呢吧啊呀嘛么里中上下内外前后间等")
"""Single words that belong to what stands before them."""
_PARTICLE_TAGS = frozenset({"uj", "ul", "uz", "ug", "ud", "uv", "y", "k", "f", "u"})
_NAME_TAGS = frozenset({"nr", "nrt", "nrfg"})
_HONORIFICS = frozenset(
    {
        "同志",
        "总书记",
        "书记",
        "主席",
        "总理",
        "教授",
        "院士",
        "老师",
        "先生",
        "女士",
        "博士",
        "医生",
        "校长",
        "院长",
        "部长",
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, mark or space as jieba cuts it."""

    text: str
    tag: str
    """Part of speech in jieba's letters; ``x`` for marks and spaces."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of text that is never cut, with the marks round it."""

    text: str
    """Master text; a space after it belongs to it."""
    start_ms: int
    end_ms: int
    probability: float
    """Lowest of its words."""
    first: Token
    """Its first word."""
    last: Token
    """Its last word."""
    is_forced: bool = False
    """A part of something that is wider than a line and so was cut after all."""


def find_atoms(signs: Sequence[Sign], max_chars: float) -> tuple[Atom, ...]:
    """Return the atoms of a run of characters, in order; together they hold all its text.

    Args:
        signs: master text with times.
        max_chars: width of a line in full-width characters; what is wider is cut after all, and marked so.
    """
    import rjieba

    tokens = [Token(text, tag) for text, tag in rjieba.tag("".join(sign.text for sign in signs))]
    atoms: list[Atom] = []
    done = 0
    for group in _groups(tokens, max_chars):
        parts = _fitting(group, max_chars)
        for part in parts:
            length = sum(len(token.text) for token in part)
            atoms.append(_atom(signs[done : done + length], part, is_forced=len(parts) > 1))
            done += length
    return tuple(atoms)


def _groups(tokens: Sequence[Token], max_chars: float) -> list[list[Token]]:
    """Join tokens that belong together."""
    groups: list[list[Token]] = []
    inside = inside_titles("".join(token.text for token in tokens))
    place = 0
    for token in tokens:
        if groups and (place in inside or _is_bound(groups[-1], token, max_chars)):
            groups[-1].append(token)
        else:
            groups.append([token])
        place += len(token.text)
    return groups


def _is_bound(group: list[Token], token: Token, max_chars: float) -> bool:
    """Tell whether ``token`` belongs to what stands before it."""
    before = group[-1]
    if token.text.isspace() or _is_trailing(token.text) or _is_attached(token.text[0]):
        return True
    if token.text in OPENERS:
        return before.text in OPENERS
    if before.text in OPENERS:
        return True
    joined = width("".join(part.text for part in group) + token.text)
    if before.text[-1] == "·":
        return joined <= max_chars
    if before.text[-1] in CONNECTORS or token.text in CONNECTORS:
        return joined <= _COMPOUND_MAX
    if _continues_latin(group, token, joined, max_chars):
        return True
    if before.text in CLOSERS and _is_suffix(token):
        return joined <= max_chars
    if token.tag == "x" or before.tag == "x":
        # Across a space only Latin text is one: 10 GB, Python 3.11.
        if before.text != " " or len(group) == 1 or joined > _COMPOUND_MAX:
            return False
        return _is_quantity(group[-2], token) or (group[-2].tag == "eng" and token.tag == "m")
    return joined <= _COMPOUND_MAX and (_is_suffix(token) or _is_quantity(before, token) or _is_name(before, token))


def _is_trailing(text: str) -> bool:
    """Tell whether a mark belongs to what stands before it."""
    sign = text[0]
    return not sign.isalnum() and sign not in OPENERS and sign not in CONNECTORS and sign not in "$￥¥€£#@\"'"


def _continues_latin(group: Sequence[Token], token: Token, joined: float, max_chars: float) -> bool:
    """Tell whether half-width text goes on: without a space, or after the operator of a formula."""
    if not _is_half(token.text[0]):
        return False
    if _is_half(group[-1].text[-1]):
        return joined <= max_chars
    written = "".join(part.text for part in group).rstrip()
    return written.endswith(_OPERATORS) and joined <= min(_FORMULA_MAX, max_chars)


def _is_attached(sign: str) -> bool:
    """Tell whether a sign is part of what stands before it: an accent, an exponent, an index."""
    return unicodedata.category(sign)[0] == "M" or unicodedata.decomposition(sign).startswith(("<super>", "<sub>"))


def _is_suffix(token: Token) -> bool:
    return len(token.text) == 1 and (token.text in _PARTICLES or token.tag in _PARTICLE_TAGS)


def _is_quantity(before: Token, token: Token) -> bool:
    """Tell whether ``before token`` is a number with its unit, or a number in two pieces."""
    if before.tag != "m" and not before.text.isdigit():
        return False
    return token.tag in {"m", "q"} or token.text in _UNITS or _LATIN_UNIT.fullmatch(token.text) is not None


def _is_name(before: Token, token: Token) -> bool:
    if before.tag not in _NAME_TAGS:
        return False
    return token.text in _HONORIFICS or (token.tag in _NAME_TAGS and len(before.text) == 1)


def _is_half(sign: str) -> bool:
    """Tell whether a sign is of half width: Latin, Greek, a digit, a mark between them, an accent."""
    return not sign.isspace() and width(sign) <= 0.5


def _fitting(group: list[Token], max_chars: float) -> list[list[Token]]:
    """Return a group in parts that each fit into a line: the whole of it, its words, or pieces of a word."""
    if _fits(group, max_chars):
        return [group]
    parts: list[list[Token]] = [[]]
    for token in group:
        for piece in _pieces(token, max_chars):
            if parts[-1] and not _fits([*parts[-1], piece], max_chars):
                parts.append([])
            parts[-1].append(piece)
    return parts


def _fits(tokens: Sequence[Token], max_chars: float) -> bool:
    return width(on_screen("".join(token.text for token in tokens))) <= max_chars


def _pieces(token: Token, max_chars: float) -> list[Token]:
    if _fits([token], max_chars):
        return [token]
    step = max(1, int(max_chars))
    return [Token(token.text[n : n + step], token.tag) for n in range(0, len(token.text), step)]


def _atom(signs: Sequence[Sign], tokens: Sequence[Token], *, is_forced: bool) -> Atom:
    words = [token for token in tokens if token.tag != "x"] or list(tokens)
    spoken = [sign for sign in signs if sign.text.isalnum()] or list(signs)
    return Atom(
        text="".join(sign.text for sign in signs),
        start_ms=spoken[0].start_ms,
        end_ms=spoken[-1].end_ms,
        probability=min(sign.probability for sign in spoken),
        first=words[0],
        last=words[-1],
        is_forced=is_forced,
    )
