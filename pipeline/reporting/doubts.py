"""Cues that a person should look at, and words that are not shown."""

from dataclasses import dataclass

from pipeline.records import Report, Span
from pipeline.reporting.listing import flags_by_weight, removals
from pipeline.reporting.places import Place, place_of
from pipeline.texts import _

_WEIGHTY, _MIDDLING = 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cue that a person should look at."""

    number: int
    place: Place
    text: str
    reasons: tuple[str, ...]
    weight: str
    tone: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was recognised and is not shown."""

    place: Place
    text: str
    reason: str


def doubts_of(report: Report) -> tuple[Doubt, ...]:
    """Return the flagged cues, the weightiest first."""
    if report.cue_sheet is None:
        return ()
    made: dict[int, Doubt] = {}
    for number, cue, _index in flags_by_weight(report.cue_sheet.cues):
        if number in made:
            continue
        flags = sorted(cue.flags, key=lambda flag: -flag.weight)
        weight, tone = _weight(flags[0].weight)
        reasons = tuple(flag.message.show() for flag in flags)
        place = place_of(Span(cue.start_ms, cue.end_ms))
        made[number] = Doubt(number, place, cue.text, reasons, weight, tone)
    return tuple(made.values())


def removed_of(report: Report) -> tuple[Removed, ...]:
    """Return everything that was recognised and is not shown, in order of time."""
    return tuple(Removed(place_of(item.span), item.text, item.reason.show()) for item in removals(report))


def _weight(weight: float) -> tuple[str, str]:
    if weight >= _WEIGHTY:
        return _("High"), "bad"
    return (_("Middling"), "warn") if weight >= _MIDDLING else (_("Low"), "quiet")
