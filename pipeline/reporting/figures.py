"""The report's charts with their words: which curves and rows are drawn, and what they say to a screen reader."""

from dataclasses import dataclass

from pipeline.presets import Preset
from pipeline.records import Cue, Report, Span
from pipeline.reporting import words
from pipeline.reporting.charts import LoudnessChart, Timeline, cue_spans, loudness_chart, timeline
from pipeline.texts import _


@dataclass(frozen=True, slots=True)
class Figures:
    """Both charts at one width."""

    loudness: LoudnessChart | None
    """``None`` when the file has no sound."""
    loudness_summary: str
    timeline: Timeline
    timeline_summary: str


def figures(report: Report, preset: Preset, width: float, height: float = 180) -> Figures:
    """Return the charts of a report in the language in force: ``width`` units wide, the curve ``height`` high."""
    facts = report.measurements
    duration_ms = facts.recording.duration_ms
    loudness, curve, said = facts.loudness, None, ""
    band = preset.sound.accept_min_lufs, preset.sound.accept_max_lufs
    if loudness and loudness.short_term_lufs:
        curve = loudness_chart(loudness.short_term_lufs, loudness.integrated_lufs, band, duration_ms, (width, height))
        said = _loudness_summary(loudness.integrated_lufs, band)
    return Figures(curve, said, timeline(_rows(report), duration_ms, width), _timeline_summary(report))


def _loudness_summary(integrated_lufs: float | None, band: tuple[float, float]) -> str:
    least, most = (words.figure(value, 0) for value in band)
    if integrated_lufs is None:
        return _("The file is silent; accepted are {least} to {most} LUFS.").format(least=least, most=most)
    text = _("As a whole {value} LUFS; accepted are {least} to {most} LUFS.")
    return text.format(value=words.figure(integrated_lufs), least=least, most=most)


def _timeline_summary(report: Report) -> str:
    facts = report.measurements
    text = _("Speaking time {speech}; subtitles on the screen {cues}.")
    return text.format(
        speech=words.length(words.total_ms(facts.speech)),
        cues=words.length(words.total_ms(cue_spans(_cues(report)))),
    )


def _cues(report: Report) -> tuple[Cue, ...]:
    facts, sheet = report.measurements, report.cue_sheet
    return facts.cues if facts.cues is not None else sheet.cues if sheet else ()


def _rows(report: Report) -> tuple[tuple[str, str, tuple[Span, ...]], ...]:
    rows = [
        (_("Speech"), "speech", report.measurements.speech),
        (_("Subtitles"), "cue", cue_spans(_cues(report))),
    ]
    doubts = cue_spans(report.cue_sheet.cues, flagged=True) if report.cue_sheet else ()
    noted = [span for finding in report.findings if finding.kind in {"fail", "review"} for span in finding.spans]
    for label, colour, spans in ((_("Doubtful"), "warn-line", doubts), (_("Findings"), "bad-line", tuple(noted))):
        if spans:
            rows.append((label, colour, spans))
    return tuple(rows)
