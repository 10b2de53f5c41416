"""Measurements of a finished file judged by a preset: one small function a rule, registered under its id.

Rules know records and presets only. A rule that cannot be judged says so (``notApplicable``, ``open``) and never
raises.
"""

from pipeline.presets import RULE_IDS, Preset
from pipeline.records import Finding, Measurements
from pipeline.rules import audio, container, layout, picture, subtitle, sync, titles, video
from pipeline.rules.registry import RULES, apply

__all__ = ["RULES", "judge"]

_FILES = (container, video, sync, audio, picture, subtitle, layout, titles)
"""The modules whose import registers the rules."""


def judge(measurements: Measurements, preset: Preset) -> tuple[Finding, ...]:
    """Return one finding a rule, in the order of the preset's rule table."""
    return tuple(apply(name, measurements, preset) for name in RULE_IDS)
