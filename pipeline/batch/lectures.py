"""One lecture of many: done, recognised as done before, or failed with a reason, which is on the disk at once.

A front end or a cluster that has a queue of its own calls ``run_task``: it holds everything that must be exact.
"""

import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.batch.asked import asked_key, files_of, is_unchanged, seen_now, with_hashes
from pipeline.batch.delivered import delivered_in, is_of_run
from pipeline.batch.events import BatchEmit, LectureAdvanced, LectureEnded
from pipeline.batch.ledger import Ledger
from pipeline.batch.planning import Task
from pipeline.errors import LectureCrashedError, LectureFatalError, OutputBusyError, WeikeError
from pipeline.lecture import convert
from pipeline.season import Failure, Outcome
from pipeline.store import Store

_GOES_LAST, _SET_ASIDE = 2, 5
"""So many runs ended while a lecture was in work: from then on it goes last; it is not tried any more."""
_MACHINE = 4
"""Exit code of failures that say nothing about the lecture: the next run tries it again by itself."""
_LATER = OutputBusyError.id
"""Somebody else works on the lecture: so does this one."""


def run_task(task: Task, ledger: Ledger, store: Store, emit: BatchEmit, *, retry_failed: bool = False) -> Outcome:
    """Return what became of one lecture, done now or before; its outcome is on the disk when this returns.

    Raises:
        OutputUnwritableError: the outcome could not be kept.
        KeyboardInterrupt: a person stopped it; the lecture counts as not begun.
    """
    earlier = ledger.find(task.name)
    kept = settled(task, earlier, ledger.out, retry_failed=retry_failed)
    if kept is not None:
        if kept != earlier:
            ledger.write(kept)
        emit(LectureEnded(task.name, kept, reused=True))
        return kept
    begun = _begun(task, earlier, retry_failed)
    ledger.write(begun)
    outcome = replace(_worked(task, begun, ledger, store, emit), ended_utc=_now())
    ledger.write(outcome)
    emit(LectureEnded(task.name, outcome))
    return outcome


def set_aside(task: Task, ledger: Ledger, error: WeikeError) -> Outcome:
    """Return the outcome of a lecture that nobody will try any more, which is on the disk then.

    Raises:
        OutputUnwritableError: the outcome could not be kept.
    """
    begun = _begun(task, ledger.find(task.name), retry_failed=True)
    outcome = replace(begun, state="failed", failure=_failure_of(error), ended_utc=_now())
    ledger.write(outcome)
    return outcome


def settled(task: Task, earlier: Outcome | None, out: Path, *, retry_failed: bool = False) -> Outcome | None:
    """Return the outcome that an earlier run came to, if it still holds; ``None`` when there is work to do.

    It holds for the same options and unchanged files, while the delivery is whole; also when somebody burned corrected
    subtitles into it since.
    """
    if earlier is None or task.job is None or earlier.key != asked_key(task):
        return None
    if not all(map(is_unchanged, earlier.files)) or {seen.path for seen in earlier.files} != set(files_of(task)):
        return None
    if earlier.state == "failed":
        assert earlier.failure is not None
        passes = earlier.failure.exit_code == _MACHINE or earlier.failure.id == _LATER
        return None if retry_failed or passes else earlier
    delivered = delivered_in(out / task.name, earlier.delivered)
    if delivered is None:
        return None
    if earlier.state == "running" and not is_of_run(delivered, earlier.started_utc, task.job.preset.id):
        return None
    return replace(
        earlier,
        state="delivered",
        delivered=delivered,
        files=with_hashes(earlier.files, delivered.source_sha256),
        ended_utc=earlier.ended_utc or delivered.created_utc,
    )


def _worked(task: Task, begun: Outcome, ledger: Ledger, store: Store, emit: BatchEmit) -> Outcome:
    """Return the outcome of converting; every fault that is not the person's own wish is contained in it."""
    try:
        if task.job is None:
            assert task.problem is not None
            raise task.problem
        if begun.interruptions >= _SET_ASIDE:
            raise LectureFatalError(count=begun.interruptions)
        report, folder = convert(task.job, store, lambda event: emit(LectureAdvanced(task.name, event)))
        delivered = delivered_in(folder, verify=False)
        assert delivered is not None, "convert delivers whole folders"
        source = report.source.sha256 if report.source else ""
        return replace(begun, state="delivered", delivered=delivered, files=with_hashes(begun.files, source))
    except WeikeError as error:
        return replace(begun, state="failed", failure=_failure_of(error))
    except KeyboardInterrupt:
        # A person's stop is not counted: the next run counts one up.
        ledger.write(replace(begun, interruptions=begun.interruptions - 1))
        raise
    except Exception as error:
        reason, log = traceback.format_exception_only(error)[-1].strip(), traceback.format_exc()
        return replace(begun, state="failed", failure=_failure_of(LectureCrashedError(reason=reason, log=log)))


def _begun(task: Task, earlier: Outcome | None, retry_failed: bool) -> Outcome:
    files = tuple(map(seen_now, files_of(task)))
    key = asked_key(task)
    again = earlier is not None and earlier.state == "running" and earlier.key == key and not retry_failed
    interruptions = earlier.interruptions + 1 if earlier is not None and again else 0
    return Outcome(task.name, "running", key, files, _now(), interruptions=interruptions)


def is_suspect(outcome: Outcome | None) -> bool:
    """Tell whether runs ended again and again while a lecture was in work, so that it had better go last."""
    return outcome is not None and outcome.state == "running" and outcome.interruptions + 1 >= _GOES_LAST


def _failure_of(error: WeikeError) -> Failure:
    return Failure(error.id, error.exit_code, error.message, error.advice, error.log)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
