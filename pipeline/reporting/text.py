"""The report as a few lines for a terminal: the verdict, then what was missed or doubtful, then a count."""

from pipeline.records import Finding, Report
from pipeline.reporting.rule_names import RULE_TEXTS
from pipeline.reporting.words import amount, gigabytes, kind_word, length, total_ms
from pipeline.texts import _

_ORDER = ("fail", "review", "open")
_MARKS = {"fail": "✗", "review": "?", "open": "?"}
_LEVELS = ("required", "advised", "note")


def report_lines(report: Report) -> list[str]:
    """Return the lines, worst findings first."""
    verdict = _("Compliant") if report.is_compliant else _("Not compliant")
    lines = [
        f"{verdict}  ·  {report.preset} {report.preset_title}",
        f"{length(report.measurements.recording.duration_ms)}  ·  {gigabytes(report.size_bytes)}  ·  "
        f"SHA-256 {report.sha256[:16]}…",
    ]
    shown = [finding for finding in report.findings if finding.kind in _ORDER]
    shown.sort(key=lambda finding: (_ORDER.index(finding.kind), _LEVELS.index(finding.level)))
    for finding in shown:
        lines += _finding_lines(finding)
    passed = sum(finding.kind == "pass" for finding in report.findings)
    lines.append(_("✓ {count} rules passed").format(count=passed))
    lines += _doubt_lines(report)
    return lines


def _finding_lines(finding: Finding) -> list[str]:
    measured, expected = (amount(value, finding.unit) for value in (finding.measured, finding.expected))
    values = _("{measured} (expected {expected})").format(measured=measured or "–", expected=expected or "–")
    title = _(RULE_TEXTS[finding.rule].title)
    lines = [f"{_MARKS[finding.kind]} {kind_word(finding)}  {title} [{finding.rule}]  {values}"]
    if finding.detail is not None:
        lines.append(f"    {finding.detail.show()}")
    return lines


def _doubt_lines(report: Report) -> list[str]:
    lines = []
    if report.transcript is not None and report.transcript.is_demo_model:
        lines.append(_("! Made with the demo model, which only knows one synthetic voice: do not deliver this."))
    if report.cue_sheet is not None:
        flagged = sum(bool(cue.flags) for cue in report.cue_sheet.cues)
        removed = report.cue_sheet.removals
        if flagged:
            lines.append(_("! {count} subtitles should be looked at; the report lists them.").format(count=flagged))
        if removed:
            seconds = total_ms(tuple(removal.span for removal in removed)) / 1000
            lines.append(
                _("! {count} recognised passages ({seconds} s) are not shown; the report lists them.").format(
                    count=len(removed), seconds=f"{seconds:.0f}"
                )
            )
    return lines
