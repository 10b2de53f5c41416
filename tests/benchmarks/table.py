"""The figures of the speed benchmark: ratios of paired runs, what was asked of them, and the tables they stand in."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured for one row: one value for each repeat."""

    values: tuple[float, ...]
    wall: tuple[float, ...] = ()
    """The same ratio in wall time, where that means something."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    id: str
    """Group and name, such as ``whole/camera``."""
    what: str
    asked: float | None = None
    """The greatest value that is asked for; ``None``: it is only told."""
    unit: str = ""
    """Empty for a ratio."""
    values: tuple[float, ...] = ()
    wall: tuple[float, ...] = ()
    note: str = ""
    failure: str = ""
    """Why there are no values."""
    when: str = ""
    """Date and revision of the run."""

    @property
    def measured(self) -> float | None:
        """The median."""
        return median(self.values) if self.values else None

    @property
    def is_met(self) -> bool | None:
        """Whether the median is what was asked; ``None`` where nothing was asked or measured."""
        if self.asked is None or self.measured is None:
            return None
        return self.measured <= self.asked


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of each pair; a repeat is compared with what ran beside it, never with another repeat.

    Raises:
        ValueError: nothing was measured, or not the same number of repeats.
    """
    if not ours or len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} and {len(theirs)} repeats cannot be compared")
    return tuple(mine / other for mine, other in zip(ours, theirs, strict=True))


def scaled_bytes(size: int, length_s: float, to_s: float = 1200) -> float:
    """Return what a file of ``length_s`` seconds would have at ``to_s``."""
    return size * to_s / length_s


def tried(row: Row, make: Callable[[], Figures]) -> Row:
    """Return the row with its figures, or with the reason why there are none: one row's failure is no other's."""
    try:
        figures = make()
    except Exception as error:
        return failed(row, error)
    return replace(row, values=figures.values, wall=figures.wall, note=figures.note)


def failed(row: Row, error: Exception) -> Row:
    """Return the row with the reason of its failure."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return replace(row, failure=reason[:REASON_CHARACTERS])


def as_text(rows: Sequence[Row]) -> str:
    """Return the table for a terminal."""
    head = ("row", "asked", "measured", "min–max", "wall", "", "note")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]).rstrip()
        for line in lines
    )


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table for a page."""
    lines = ["| row | what | asked | measured | min–max | wall | | note |", f"|{' --- |' * 8}"]
    for row in rows:
        name, *cells, note = _cells(row)
        what, said = (text.replace("|", "/") for text in (row.what, note))
        lines.append(f"| `{name}` | {what} | {' | '.join(cells)} | {said} |")
    return "\n".join(lines)


def save(rows: Sequence[Row], path: Path) -> None:
    """Keep rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1), "utf-8")


def load(path: Path) -> list[Row]:
    """Return the rows that were kept; none where there is no file."""
    if not path.exists():
        return []
    return [_row(told) for told in json.loads(path.read_text("utf-8"))]


def merged(old: Sequence[Row], new: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """Return old rows with the new ones in place of their whole groups, groups in the given order."""
    groups = {group_of(row) for row in new}
    rows = [*(row for row in old if group_of(row) not in groups), *new]
    return sorted(rows, key=lambda row: order.index(group_of(row)) if group_of(row) in order else len(order))


def group_of(row: Row) -> str:
    """Return the part of its id before the stroke."""
    return row.id.partition("/")[0]


def _row(told: dict[str, Any]) -> Row:
    return Row(**{**told, "values": tuple(told["values"]), "wall": tuple(told["wall"])})


def _cells(row: Row) -> tuple[str, str, str, str, str, str, str]:
    asked = "–" if row.asked is None else f"≤ {row.asked:.4g}{_unit(row)}"
    if row.failure:
        return row.id, asked, "–", "–", "–", "failed", f"failed: {row.failure}"
    if row.measured is None:
        return row.id, asked, "–", "–", "–", "", row.note
    verdict = {None: "", True: "met", False: "not met"}[row.is_met]
    spread = "–" if len(row.values) < 2 else f"{_figure(min(row.values))}–{_figure(max(row.values))}"
    wall = f"{_figure(median(row.wall))}" if row.wall else "–"
    return row.id, asked, f"{_figure(row.measured)}{_unit(row)}", spread, wall, verdict, row.note


def _unit(row: Row) -> str:
    return f" {row.unit}" if row.unit else ""


def _figure(value: float) -> str:
    """Return a figure with as many digits as it deserves."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
