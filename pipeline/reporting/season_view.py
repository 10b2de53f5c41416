"""What the report of a season shows, in the language in force; pages and the workbook only lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.presets import Preset
from pipeline.records import Finding
from pipeline.reporting import words
from pipeline.reporting.rule_names import rule_text
from pipeline.season import BadCell, SeasonRow, Timeliness, Verdict
from pipeline.texts import N_, _, language

VERDICTS: dict[Verdict, tuple[str, str]] = {
    "failed": (N_("Failed"), "warn"),
    "noncompliant": (N_("Not compliant"), "bad"),
    "waiting": (N_("Not done"), "quiet"),
    "compliant": (N_("Compliant"), "good"),
}
"""Word and tone of each verdict, the most urgent first."""
REGISTRATIONS: dict[Timeliness, str] = {
    "on_time": N_("Registered in time"),
    "late": N_("Registered late"),
    "missing": N_("No date of registration"),
}
DELIVERIES: dict[Timeliness, str] = {
    "on_time": N_("Delivered in time"),
    "late": N_("Delivered late"),
    "missing": N_("Not delivered"),
}
_TONES: dict[Timeliness, str] = {"on_time": "good", "late": "warn", "missing": "quiet"}


@dataclass(frozen=True, slots=True)
class Line:
    """One lecture in words."""

    number: int
    """From 1, in the order of the register or folder."""
    verdict: Verdict
    word: str
    tone: str
    title: str
    byline: str
    reasons: tuple[str, ...]
    """Why it is not compliant or failed, or what a person should look at."""
    advice: str
    length: str
    size: str
    sha256: str
    times: tuple[tuple[str, str], ...]
    """Tone and words on registration, plan and delivery, as far as they are known."""
    registration: str
    """Words, or empty; so is ``delivery``."""
    delivery: str
    report: str | None
    """Path of its own report from the output folder."""
    video: str | None


@dataclass(frozen=True, slots=True)
class SeasonView:
    """The whole report of a season in words."""

    preset: str
    headline: str
    tone: str
    counts: tuple[tuple[Verdict, str, str, int], ...]
    """Verdict, word, tone and number of lectures, the most urgent first; all of them."""
    lines: tuple[Line, ...]
    length: str
    """Of all deliveries together."""
    size: str
    created: str
    has_register: bool
    deadline: str


def season_view(rows: Sequence[SeasonRow], preset: Preset, created_utc: str) -> SeasonView:
    """Return the season in the language in force."""
    made = [row.delivered for row in rows if row.delivered]
    verdicts = [row.verdict for row in rows]
    deadline = preset.deadlines.delivered_by
    return SeasonView(
        preset=preset.title.en if language() == "en" else preset.title.zh_CN,
        headline=_headline(rows),
        tone=next((tone for verdict, (_word, tone) in VERDICTS.items() if verdict in verdicts), "good"),
        counts=tuple((v, _(word), tone, verdicts.count(v)) for v, (word, tone) in VERDICTS.items()),
        lines=tuple(_line(number, row) for number, row in enumerate(rows, 1)),
        length=words.length(sum(delivered.duration_ms for delivered in made)),
        size=words.gigabytes(sum(delivered.size_bytes for delivered in made)),
        created=f"{words.moment(created_utc):%Y-%m-%d %H:%M}",
        has_register=any(row.entry for row in rows),
        deadline=f"{deadline:%Y-%m-%d %H:%M}" if deadline else "",
    )


def _headline(rows: Sequence[SeasonRow]) -> str:
    verdicts = [row.verdict for row in rows]
    done = verdicts.count("compliant")
    if done == len(rows):
        return _("All {count} lectures are compliant.").format(count=done)
    return _("{done} of {count} lectures are compliant; {left} need attention.").format(
        done=done, count=len(rows), left=len(rows) - done
    )


def _line(number: int, row: SeasonRow) -> Line:
    word, tone = VERDICTS[row.verdict]
    made, failure = row.delivered, row.failure
    registration = _(REGISTRATIONS[row.registration]) if row.registration else ""
    delivery = _(DELIVERIES[row.delivery]) if row.delivery else ""
    planned = day(row.entry.planned_at) if row.entry else ""
    return Line(
        number=number,
        verdict=row.verdict,
        word=_(word),
        tone=tone,
        title=row.title or row.name,
        byline=" · ".join(part for part in (row.speaker, row.unit) if part),
        reasons=_reasons(row),
        advice=failure.advice.show() if failure else "",
        length=words.length(made.duration_ms) if made else "",
        size=words.gigabytes(made.size_bytes) if made else "",
        sha256=made.sha256 if made else "",
        times=tuple(
            told
            for told in (
                (_TONES[row.registration or "missing"], registration),
                ("", _("Planned for {day}").format(day=planned) if planned else ""),
                (_TONES[row.delivery or "missing"], delivery),
            )
            if told[1]
        ),
        registration=registration,
        delivery=delivery,
        report=f"{made.folder}/report.html" if made else None,
        video=f"{made.folder}/{made.video}" if made else None,
    )


def _reasons(row: SeasonRow) -> tuple[str, ...]:
    made, failure = row.delivered, row.failure
    found = [failure.message.show()] if failure and not row.bad_cells else []
    found += map(described, row.bad_cells)
    found += [_told(finding) for finding in row.findings if finding.kind == "fail"]
    if made:
        found += [_("Missed: {rule}").format(rule=_(rule_text(rule).title)) for rule in made.missed]
        counted = (
            (made.advised_missed, N_("Recommendations missed: {count}")),
            (made.undecided, N_("For a person to decide: {count}")),
            (made.doubtful, N_("Doubtful subtitles: {count}")),
        )
        found += [_(text).format(count=count) for count, text in counted if count]
    return tuple(found)


def described(cell: BadCell) -> str:
    """Return a bad cell in one or two sentences: where, what stands there, why not, what to write."""
    cell_name = f"{cell.column}{cell.row}" if cell.column else _("Row {row}").format(row=cell.row)
    place = f"{cell.sheet}!{cell_name}" if cell.sheet else cell_name
    text = _("{place} {heading} “{found}”: {why} {remedy}") if cell.found else _("{place} {heading}: {why} {remedy}")
    values = {"place": place, "heading": _(cell.heading), "found": cell.found}
    return text.format(**values, why=cell.why.show(), remedy=cell.remedy.show())


def _told(finding: Finding) -> str:
    title = _(rule_text(finding.rule).title)
    return _("{title}: {detail}").format(title=title, detail=finding.detail.show()) if finding.detail else title


def day(moment: datetime | None) -> str:
    """Return a moment of a register; midnight is a date alone."""
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%d}" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%Y-%m-%d %H:%M}"
