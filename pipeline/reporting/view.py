"""What the report shows, in the language in force and in the order it is shown: HTML and PDF only lay it out."""

import base64
from dataclasses import dataclass
from pathlib import Path

from pipeline.presets import Preset
from pipeline.records import Finding, ReadBack, Report, Span
from pipeline.reporting import words
from pipeline.reporting.as_json import flags_by_weight, removals
from pipeline.reporting.rule_names import rule_text
from pipeline.texts import N_, _, language
from pipeline.timing import clock

MOST_PLACES = 12
MOST_DOUBTS = 100
_WEIGHTY, _MIDDLING = 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Place:
    """A time code."""

    label: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One finding in words."""

    rule: str
    title: str
    meaning: str
    remedy: str
    """Empty when nothing needs mending."""
    kind: str
    level: str
    tone: str
    measured: str | None
    expected: str | None
    detail: str | None
    source: str
    places: tuple[Place, ...]
    more_places: int
    """How many places are not listed."""


@dataclass(frozen=True, slots=True)
class Section:
    """Findings that belong together."""

    tone: str
    title: str
    lead: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its value and a smaller remark."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next."""

    tone: str
    about: str
    """What it is about; the names of the rules, joined."""
    text: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cue that a person should look at."""

    number: int
    place: Place
    text: str
    reasons: tuple[str, ...]
    weight: str
    tone: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was recognised and is not shown."""

    place: Place
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A cue beside what was read from the picture."""

    number: int
    place: Place
    expected: str
    read: str
    similarity: str
    tone: str
    verdict: str
    image: str | None
    """The frame as a ``data:`` address."""


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
    samples: tuple[Sample, ...]
    doubts: tuple[Doubt, ...]
    more_doubts: int
    removed: tuple[Removed, ...]
    notices: tuple[str, ...]
    created: str
    """Date and time, UTC."""


def view_of(report: Report, preset: Preset) -> View:
    """Return the report in the words of the language in force."""
    doubts = _doubts(report)
    sections = _sections(report)
    return View(
        preset=preset.title.en if language() == "en" else preset.title.zh_CN,
        title=report.lecture.title or report.lecture.name,
        byline=" · ".join(part for part in (report.lecture.speaker, report.lecture.unit) if part),
        verdict=_("Compliant") if report.is_compliant else _("Not compliant"),
        tone="good" if report.is_compliant else "bad",
        headline=_headline(report),
        counts=_counts(report),
        facts=_facts(report),
        alerts=_alerts(report),
        steps=_steps(report, len(doubts)),
        sections=sections,
        samples=tuple(_sample(read, preset) for read in report.measurements.read_backs),
        doubts=doubts[:MOST_DOUBTS],
        more_doubts=max(0, len(doubts) - MOST_DOUBTS),
        removed=tuple(Removed(_place(r.span), r.text, r.reason.show()) for r in removals(report)),
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


def _counts(report: Report) -> tuple[tuple[str, str, int], ...]:
    counted: dict[tuple[str, str], int] = {}
    for finding in _ordered(report.findings):
        key = words.tone(finding), words.kind_word(finding)
        counted[key] = counted.get(key, 0) + 1
    return tuple((tone, word, number) for (tone, word), number in counted.items())


_ORDER = {
    ("fail", "required"): 0, ("fail", "advised"): 1, ("fail", "note"): 2,
    ("review", "required"): 3, ("review", "advised"): 4, ("review", "note"): 5,
    ("open", "required"): 6, ("open", "advised"): 7, ("open", "note"): 8,
}  # fmt: skip
_LAST = {"pass": 9, "notApplicable": 10}


def _ordered(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings, failures first, otherwise in their own order."""
    return sorted(findings, key=lambda f: _ORDER.get((f.kind, f.level), _LAST.get(f.kind, 8)))


