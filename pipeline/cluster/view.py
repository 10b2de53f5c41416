"""How a queue stands: for its own coordinator, and for anybody on the same machine who only looks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from pipeline.cluster.tables import VERSION, attempts, connect, facts, needs, tasks
from pipeline.cluster.tasks import STATES, Attempt, Standing, State, Task
from pipeline.errors import NoQueueError, QueueVersionError

if TYPE_CHECKING:
    from pipeline.cluster.tasks import End

FILE = "queue.sqlite"


class QueueView:
    """A queue that is looked at, whoever works on it. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Open the queue in ``folder``.

        Raises:
            NoQueueError: there is none, or its first coordinator is still making it.
            QueueVersionError: another version of Weike wrote it.
        """
        if not (folder / FILE).is_file():
            raise NoQueueError(folder)
        self._engine = connect(folder / FILE)
        try:
            self._require_version(folder)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "QueueView":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Look no more."""
        self._engine.dispose()

    def counts(self) -> dict[State, int]:
        """Return how many tasks are in each state."""
        with self._engine.connect() as link:
            rows = link.execute(sa.select(tasks.c.state, sa.func.count()).group_by(tasks.c.state)).all()
        found = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in STATES}

    def standings(self) -> tuple[Standing, ...]:
        """Return every task as it stands, in the order in which they were put."""
        with self._engine.connect() as link:
            rows = link.execute(sa.select(tasks).order_by(tasks.c.number)).all()
            slots: dict[str, list[str]] = {row.id: [] for row in rows}
            for need in link.execute(sa.select(needs).order_by(needs.c.task, needs.c.place)):
                slots[need.task].append(need.slot)
        return tuple(
            Standing(task_of(row, slots[row.id]), cast(State, row.state), row.attempts, row.result, row.reason)
            for row in rows
        )

    def history(self) -> tuple[Attempt, ...]:
        """Return every attempt, in the order in which they began."""
        with self._engine.connect() as link:
            rows = link.execute(sa.select(attempts).order_by(attempts.c.order)).all()
        return tuple(
            Attempt(r.id, r.task, r.number, r.worker, r.began_s, r.ended_s, cast("End | None", r.end), r.reason)
            for r in rows
        )

    def _require_version(self, folder: Path) -> None:
        with self._engine.connect() as link:
            if not sa.inspect(link).has_table(facts.name):
                raise NoQueueError(folder)
            found = link.execute(sa.select(facts.c.value).where(facts.c.name == "version")).scalar()
        if found != VERSION:
            raise QueueVersionError(folder, found=found or "?", needed=VERSION)


def task_of(row: "sa.Row[Any]", slots: "list[str]") -> Task:
    """Return the task that stands in a row, with the slots it needs."""
    return Task(row.id, row.kind, row.payload, tuple(slots), row.rank)
