"""Findings in words, in the order they are shown: failures first."""

from dataclasses import dataclass

from pipeline.records import Finding, Report
from pipeline.reporting import words
from pipeline.reporting.places import Place, place_of
from pipeline.reporting.rule_names import rule_text
from pipeline.texts import N_, _

MOST_PLACES = 12


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


def sections_of(report: Report) -> tuple[Section, ...]:
    """Return the findings in sections, the gravest first."""
    groups: dict[str, list[Row]] = {}
    for finding in ordered(report.findings):
        groups.setdefault(words.tone(finding), []).append(_row(finding))
    return tuple(
        Section(tone, _(title), _(lead), tuple(groups[tone])) for tone, title, lead in _SECTIONS if tone in groups
    )


def counts_of(report: Report) -> tuple[tuple[str, str, int], ...]:
    """Return tone, word and number of each judgement that occurs."""
    counted: dict[tuple[str, str], int] = {}
    for finding in ordered(report.findings):
        key = words.tone(finding), words.kind_word(finding)
        counted[key] = counted.get(key, 0) + 1
    return tuple((tone, word, number) for (tone, word), number in counted.items())


def ordered(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings, failures first, otherwise in their own order."""
    return sorted(findings, key=lambda f: _ORDER.get((f.kind, f.level), _LAST.get(f.kind, 8)))


_ORDER = {
    ("fail", "required"): 0, ("fail", "advised"): 1, ("fail", "note"): 2,
    ("review", "required"): 3, ("review", "advised"): 4, ("review", "note"): 5,
    ("open", "required"): 6, ("open", "advised"): 7, ("open", "note"): 8,
}  # fmt: skip


_LAST = {"pass": 9, "notApplicable": 10}


_SECTIONS = (
    ("bad", N_("Must be mended"), N_("The notice requires these; the verdict stays negative until they are met.")),
    ("warn", N_("Better mended"), N_("The notice or good practice recommends these; they do not change the verdict.")),
    ("look", N_("For you to look at"), N_("A machine cannot decide these; please look and listen yourself.")),
    ("open", N_("Not determined"), N_("These could not be measured in this file.")),
    ("good", N_("Passed"), N_("Measured from the finished file itself.")),
    ("quiet", N_("Does not apply"), N_("This preset does not ask for these, or the file gives no occasion.")),
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
        places=tuple(place_of(span) for span in finding.spans[:MOST_PLACES]),
        more_places=max(0, len(finding.spans) - MOST_PLACES),
    )