_SECTIONS = (
    ("bad", N_("Must be mended"), N_("The notice requires these; the verdict stays negative until they are met.")),
    ("warn", N_("Better mended"), N_("The notice or good practice recommends these; they do not change the verdict.")),
    ("look", N_("For you to look at"), N_("A machine cannot decide these; please look and listen yourself.")),
    ("open", N_("Not determined"), N_("These could not be measured in this file.")),
    ("good", N_("Passed"), N_("Measured from the finished file itself.")),
    ("quiet", N_("Does not apply"), N_("This preset does not ask for these, or the file gives no occasion.")),
)


def _sections(report: Report) -> tuple[Section, ...]:
    groups: dict[str, list[Row]] = {}
    for finding in _ordered(report.findings):
        groups.setdefault(words.tone(finding), []).append(_row(finding))
    return tuple(
        Section(tone, _(title), _(lead), tuple(groups[tone])) for tone, title, lead in _SECTIONS if tone in groups
    )


def _row(finding: Finding) -> Row:
    text = rule_text(finding.rule)
    asks = finding.kind in {"fail", "review"}
    return Row(
        rule=finding.rule,
        title=_(text.title),
        meaning=_(text.meaning) if text.meaning else "",
        # A rule's own advice knows the file; the general one stands in where it is silent.
        remedy=_(text.remedy) if asks and text.remedy and finding.detail is None else "",
        kind=words.kind_word(finding),
        level=words.level_word(finding),
        tone=words.tone(finding),
        measured=words.amount(finding.measured, finding.unit),
        expected=words.amount(finding.expected, finding.unit),
        detail=finding.detail.show() if finding.detail else None,
        source=finding.source,
        places=tuple(_place(span) for span in finding.spans[:MOST_PLACES]),
        more_places=max(0, len(finding.spans) - MOST_PLACES),
    )


def _place(span: Span) -> Place:
    start, end = clock(span.start_ms), clock(span.end_ms)
    return Place(start if start == end else f"{start}–{end}", span.start_ms / 1000)


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


def _steps(report: Report, doubts: int) -> tuple[Step, ...]:
    """Return what to do next: one step for all rules that the same act mends, the weightiest first."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding in _ordered(report.findings):
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


def _doubts(report: Report) -> tuple[Doubt, ...]:
    if report.cue_sheet is None:
        return ()
    made: dict[int, Doubt] = {}
    for number, cue, _index in flags_by_weight(report.cue_sheet.cues):
        if number in made:
            continue
        flags = sorted(cue.flags, key=lambda flag: -flag.weight)
        weight, tone = _weight(flags[0].weight)
        reasons = tuple(flag.message.show() for flag in flags)
        place = _place(Span(cue.start_ms, cue.end_ms))
        made[number] = Doubt(number, place, cue.text, reasons, weight, tone)
    return tuple(made.values())


def _weight(weight: float) -> tuple[str, str]:
    if weight >= _WEIGHTY:
        return _("High"), "bad"
    return (_("Middling"), "warn") if weight >= _MIDDLING else (_("Low"), "quiet")


def _sample(read: ReadBack, preset: Preset) -> Sample:
    enough = read.similarity >= preset.limits.read_back_similarity_min
    return Sample(
        number=read.cue_number,
        place=Place(clock(read.at_ms), read.at_ms / 1000),
        expected=read.expected,
        read=read.read,
        similarity=f"{read.similarity:.0%}",
        tone="good" if enough else "bad",
        verdict=_("Matches") if enough else _("Differs"),
        image=_image(read.thumbnail),
    )


def _image(path: Path | None) -> str | None:
    """Return a JPEG as a ``data:`` address; a picture that is gone is left out, not an error."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data.startswith(b"\xff\xd8") else None


def _notices(report: Report) -> tuple[str, ...]:
    source = report.source.faults if report.source else ()
    repairs = report.delivery.repairs if report.delivery else ()
    said = [message.show() for message in (*source, *repairs, *report.notices, *report.measurements.sidecar_problems)]
    return tuple(dict.fromkeys(said))
