"""How the speech follows its script (讲稿): how much of it, and where it does not."""

from dataclasses import dataclass

from pipeline.records import Deviation, DeviationKind, Report, ScriptMatch
from pipeline.reporting.places import Place, place_of
from pipeline.texts import N_, _

_SURE = 0.5
"""Confidence under which a deviation is perhaps only misheard, and is listed apart."""
_LONG = 120
"""Characters after which a passage is folded away."""

KINDS: dict[DeviationKind, str] = {
    "skipped": N_("Left out"),
    "added": N_("Added"),
    "changed": N_("Changed"),
    "repeated": N_("Repeated"),
    "moved": N_("Moved"),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text; a long one shows its beginning first."""

    text: str
    short: str
    """Its beginning; empty when the text is not long."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A passage in which the speech leaves the script."""

    kind: str
    tone: str
    place: Place
    script: Passage
    spoken: Passage
    confidence: str


@dataclass(frozen=True, slots=True)
class ScriptView:
    """The script and the speech side by side."""

    name: str
    followed: str
    """Percentage."""
    sentence: str
    counts: tuple[tuple[str, int], ...]
    """Kind in words and number of the sure deviations."""
    sure: tuple[Departure, ...]
    unsure: tuple[Departure, ...]


def script_view(report: Report) -> ScriptView | None:
    """Return how the speech follows the script; ``None`` when no script was given."""
    script = report.transcript.script if report.transcript else None
    if script is None:
        return None
    sure = [deviation for deviation in script.deviations if is_sure(deviation)]
    return ScriptView(
        name=script.path.name,
        followed=share_followed(script),
        sentence=_sentence(script, len(sure)),
        counts=tuple((_(word), n) for kind, word in KINDS.items() if (n := sum(d.kind == kind for d in sure))),
        sure=tuple(map(_departure, sure)),
        unsure=tuple(_departure(deviation) for deviation in script.deviations if not is_sure(deviation)),
    )


def is_sure(deviation: Deviation) -> bool:
    """Tell whether speech and script differ, rather than recognition and speech."""
    return deviation.confidence >= _SURE


def share_followed(script: ScriptMatch) -> str:
    """Return the share of the script that was followed, as a percentage that never rounds up to all of it."""
    return "100%" if script.followed >= 1 else f"{int(script.followed * 1000) / 10:.1f}%"


def _sentence(script: ScriptMatch, sure: int) -> str:
    followed = _("The speech follows {share} of the script {name} ({count} characters).").format(
        share=share_followed(script), name=script.path.name, count=f"{script.characters:,}"
    )
    if not script.deviations:
        return followed + " " + _("It leaves the script nowhere.")
    if not sure:
        return followed
    return followed + " " + _("It leaves the script in {count} places.").format(count=sure)


def _departure(deviation: Deviation) -> Departure:
    return Departure(
        kind=_(KINDS[deviation.kind]),
        tone="warn" if deviation.kind in {"changed", "skipped"} else "look",
        place=place_of(deviation.span),
        script=passage(deviation.script),
        spoken=passage(deviation.spoken),
        confidence=f"{deviation.confidence:.0%}",
    )


def passage(text: str) -> Passage:
    """Return a text with its beginning, when it is long."""
    return Passage(text, text[: _LONG * 2 // 3] + "…" if len(text) > _LONG else "")
