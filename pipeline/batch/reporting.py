"""The report of a batch: what became of every lecture, as pages, a workbook and JSON in the output folder."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pipeline.batch.delivered import delivered_in
from pipeline.batch.ledger import Ledger
from pipeline.batch.planning import BatchOptions, Task, plan_register
from pipeline.presets import Preset
from pipeline.records import LectureInfo
from pipeline.reporting.season_html import season_pages
from pipeline.reporting.season_json import season_json
from pipeline.reporting.season_xlsx import season_xlsx
from pipeline.rules.register import judge_register, timeliness
from pipeline.season import Entry, Outcome, Register, SeasonRow
from pipeline.store import put_bytes

COMPLIANT, NOT_COMPLIANT = 0, 10
_GRAVEST_FIRST = (4, 5, 6, 3, 2)
"""Exit codes of failures: what the machine lacks concerns all, then what may pass, then what a person mends."""


def season_rows(tasks: Sequence[Task], outcomes: Sequence[Outcome | None], preset: Preset) -> tuple[SeasonRow, ...]:
    """Return the lectures of a batch, in order, with what the rules on the register say."""
    return tuple(season_row(task, outcome, preset) for task, outcome in zip(tasks, outcomes, strict=True))


def season_row(task: Task, outcome: Outcome | None, preset: Preset) -> SeasonRow:
    """Return one lecture of a batch; ``outcome`` is ``None`` for one that was not begun."""
    entry, info = task.entry, task.job.info if task.job else LectureInfo(task.name)
    registered = entry or Entry(0)
    delivered = outcome.delivered if outcome else None
    made = datetime.fromisoformat(delivered.created_utc) if delivered else None
    limits = preset.deadlines
    recordings = entry.recordings if entry else (task.files or (task.job.raw,))[:1] if task.job else ()
    return SeasonRow(
        name=task.name,
        title=info.title or registered.title,
        speaker=info.speaker or registered.speaker,
        unit=info.unit or registered.unit,
        recordings=tuple(path.name for path in recordings),
        entry=entry,
        outcome=outcome,
        findings=judge_register(entry, task.name, preset),
        registration=timeliness(entry.registered_at, limits.registered_by) if entry else None,
        delivery=timeliness(made, limits.delivered_by) if entry else None,
        bad_cells=task.bad_cells,
    )


def rows_so_far(tasks: Sequence[Task], ledger: Ledger, preset: Preset) -> tuple[SeasonRow, ...]:
    """Return the lectures with what is known of them now; one that is in work counts as not begun."""
    known = (ledger.find(task.name) for task in tasks)
    return season_rows(tasks, [found if found and found.state != "running" else None for found in known], preset)


def standing(register: Register, out: Path, preset: Preset) -> tuple[SeasonRow, ...]:
    """Return how a registered season stands: what the folders in ``out`` hold, whoever converted it, and what failed.

    Nothing is written, and no video is read.
    """
    return standing_of(plan_register(register, BatchOptions(out, preset)), Ledger(out), preset)


def standing_of(tasks: Sequence[Task], ledger: Ledger, preset: Preset) -> tuple[SeasonRow, ...]:
    """Return how lectures stand: what their folders hold, whoever converted it, and what failed; nothing is written."""
    rows = []
    for task in tasks:
        delivered = delivered_in(ledger.out / task.name, verify=False)
        known = ledger.find(task.name)
        if delivered is not None:
            known = Outcome(task.name, "delivered", "", (), delivered.created_utc, delivered=delivered)
        elif known is not None and known.state != "failed":
            known = None
        rows.append(season_row(task, known, preset))
    return tuple(rows)


def exit_code_of(rows: Sequence[SeasonRow]) -> int:
    """Return the exit code of a batch.

    The gravest of the failures' own codes, in the order 4, 5, 6, 3, 2; without a failure 10 when a required rule is
    missed, else 0.
    """
    codes = {row.failure.exit_code for row in rows if row.failure}
    if codes:
        return next((code for code in _GRAVEST_FIRST if code in codes), max(codes))
    return NOT_COMPLIANT if any(row.verdict == "noncompliant" for row in rows) else COMPLIANT


def write_season(rows: Sequence[SeasonRow], preset: Preset, out: Path, created_utc: str) -> tuple[Path, ...]:
    """Return the files of the report in ``out``, each of which appears whole.

    Raises:
        OutputUnwritableError: one cannot be written.
    """
    made = {
        **season_pages(rows, preset, created_utc),
        "season.xlsx": season_xlsx(rows, preset, created_utc),
        "season.json": season_json(rows, preset, created_utc),
    }
    return tuple(put_bytes(out / name, data) for name, data in made.items())
