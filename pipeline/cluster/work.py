"""What a worker does: one step of one lecture. It knows neither the queue nor who asks."""

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.batch import Ledger, Task, run_task
from pipeline.engines.ears import keep_warm
from pipeline.errors import InputError, UsageError, WeikeError
from pipeline.events import silent
from pipeline.finishing import Desk, reel_for
from pipeline.lecture import guide_of, require_tools, write_down
from pipeline.looking import look_and_listen
from pipeline.records import CueSheet
from pipeline.stages.render import Reel
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended."""

    result: dict[str, Any]
    reason: str = ""
    """Id of the error that ended it and what it said, for whoever looks after Weike; empty: it ended well."""
    is_final: bool = True
    """Another attempt would end in the same way."""


class Bench:
    """One process of a worker: keeps its model, and the lecture whose pieces it encodes, from step to step."""

    def __init__(self, store: Path, out: Path) -> None:
        """Work with the shared folders ``store`` and ``out``."""
        self._store, self._ledger = Store(store), Ledger(out)
        self._warm, self._open = ExitStack(), ExitStack()
        self._warm.enter_context(keep_warm())
        self._lecture: tuple[str, Reel, CueSheet] | None = None

    def do(self, kind: str, task: Task, round_: str, number: int) -> Done:
        """Do a step. Whatever goes wrong is told, not raised."""
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "hear": lambda: self._hear(task, round_),
            "piece": lambda: self._piece(task, round_, number),
            "deliver": lambda: self._deliver(task),
        }
        try:
            return Done(steps[kind]())
        except WeikeError as error:
            self.close()
            return Done({}, f"{error.id}: {error.message.show()}", isinstance(error, InputError | UsageError))
        except Exception as error:
            self.close()
            reason = traceback.format_exception_only(error)[-1].strip()
            return Done({}, f"batch.crashed: {reason}", is_final=False)

    def close(self) -> None:
        """Put the lecture away."""
        self._lecture = None
        self._open.close()

    def _hear(self, task: Task, round_: str) -> dict[str, Any]:
        reel, sheet = self._opened(task, round_)
        return {"pieces": reel.count(sheet)}

    def _piece(self, task: Task, round_: str, number: int) -> dict[str, Any]:
        reel, sheet = self._opened(task, round_)
        return {"made": reel.encode(sheet, number)}

    def _deliver(self, task: Task) -> dict[str, Any]:
        self.close()
        outcome = run_task(task, self._ledger, self._store, lambda _event: None, retry_failed=True)
        return {"state": outcome.state}

    def _opened(self, task: Task, round_: str) -> tuple[Reel, CueSheet]:
        """Return the lecture's picture and cues; of a lecture that was heard before all comes from the store."""
        if self._lecture is not None and self._lecture[0] == round_:
            return self._lecture[1:]
        self.close()
        job = task.job
        assert job is not None, "what cannot begin is nobody's step"
        require_tools(job.preset)
        guide = guide_of(job, silent)
        seen = look_and_listen(job, guide[1], self._store, silent)
        sheet = write_down(job, guide, seen, self._store, silent).sheet
        desk = Desk(job.out / job.info.name, self._open.enter_context(self._store.attempt()), silent, [])
        reel = self._open.enter_context(reel_for(job, seen, desk, self._store))
        self._lecture = round_, reel, sheet
        return reel, sheet
