"""The report as a few lines for a terminal: the verdict, then what was missed or doubtful, then a count."""

from pipeline.records import Finding, Flag, Report
from pipeline.reporting.html import plain
from pipeline.reporting.listing import flags_by_weight, removals
from pipeline.reporting.rule_names import RULE_TEXTS
from pipeline.reporting.script import KINDS, is_sure, share_followed
from pipeline.reporting.steps import burn_command
from pipeline.reporting.words import amount, gigabytes, kind_word, length, total_ms
from pipeline.texts import _
from pipeline.timing import clock

_ORDER = ("fail", "review", "open")
_MARKS = {"fail": "✗", "review": "?", "open": "?"}
_LEVELS = ("required", "advised", "note")
_SUGGESTIONS = 5
"""Suggestions that are shown; the report lists all."""


def report_lines(report: Report) -> list[str]:
    """Return the lines, worst findings first; nothing in them can steer a terminal."""
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
    return [plain(line) for line in lines + _doubt_lines(report)]


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
    if report.person_subtitles is not None:
        lines.append(_("· Burned in as a person wrote them: {name}").format(name=report.person_subtitles.name))
    if report.transcript is not None and report.transcript.is_demo_model:
        lines.append(_("! Made with the demo model, which only knows one synthetic voice: do not deliver this."))
    return lines + _script_lines(report) + _flag_lines(report) + _removal_lines(report)


def _script_lines(report: Report) -> list[str]:
    script = report.transcript.script if report.transcript else None
    if script is None:
        return []
    said = _("· The speech follows {share} of the script {name}.")
    sure = [deviation for deviation in script.deviations if is_sure(deviation)]
    lines = [said.format(share=share_followed(script), name=script.path.name)]
    counts = [f"{_(word)} {n}" for kind, word in KINDS.items() if (n := sum(d.kind == kind for d in sure))]
    if counts:
        lines.append(
            _("! It leaves the script: {counts}; the report lists the places.").format(counts="  ".join(counts))
        )
    return lines


def _flag_lines(report: Report) -> list[str]:
    cues = report.cue_sheet.cues if report.cue_sheet else ()
    flagged = sum(bool(cue.flags) for cue in cues)
    if not flagged:
        return []
    lines = [_("! {count} subtitles should be looked at; the report lists them.").format(count=flagged)]
    suggested = [(n, cue, cue.flags[i]) for n, cue, i in flags_by_weight(cues) if cue.flags[i].suggestion]
    for number, cue, flag in suggested[:_SUGGESTIONS]:
        lines.append(f"    {clock(cue.start_ms)}  {number}  {_proposal(flag, cue.text)}")
    if len(suggested) > _SUGGESTIONS:
        lines.append("    " + _("{count} more suggestions").format(count=len(suggested) - _SUGGESTIONS))
    lines.append("    " + _("Correct the .srt and run: {command}").format(command=burn_command(report)))
    return lines


def _proposal(flag: Flag, text: str) -> str:
    share = "" if flag.confidence is None else f"  {flag.confidence:.0%}"
    return f"{flag.found or text} → {flag.suggestion}{share}"


def _removal_lines(report: Report) -> list[str]:
    removed = removals(report)
    if not removed:
        return []
    seconds = total_ms(tuple(removal.span for removal in removed)) / 1000
    said = _("! {count} recognised passages ({seconds} s) are not shown; the report lists them.")
    return [said.format(count=len(removed), seconds=f"{seconds:.0f}")]
