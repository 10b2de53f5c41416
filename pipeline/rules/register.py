"""Rules on what is registered for a lecture: complete, in time, and files that are called after their theme."""

from datetime import datetime

from pipeline.names import why_not_a_theme
from pipeline.presets import Preset, RegisterRuleId
from pipeline.records import Finding, Kind
from pipeline.season import Entry, Timeliness
from pipeline.texts import N_, Message


def judge_register(entry: Entry | None, name: str, preset: Preset) -> tuple[Finding, ...]:
    """Return what the rules say of a lecture's row and of the name of its files.

    Args:
        entry: its row; ``None`` without a register, which then is not judged.
        name: what the delivered files are called, without an ending.
        preset: the demands.
    """
    found = [_finding("register.name", *_named_by_theme(name), preset)]
    if entry is not None:
        found.insert(0, _finding("register.complete", *_complete(entry, preset), preset))
    return tuple(found)


def timeliness(moment: datetime | None, deadline: datetime | None) -> Timeliness | None:
    """Return whether a moment keeps a deadline; ``None`` where there is no deadline.

    A moment without a time zone is a local time of the deadline's zone.
    """
    if deadline is None:
        return None
    if moment is None:
        return "missing"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=deadline.tzinfo)
    return "on_time" if aware <= deadline else "late"


def _complete(entry: Entry, preset: Preset) -> tuple[Kind, str | None, str | None, Message | None]:
    missing = [key for key in ("title", "speaker", "planned_at") if not getattr(entry, key)]
    if missing:
        said = Message(N_("Title, speaker or planned delivery is not registered."))
        return "fail", ", ".join(missing), "title, speaker, planned_at", said
    limits = preset.deadlines
    checks = (
        (entry.registered_at, limits.registered_by, N_("Registered at {moment}, after {deadline}.")),
        (entry.planned_at, limits.delivered_by, N_("Planned for {moment}, after {deadline}.")),
    )
    for moment, deadline, late in checks:
        if moment is not None and deadline is not None and timeliness(moment, deadline) == "late":
            shown = {"moment": f"{moment:%Y-%m-%d %H:%M}", "deadline": f"{deadline:%Y-%m-%d %H:%M}"}
            return "fail", shown["moment"], f"≤ {shown['deadline']}", Message(late, shown)
    return "pass", None, None, None


def _named_by_theme(name: str) -> tuple[Kind, str | None, str | None, Message | None]:
    reason = why_not_a_theme(name)
    if reason:
        return "fail", name, None, Message(reason, {"name": name})
    return "pass", name, None, None


def _finding(
    rule: RegisterRuleId,
    kind: Kind,
    measured: str | None,
    expected: str | None,
    detail: Message | None,
    preset: Preset,
) -> Finding:
    return Finding(rule, preset.levels[rule], kind, measured, expected, detail=detail, source=preset.sources[rule])
