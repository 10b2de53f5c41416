"""What the report shows, in the language in force and in the order it is shown: HTML and PDF only lay it out."""

from dataclasses import dataclass

from pipeline.presets import Preset
from pipeline.records import Report
from pipeline.reporting import words
from pipeline.reporting.doubts import DoubtGroup, Removed, doubt_groups, doubtful_count, removed_of
from pipeline.reporting.findings import Section, counts_of, sections_of
from pipeline.reporting.places import Fact
from pipeline.reporting.samples import ReadBackView, read_back_view
from pipeline.reporting.script import ScriptView, script_view
from pipeline.reporting.steps import Step, steps_of
from pipeline.texts import _, language


@dataclass(frozen=True, slots=True)
class View:
    """The whole report in words."""

    preset: str
    """Title of the preset."""
    title: str
    byline: str
    verdict: str
    tone: str
    headline: str
    counts: tuple[tuple[str, str, int], ...]
    """Tone, word and number of findings."""
    facts: tuple[Fact, ...]
    alerts: tuple[str, ...]
    steps: tuple[Step, ...]
    sections: tuple[Section, ...]
    read_back: ReadBackView | None
    origin: tuple[Fact, ...]
    """Where the subtitles' words come from; empty for a file that was only checked."""
    script: ScriptView | None
    doubts: tuple[DoubtGroup, ...]
    doubtful: int
    """Number of doubtful cues, over all groups."""
    removed: tuple[Removed, ...]
    notices: tuple[str, ...]
    created: str
    """Date and time, UTC."""


def view_of(report: Report, preset: Preset) -> View:
    """Return the report in the words of the language in force."""
    doubtful = doubtful_count(report)
    return View(
        preset=preset.title.en if language() == "en" else preset.title.zh_CN,
        title=report.lecture.title or report.lecture.name,
        byline=" · ".join(part for part in (report.lecture.speaker, report.lecture.unit) if part),
        verdict=_("Compliant") if report.is_compliant else _("Not compliant"),
        tone="good" if report.is_compliant else "bad",
        headline=_headline(report),
        counts=counts_of(report),
        facts=_facts(report),
        alerts=_alerts(report),
        steps=steps_of(report, doubtful),
        sections=sections_of(report),
        read_back=read_back_view(report.measurements, preset),
        origin=_origin(report),
        script=script_view(report),
        doubts=doubt_groups(report),
        doubtful=doubtful,
        removed=removed_of(report),
        notices=_notices(report),
        created=f"{words.moment(report.created_utc):%Y-%m-%d %H:%M}",
    )


def _headline(report: Report) -> str:
    missed = sum(finding.is_miss for finding in report.findings)
    if missed:
        return _("Requirements missed: {count}. Mend them and check the video again.").format(count=missed)
    undecided = sum(f.kind in {"review", "open"} and f.level == "required" for f in report.findings)
    if undecided:
        text = _("No requirement was found missed, but a machine cannot decide all of them. Please check: {count}.")
        return text.format(count=undecided)
    advised = sum(finding.kind == "fail" and finding.level == "advised" for finding in report.findings)
    if advised:
        return _("All requirements are met. Recommendations missed: {count}.").format(count=advised)
    return _("All requirements and recommendations are met.")


def _facts(report: Report) -> tuple[Fact, ...]:
    facts = report.measurements
    recording, loudness = facts.recording, facts.loudness
    made = [Fact(_("Length"), words.length(recording.duration_ms))]
    if recording.video:
        rate = _("{rate} frames a second").format(rate=words.rate(recording.video.frame_rate))
        made.append(Fact(_("Picture"), f"{recording.video.width}×{recording.video.height}", rate))
    made.append(Fact(_("File size"), words.gigabytes(report.size_bytes), words.size_note(report.size_bytes)))
    if loudness and loudness.integrated_lufs is not None:
        peak = loudness.true_peak_dbtp
        note = "" if peak is None else _("True peak {value} dBTP").format(value=words.figure(peak))
        made.append(Fact(_("Loudness"), f"{words.figure(loudness.integrated_lufs)} LUFS", note))
    else:
        made.append(Fact(_("Loudness"), _("Silent"), _("The file holds no audible sound.")))
    if facts.cues is not None:
        made.append(
            Fact(
                _("Subtitles"),
                _("{count} in all").format(count=len(facts.cues)),
                facts.sidecar.name if facts.sidecar else "",
            )
        )
    return tuple(made)


def _alerts(report: Report) -> tuple[str, ...]:
    if not (report.transcript and report.transcript.is_demo_model):
        return ()
    text = _(
        "The subtitles come from the demonstration model {model}. It knows one synthetic voice only and makes mistakes "
        "on real speech: use a full model before you deliver anything."
    )
    return (text.format(model=report.transcript.model),)


def _origin(report: Report) -> tuple[Fact, ...]:
    """Return whose words the subtitles are, and what recognised them."""
    made = []
    if report.person_subtitles:
        note = _("Its words were burned in as they are.")
        made.append(Fact(_("Corrected by a person"), report.person_subtitles.name, note))
    transcript = report.transcript
    if transcript and transcript.script:
        note = _("Its words are shown wherever the speech follows it.")
        made.append(Fact(_("Script"), transcript.script.path.name, note))
    if transcript:
        note = _("Demonstration model: not for real lectures") if transcript.is_demo_model else ""
        made.append(Fact(_("Recognised by"), f"{transcript.engine} · {transcript.model}", note))
    return tuple(made)


def _notices(report: Report) -> tuple[str, ...]:
    source = report.source.faults if report.source else ()
    repairs = report.delivery.repairs if report.delivery else ()
    said = [message.show() for message in (*source, *repairs, *report.notices, *report.measurements.sidecar_problems)]
    return tuple(dict.fromkeys(said))
