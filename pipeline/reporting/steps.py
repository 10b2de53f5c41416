"""What to do next."""

from dataclasses import dataclass

from pipeline.records import Report
from pipeline.reporting import words
from pipeline.reporting.findings import ordered
from pipeline.reporting.rule_names import rule_text
from pipeline.texts import _


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next."""

    tone: str
    about: str
    """What it is about; the names of the rules, joined."""
    text: str


def steps_of(report: Report, doubts: int) -> tuple[Step, ...]:
    """Return what to do next: one step for all rules that the same act mends, the weightiest first."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding in ordered(report.findings):
        text = rule_text(finding.rule)
        if finding.kind in {"fail", "review"} and text.remedy:
            grouped.setdefault((words.tone(finding), _(text.remedy)), []).append(_(text.title))
    steps = [Step(tone, _(", ").join(titles), remedy) for (tone, remedy), titles in grouped.items()]
    srt = report.measurements.sidecar.name if report.measurements.sidecar else f"{report.lecture.name}.srt"
    if doubts:
        said = _("Doubtful subtitles: {count}, listed below. Compare them with the sound before you deliver the video.")
        steps.append(Step("look", _("Subtitles"), said.format(count=doubts)))
    if not steps:
        said = _("Nothing is left to do: deliver {video}, and {srt} if the organiser asks for it.")
        name = report.measurements.recording.path.name
        steps.append(Step("good", _("Ready"), said.format(video=name, srt=srt)))
    return tuple(steps)
