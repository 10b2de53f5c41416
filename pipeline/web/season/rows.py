"""How the lectures of a season stand, a row each; verdicts, dates and reasons are those of the batch's own report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.batch import Ledger, Task, standing_of
from pipeline.errors import NoQueueError, WebNotNowError
from pipeline.reporting.season_view import VERDICTS, Line, SeasonView, season_view
from pipeline.season import SeasonRow
from pipeline.texts import N_, Message, _
from pipeline.web.work.results import Download, downloads_in
from pipeline.web.work.seasons import Season, lectures_of, stays_inside
from pipeline.web.work.shelf import Lecture
from pipeline.web.workplace import Desk

if TYPE_CHECKING:
    from pipeline.cluster.status import Status

STATES = {
    "failed": (N_("Failed"), "bad"),
    "missing": (N_("Overdue"), "bad"),
    "late": (N_("Delivered late"), "warn"),
    "running": (N_("In work"), "look"),
    "waiting": (N_("Waiting"), "look"),
    "registered": (N_("Registered"), "quiet"),
    "on_time": (N_("Delivered in time"), "good"),
    "delivered": (N_("Delivered"), "good"),
}
"""Word and tone of each state, the most urgent first."""
_UNDER_WAY = frozenset({"running", "waiting"})


@dataclass(frozen=True, slots=True)
class Row:
    """One lecture of a season."""

    name: str
    """Of its folder."""
    line: Line
    unit: str
    state: str
    """A key of ``STATES``."""
    files: tuple[Download, ...]
    page: str
    """Address of the page that shows its work, for whoever asked for it; else empty."""
    can_again: bool

    @property
    def sought(self) -> str:
        """All that a search looks in."""
        return "\n".join((self.line.title, self.line.byline, self.name, *self.line.reasons)).casefold()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows shall be shown; empty text is all of them."""

    state: str = ""
    verdict: str = ""
    unit: str = ""
    text: str = ""

    def takes(self, row: Row) -> bool:
        """Tell whether a row is to be shown."""
        return (
            self.state in {"", row.state}
            and self.verdict in {"", row.line.verdict}
            and self.unit in {"", row.unit}
            and all(part in row.sought for part in self.text.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A whole season as it stands."""

    season: Season
    view: SeasonView
    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    """Lectures by state; those without any are left out."""
    is_held: bool
    """A batch or a coordinator works on it."""
    cluster: "Status | None"
    problem: str
    """Why its register cannot be read, or empty."""

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units there are, in order."""
        return tuple(sorted({row.unit for row in self.rows if row.unit}))

    @property
    def is_under_way(self) -> bool:
        """Tell whether something may change by itself."""
        return self.is_held or not _UNDER_WAY.isdisjoint(self.counts)


def standing(desk: Desk, season: Season, owner: str) -> Standing:
    """Return how a season stands, for a person, in the language in force."""
    planned, options = lectures_of(season), season.options
    found = standing_of(planned.tasks, Ledger(options.out), options.preset)
    view = season_view(found, options.preset, datetime.now(UTC).isoformat(timespec="seconds"))
    look = _Look(desk, season, owner)
    rows = tuple(map(look.row, planned.tasks, found, view.lines))
    counts = Counter(row.state for row in rows)
    problem = look.told(planned.problem.message) if planned.problem else ""
    shown = {state: counts[state] for state in STATES if counts[state]}
    return Standing(season, view, rows, shown, look.is_held, look.cluster, problem)


def cluster_of(season: Season) -> "Status | None":
    """Return how the work on several workstations stands; ``None`` where this machine coordinates none."""
    from pipeline.cluster.status import queue_of, status_of

    try:
        return status_of(queue_of(season.options.out)) if season.is_converted else None
    except NoQueueError:
        return None


class _Look:
    """One look at a season: what is asked once and holds for every row."""

    def __init__(self, desk: Desk, season: Season, owner: str) -> None:
        self._settings, self._season, self._owner = desk.settings, season, owner
        self._ledger = Ledger(season.options.out)
        self._now = datetime.now(UTC)
        self._asked: dict[str, Lecture] = desk.shelf.open_in(season.place) if season.is_converted else {}
        self.is_held = season.is_converted and self._ledger.is_held()
        self.cluster = cluster_of(season)
        self._seats = {lecture for _seat, lecture in self.cluster.working} if self.cluster and self.is_held else set()

    def row(self, task: Task, found: SeasonRow, line: Line) -> Row:
        state, asked = self._state(found), self._asked.get(found.name)
        is_mine = asked is not None and asked.owner == self._owner
        reasons, advice = tuple(map(self._without_root, line.reasons)), self._without_root(line.advice)
        return Row(
            name=found.name,
            line=replace(line, reasons=reasons, advice=advice),
            unit=found.unit or "",
            state=state,
            files=downloads_in(self._season.options.out / found.name) if found.delivered else (),
            page=f"/lectures/{asked.id}" if asked is not None and is_mine else "",
            can_again=state == "failed" and not self.is_held and self._can_try(task),
        )

    def told(self, message: Message) -> str:
        return self._without_root(message.show())

    def _state(self, row: SeasonRow) -> str:
        asked = self._asked.get(row.name)
        if asked is not None:
            return asked.state
        if self.is_held and self._is_in_work(row.name):
            return "running"
        if row.failure is not None:
            return "failed"
        if row.delivered is not None:
            return row.delivery or "delivered"
        if self.is_held:
            return "waiting"
        due = self._season.options.preset.deadlines.delivered_by
        return "missing" if row.entry is not None and due is not None and due < self._now else "registered"

    def _is_in_work(self, name: str) -> bool:
        known = self._ledger.find(name)
        return name in self._seats or (known is not None and known.state == "running")

    def _can_try(self, task: Task) -> bool:
        return self._season.is_planned and task.job is not None and stays_inside(self._settings, task)

    def _without_root(self, text: str) -> str:
        """Return a sentence without the place of the served folder, which is nobody's business."""
        return text.replace(f"{self._settings.root}/", "").replace(str(self._settings.root), ".")


def verdict_words() -> tuple[tuple[str, str], ...]:
    """Return the verdicts with their words, in the language in force."""
    return tuple((verdict, _(word)) for verdict, (word, _tone) in VERDICTS.items())


def require_can_again(found: Standing, name: str) -> Row:
    """Return the row of a lecture that may be tried again.

    Raises:
        WebNotNowError: it may not.
    """
    row = next((row for row in found.rows if row.name == name), None)
    if row is None or not row.can_again:
        raise WebNotNowError
    return row
