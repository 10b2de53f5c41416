"""The rules by id, and what a rule answers."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.presets import Preset, RuleId
from pipeline.records import Finding, Kind, Level, Measurements, Span
from pipeline.texts import Message


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer; level and source come from the preset."""

    kind: Kind
    measured: str | None = None
    """Written out, without a language."""
    expected: str | None = None
    unit: str | None = None
    spans: tuple[Span, ...] = ()
    detail: Message | None = None
    level: Level | None = None
    """Where the rule knows a graver level than the preset's."""


Rule = Callable[[Measurements, Preset], Verdict]
RULES: dict[RuleId, Rule] = {}


def rule(name: RuleId) -> Callable[[Rule], Rule]:
    """Register a function as the rule of that id."""

    def register(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return register


def apply(name: RuleId, measurements: Measurements, preset: Preset) -> Finding:
    """Return the finding of one rule."""
    verdict = RULES[name](measurements, preset)
    return Finding(
        rule=name,
        level=verdict.level or preset.levels[name],
        kind=verdict.kind,
        measured=verdict.measured,
        expected=verdict.expected,
        unit=verdict.unit,
        spans=verdict.spans,
        detail=verdict.detail,
        source=preset.sources[name],
    )


def passed(is_right: bool) -> Kind:
    """Return ``pass`` or ``fail``."""
    return "pass" if is_right else "fail"
