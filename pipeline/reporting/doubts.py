"""Cues that a person should look at, in groups, and words that are not shown.

Groups keep what matters apart: however many cues were recognised with little confidence, a name that is perhaps wrong
stands in a group of its own, before them.
"""

from dataclasses import dataclass

from pipeline.records import Cue, Flag, FlagKind, Report, Span
from pipeline.reporting.listing import removals
from pipeline.reporting.places import Place, place_of
from pipeline.texts import N_, _

MOST_DOUBTS = 200
"""Cues of one group that the page lists; report.json has all."""
OPEN_DOUBTS = 10
"""Cues of one group that stand open on the page; the others are folded away under them."""
_WEIGHTY, _MIDDLING = 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Change:
    """Words that are doubted, and what may be meant."""

    found: str
    suggestion: str
    confidence: str
    """As a percentage; empty when unknown."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cue that a person should look at."""

    number: int
    place: Place
    text: str
    reasons: tuple[str, ...]
    changes: tuple[Change, ...]
    weight: str
    tone: str


@dataclass(frozen=True, slots=True)
class DoubtGroup:
    """Cues with doubts of one sort, the weightiest first."""

    name: str
    title: str
    lead: str
    doubts: tuple[Doubt, ...]
    folded: tuple[Doubt, ...]
    more: int
    """How many are listed in report.json only."""

    @property
    def count(self) -> int:
        """How many cues the group has."""
        return len(self.doubts) + len(self.folded) + self.more


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was recognised and is not shown."""

    place: Place
    text: str
    reason: str


_GROUPS: tuple[tuple[str, str, str, frozenset[FlagKind]], ...] = (
    (
        "words",
        N_("Names, terms and wording"),
        N_("A wrong name is the worst mistake a lecture can have. Compare each of these with the sound or the script."),
        frozenset({"homophone", "wording", "script-form"}),
    ),
    (
        "speech",
        N_("Missing or off the script"),
        N_("Words may be missing here, differ from the script, or stand where hardly anybody speaks."),
        frozenset({"missing-speech", "deviation", "near-silence"}),
    ),
    (
        "heard",
        N_("Perhaps misheard"),
        N_("Recognition was not sure of these words."),
        frozenset({"low-confidence"}),
    ),
    (
        "layout",
        N_("Hard to read"),
        N_("These stand too briefly, too long or too full; the words are not in doubt."),
        frozenset({"fast", "long", "short", "unbreakable"}),
    ),
)
"""Name, title, lead and kinds of flags; what matters most comes first."""


def doubt_groups(report: Report) -> tuple[DoubtGroup, ...]:
    """Return the flagged cues in groups; groups without a cue are left out."""
    cues = report.cue_sheet.cues if report.cue_sheet else ()
    return tuple(
        group for name, title, lead, kinds in _GROUPS if (group := _group(name, _(title), _(lead), kinds, cues)).count
    )


def doubtful_count(report: Report) -> int:
    """Return how many cues are flagged."""
    return sum(bool(cue.flags) for cue in report.cue_sheet.cues) if report.cue_sheet else 0


def removed_of(report: Report) -> tuple[Removed, ...]:
    """Return everything that was recognised and is not shown, in order of time."""
    return tuple(Removed(place_of(item.span), item.text, item.reason.show()) for item in removals(report))


def _group(name: str, title: str, lead: str, kinds: frozenset[FlagKind], cues: tuple[Cue, ...]) -> DoubtGroup:
    found = []
    for number, cue in enumerate(cues, 1):
        flags = sorted((flag for flag in cue.flags if flag.kind in kinds), key=lambda flag: -flag.weight)
        if flags:
            found.append((-flags[0].weight, number, cue, flags))
    found.sort(key=lambda item: item[:2])
    doubts = [_doubt(number, cue, flags) for _weight, number, cue, flags in found[:MOST_DOUBTS]]
    return DoubtGroup(
        name, title, lead, tuple(doubts[:OPEN_DOUBTS]), tuple(doubts[OPEN_DOUBTS:]), len(found) - len(doubts)
    )


def _doubt(number: int, cue: Cue, flags: list[Flag]) -> Doubt:
    weight, tone = weight_word(flags[0].weight)
    return Doubt(
        number=number,
        place=place_of(Span(cue.start_ms, cue.end_ms)),
        text=cue.text,
        reasons=tuple(dict.fromkeys(flag.message.show() for flag in flags)),
        changes=tuple(change_of(flag) for flag in flags if flag.suggestion),
        weight=weight,
        tone=tone,
    )


def change_of(flag: Flag) -> Change:
    """Return what a flag suggests."""
    return Change(flag.found, flag.suggestion, "" if flag.confidence is None else f"{flag.confidence:.0%}")


def weight_word(weight: float) -> tuple[str, str]:
    """Return how much a doubt matters, as a word and a tone."""
    if weight >= _WEIGHTY:
        return _("High"), "bad"
    return (_("Middling"), "warn") if weight >= _MIDDLING else (_("Low"), "quiet")
