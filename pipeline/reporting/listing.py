"""What the report lists, gathered from the records and put in order."""

from pipeline.records import Cue, Removal, Report


def flags_by_weight(cues: tuple[Cue, ...]) -> list[tuple[int, Cue, int]]:
    """Return ``(cue number from 1, cue, index of the flag)`` for every flag, the weightiest first, then by time."""
    found = [(n, cue, i) for n, cue in enumerate(cues, 1) for i in range(len(cue.flags))]
    return sorted(found, key=lambda item: (-item[1].flags[item[2]].weight, item[0]))


def removals(report: Report) -> tuple[Removal, ...]:
    """Return everything that was recognised and is not shown, in order of time, each once."""
    everywhere = (report.transcript, report.cue_sheet)
    found = {(r.span, r.text): r for place in everywhere if place for r in place.removals}
    return tuple(found[key] for key in sorted(found))
