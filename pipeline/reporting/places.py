"""Time codes and facts, as the page shows them."""

from dataclasses import dataclass

from pipeline.records import Span
from pipeline.timing import clock


@dataclass(frozen=True, slots=True)
class Place:
    """A time code."""

    label: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its value and a smaller remark."""

    label: str
    value: str
    note: str = ""


def place_of(span: Span) -> Place:
    """Return the time code of a stretch."""
    start, end = clock(span.start_ms), clock(span.end_ms)
    return Place(start if start == end else f"{start}–{end}", span.start_ms / 1000)
