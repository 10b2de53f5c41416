"""Values in the JSON report: messages in every language, times, spans, numbers."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from pipeline.records import Span
from pipeline.reporting.words import GB, GIB, clock_hms
from pipeline.texts import LANGUAGES, Message, _, speaking

Data = dict[str, Any]


def both(message: Message) -> dict[str, str]:
    """Return a message in every language, under the language's name."""
    shown = {}
    for name in LANGUAGES:
        with speaking(name):
            shown[name] = message.show()
    return shown


def messages(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Return messages in every language."""
    return [both(message) for message in messages]


def said(text: str) -> dict[str, str]:
    """Return a marked text in every language, under the language's name."""
    shown = {}
    for name in LANGUAGES:
        with speaking(name):
            shown[name] = _(text)
    return shown


def time_of(time_ms: int) -> Data:
    """Return a point or length of time."""
    return {"ms": time_ms, "clock": clock_hms(time_ms)}


def span_of(span: Span) -> Data:
    """Return a stretch of time."""
    return {"start": time_of(span.start_ms), "end": time_of(span.end_ms)}


def number_of(value: float | None, digits: int = 2) -> float | None:
    """Return a rounded finite number; what is silent or unknown has none."""
    return None if value is None or not abs(value) < float("inf") else round(value, digits)


def fraction_of(value: Fraction) -> Data:
    """Return an exact fraction and its value."""
    return {"exact": f"{value.numerator}/{value.denominator}", "value": round(float(value), 6)}


def size_of(size_bytes: int) -> Data:
    """Return a size in bytes, GB and GiB."""
    return {"bytes": size_bytes, "gb": round(size_bytes / GB, 6), "gib": round(size_bytes / GIB, 6)}
