"""Dates and times as people write them into a register."""

import re
from datetime import date, datetime, time, timedelta

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*(?:[:：]\s*(\d{2})(?:[:：]\s*\d{2})?|[时点]\s*(?:(\d{1,2})\s*分|(半))?)")
_HALVES = {"上午": 0, "早上": 0, "凌晨": 0, "中午": 12, "下午": 12, "晚上": 12, "am": 0, "pm": 12}
_AFTER = ("", "前", "之前", "以前", "止", "截止")
_EPOCH = datetime(1899, 12, 30)
_SERIALS = (20_000, 80_000)
"""Excel's day numbers of the years 1954 to 2119. Source: ECMA-376, part 1, 18.17.4.1."""


def moment_of(value: object) -> datetime | None:
    """Return the moment that a cell holds, without a time zone; midnight for a date alone; ``None`` for none.

    A date without its year is none: nobody can tell which was meant.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _EPOCH + timedelta(days=value) if _SERIALS[0] <= value <= _SERIALS[1] else None
    return _written(str(value).strip())


def _written(text: str) -> datetime | None:
    found = _DATE.match(text)
    if not found:
        return None
    clock = _clock(text[found.end() :].strip(" ,，T\t"))
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]))
        return None if clock is None else day + clock
    except ValueError:
        return None


def _clock(text: str) -> timedelta | None:
    """Return the time of day in what follows a date; ``None`` when it is no time."""
    text = text.lower()
    half = next((word for word in _HALVES if word in text), None)
    rest = text.replace(half, "").strip() if half else text
    found = _TIME.match(rest)
    if not found:
        return None if rest not in _AFTER else timedelta(hours=12 if half == "中午" else 0)
    if rest[found.end() :].strip() not in _AFTER:
        return None
    hours, minutes = int(found[1]), 30 if found[4] else int(found[2] or found[3] or 0)
    if half and _HALVES[half] == 12 and hours < 12 and not (half == "中午" and hours == 11):
        hours += 12
    if half == "am" and hours == 12:
        hours = 0
    return timedelta(hours=hours, minutes=minutes) if hours < 24 and minutes < 60 else None
