"""What to do next, and the command that does it."""

import re
from dataclasses import dataclass

from pipeline.records import Report
from pipeline.reporting import words
from pipeline.reporting.findings import ordered
from pipeline.reporting.rule_names import rule_text
from pipeline.texts import _

_CORRECTED = frozenset({"subtitle.script", "subtitle.coverage", "subtitle.layout", "subtitle.terms"})
"""Rules that a corrected subtitle file satisfies."""
_PLAIN_NAME = re.compile(r"[\w.+-]+")
_QUOTABLE = re.compile(r"[^\"'`$\\!%\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next."""

    tone: str
    about: str
    """What it is about; the names of the rules, joined."""
    text: str
    command: str = ""
    """What to type for it; empty when nothing is."""


def steps_of(report: Report, doubts: int) -> tuple[Step, ...]:
    """Return what to do next: one step for all rules that the same act mends, the weightiest first.

    The command stands once, with the last step that corrects the subtitle file.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    correctable = set()
    for finding in ordered(report.findings):
        text = rule_text(finding.rule)
        if finding.kind in {"fail", "review"} and text.remedy:
            key = words.tone(finding), _(text.remedy)
            grouped.setdefault(key, []).append(_(text.title))
            if finding.rule in _CORRECTED:
                correctable.add(key)
    last = [key for key in grouped if key in correctable][-1:] if not doubts else []
    command = burn_command(report)
    steps = [
        Step(key[0], _(", ").join(titles), key[1], command if key in last else "") for key, titles in grouped.items()
    ]
    if doubts:
        steps.append(Step("look", _("Subtitles"), _doubt_advice(doubts), command))
    if not steps:
        said = _("Nothing is left to do: deliver {video}, and {srt} if the organiser asks for it.")
        name = report.measurements.recording.path.name
        steps.append(Step("good", _("Ready"), said.format(video=name, srt=_srt(report))))
    return tuple(steps)


def burn_command(report: Report) -> str:
    """Return the command that burns a corrected subtitle file into the raw recording.

    A name that a shell could take for more than a name is left as the word for it.
    """
    raw = _argument(report.source.name, "RAW") if report.source else "RAW"
    return f"weike burn {raw} {_argument(_srt(report), 'SRT')}"


def _doubt_advice(doubts: int) -> str:
    said = _(
        "Doubtful subtitles: {count}, listed below. Compare them with the sound. "
        "Correct the .srt and run `weike burn`: the video is made again with your words."
    )
    return said.format(count=doubts)


def _srt(report: Report) -> str:
    return report.measurements.sidecar.name if report.measurements.sidecar else f"{report.lecture.name}.srt"


def _argument(name: str, placeholder: str) -> str:
    if name.startswith("-") or not _QUOTABLE.fullmatch(name):
        return placeholder
    return name if _PLAIN_NAME.fullmatch(name) else f'"{name}"'
