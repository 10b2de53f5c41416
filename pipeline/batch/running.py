"""Lectures one after another in one process: what is loaded stays loaded, and no failure stops the others."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.batch.events import BatchEmit, BatchEnded, BatchStarted, LectureStarted
from pipeline.batch.lectures import is_suspect, run_task
from pipeline.batch.ledger import Ledger
from pipeline.batch.planning import BatchOptions, Task
from pipeline.batch.reporting import rows_so_far, write_season
from pipeline.engines.ears import keep_warm
from pipeline.lecture import require_tools
from pipeline.season import Outcome, SeasonRow
from pipeline.store import Store


def run_batch(
    tasks: Sequence[Task], options: BatchOptions, store: Store, emit: BatchEmit, *, retry_failed: bool = False
) -> tuple[SeasonRow, ...]:
    """Return what became of each task, in their order; the report of the batch lies in the output folder then.

    What an earlier run delivered of the same files under the same options is not done again. A lecture during which
    runs ended twice goes last, so that one that takes the process with it cannot keep the others from their turn. The
    report is written too when a person stops the batch.

    Args:
        tasks: the lectures.
        options: what holds for all of them.
        store: keeps what stages make.
        emit: told of everything.
        retry_failed: try again what failed for reasons of its own.

    Raises:
        MissingToolError: this machine lacks what every lecture needs.
        OutputBusyError: another batch works on the output folder.
        OutputUnwritableError: outcomes could not be kept, so that going on would lose work.
    """
    require_tools(options.preset)
    ledger = Ledger(options.out)
    with ledger.held(), keep_warm():
        ledger.keep_asked(options)
        emit(BatchStarted(len(tasks)))
        try:
            for number, task in enumerate(sorted(tasks, key=lambda task: is_suspect(ledger.find(task.name))), 1):
                emit(LectureStarted(task.name, number))
                run_task(task, ledger, store, emit, retry_failed=retry_failed)
        finally:
            rows = report_season(tasks, ledger, options)
    emit(BatchEnded(rows))
    return rows


def run_again(tasks: Sequence[Task], name: str, options: BatchOptions, store: Store, emit: BatchEmit) -> Outcome:
    """Return what became of one lecture of a batch that is tried again; the batch's report is written anew.

    Raises:
        MissingToolError, OutputBusyError, OutputUnwritableError: as ``run_batch``.
    """
    require_tools(options.preset)
    ledger, task = Ledger(options.out), next(task for task in tasks if task.name == name)
    with ledger.held():
        try:
            return run_task(task, ledger, store, emit, retry_failed=True)
        finally:
            report_season(tasks, ledger, options)


def report_season(tasks: Sequence[Task], ledger: Ledger, options: BatchOptions) -> tuple[SeasonRow, ...]:
    """Return the lectures as they stand now, and write the report of the batch."""
    rows = rows_so_far(tasks, ledger, options.preset)
    write_season(rows, options.preset, options.out, datetime.now(UTC).isoformat(timespec="seconds"))
    return rows
