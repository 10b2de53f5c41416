"""Where another speaker begins, as far as a transcript's text says so.

Two signs count: a label with a colon (``主持人：``, ``甲：``, or a person's name that labels two or more turns), and a
single dash at the beginning of a sentence (``- 你好``, ``—你好``); a double dash is punctuation. A cue never holds two
turns; the label is shown, the dash is not, since each cue has one speaker. What sounds like another voice without being
marked is nobody's to guess here.
"""

import re
from collections import Counter

_ROLES = (
    "主持人|主讲人|主讲|嘉宾|记者|旁白|画外音|解说|解说员|老师|教师|教授|学生|同学|提问者|观众|听众|采访者|受访者|"
    "男声|女声|男|女|问|答|甲|乙|丙|丁|戊"
)
_BEGIN = r"(?:^|(?<=[。？！…；”’!?\s]))"
_LABEL = re.compile(rf"{_BEGIN}(?:(?:{_ROLES})[A-Za-z\d一二三四五六七八九十甲乙丙丁]?|[A-Z]|发言人\s?\d+)[：:]")
_NAME_LABEL = re.compile(rf"{_BEGIN}([\u4e00-\u9fff]{{2,4}})[：:]")
_DASH = re.compile(r"(?:^|(?<=[。？！…”’!?])\s*)[—–-](?![—–\-\d])")
_NAME_TAGS = frozenset({"nr", "nrt", "nrfg"})


def speaker_names(text: str) -> frozenset[str]:
    """Return the names that label turns in the text of a whole lecture."""
    import rjieba

    counts = Counter(_NAME_LABEL.findall(text))
    return frozenset(
        name for name, count in counts.items() if count >= 2 and all(tag in _NAME_TAGS for _, tag in rjieba.tag(name))
    )


def turns(text: str, names: frozenset[str] = frozenset()) -> tuple[int, ...]:
    """Return the places where a turn begins, in order, without the beginning of the text.

    Args:
        text: master text of a run.
        names: people whose names label turns, from ``speaker_names``.
    """
    places = {match.start() for match in _LABEL.finditer(text)}
    places |= {match.end() - 1 for match in _DASH.finditer(text)}
    places |= {match.start() for match in _NAME_LABEL.finditer(text) if match.group(1) in names}
    return tuple(sorted(places - {0}))
