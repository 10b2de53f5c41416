"""Which characters may stand in simplified Chinese subtitles.

A Chinese character is standard when GB 2312 has it, or when no converter from traditional or Japanese forms would
change it, or when the 通用规范汉字表 took it back for names and terms although the converters change it. Source: Law on
the Standard Spoken and Written Chinese Language, article 14; 通用规范汉字表 (2013).
"""

import unicodedata
from functools import lru_cache
from typing import Any

_RESTORED = frozenset("氾扞苧昇祕陞脩蒐劄谿釐麹爇")
"""In the 通用规范汉字表, outside GB 2312, and still changed by converters."""
_STRAY_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_OTHER_SCRIPTS = ("HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "HALFWIDTH KATAKANA", "HALFWIDTH HANGUL")
_ALLOWED_MARKS = "\t\n\u30fb"


def offending(text: str) -> tuple[str, ...]:
    """Return the characters of ``text`` that do not belong into simplified subtitles, in order, each once."""
    return tuple(dict.fromkeys(mark for mark in text if not _belongs(mark)))


@lru_cache(maxsize=8192)
def _belongs(mark: str) -> bool:
    if mark.isascii():
        return mark.isprintable() or mark in _ALLOWED_MARKS
    if mark in _ALLOWED_MARKS:
        return True
    if mark == "\ufffd" or unicodedata.category(mark) in _STRAY_CATEGORIES:
        return False
    name = unicodedata.name(mark, "")
    if name.startswith(_OTHER_SCRIPTS):
        return False
    return not name.startswith("CJK ") or "IDEOGRAPH" not in name or _is_standard(mark)


def _is_standard(character: str) -> bool:
    if character in _RESTORED or _in_gb2312(character):
        return True
    if unicodedata.name(character, "").startswith("CJK COMPATIBILITY"):
        return False
    return all(converter.convert(character) == character for converter in _converters())


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache
def _converters() -> tuple[Any, ...]:
    """Return the converters whose input is no simplified Chinese; they load when a rare character asks for them."""
    import opencc

    return (opencc.OpenCC("t2s"), opencc.OpenCC("jp2t"))
