"""Many lectures: which there are, what became of each, one after another; one failure never stops the others.

What a front end or a cluster needs is here: plan tasks, run them all (``run_batch``) or one at a time in an order of
your own (``run_task`` under ``Ledger.held``), listen to events, report.
"""

from pipeline.batch.events import (
    BatchEmit,
    BatchEnded,
    BatchEvent,
    BatchNotice,
    BatchStarted,
    LectureAdvanced,
    LectureEnded,
    LectureStarted,
)
from pipeline.batch.lectures import run_task, set_aside, settled
from pipeline.batch.ledger import Ledger
from pipeline.batch.planning import BatchOptions, Task, plan, plan_folder, plan_register
from pipeline.batch.reporting import exit_code_of, standing_of
from pipeline.batch.running import report_season, run_again, run_batch
from pipeline.batch.watching import Rhythm, Watch

__all__ = [
    "BatchEmit",
    "BatchEnded",
    "BatchEvent",
    "BatchNotice",
    "BatchOptions",
    "BatchStarted",
    "LectureAdvanced",
    "LectureEnded",
    "LectureStarted",
    "Ledger",
    "Rhythm",
    "Task",
    "Watch",
    "exit_code_of",
    "plan",
    "plan_folder",
    "plan_register",
    "report_season",
    "run_again",
    "run_batch",
    "run_task",
    "set_aside",
    "settled",
    "standing_of",
]
