"""The durable queue: tasks, leases and attempts in one SQLite file on the coordinator's own disk.

A task is *waiting*, *leased* to a worker for a time, *done* or, after too many attempts, set *aside*. Every change is
one transaction, begun for writing and synced: what was said to be done is done after a loss of power. Completion
happens exactly once: of all attempts at a task only the one that holds the lease can end it, and only while it holds
it. What an attempt without a lease has made is not lost work, since the store keeps it by key, but it is nobody's
result.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock, Timeout

from pipeline.cluster.local_disk import require_local_disk
from pipeline.cluster.tables import METADATA, VERSION, attempts, connect, facts, needs, tasks
from pipeline.cluster.tasks import End, Lease, State, Task
from pipeline.cluster.view import FILE, QueueView, task_of
from pipeline.errors import QueueBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE_S = 60.0
"""A lease that is not renewed for so long is a dead worker's."""
ATTEMPTS_MAX = 3
"""After so many attempts that failed or died a task is set aside: something in it kills those who try."""


class Queue(QueueView):
    """The queue of one coordinator; several threads may use it. Use as a context manager."""

    def __init__(self, folder: Path, *, lease_s: float = LEASE_S, attempts_max: int = ATTEMPTS_MAX) -> None:
        """Open (and make) the queue in ``folder``.

        Raises:
            QueueOnShareError: the folder lies on a network file system.
            QueueBusyError: another coordinator has it open.
            QueueVersionError: another version of Weike wrote it.
        """
        self.lease_s, self.attempts_max = lease_s, attempts_max
        folder.mkdir(parents=True, exist_ok=True)
        require_local_disk(folder)
        self._lock = FileLock(folder / "queue.lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise QueueBusyError(folder) from None
        self._engine = connect(folder / FILE)
        try:
            self._prepare(folder)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Queue":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another coordinator open the queue."""
        self._engine.dispose()
        self._lock.release()

    # -- what is to be done -------------------------------------------------------------------------------------------

    def put(self, wanted: Iterable[Task], now_s: float | None = None) -> int:
        """Add tasks and return how many are new; one whose id is known stays as it is, done or not."""
        added = 0
        with self._write() as link:
            for task in wanted:
                values = {name: getattr(task, name) for name in ("id", "kind", "payload", "rank")}
                values["put_s"] = _now(now_s)
                done = link.execute(sa.insert(tasks).prefix_with("OR IGNORE").values(**values, state="waiting"))
                if done.rowcount:
                    added += 1
                    rows = [{"task": task.id, "slot": slot, "place": n} for n, slot in enumerate(task.needs)]
                    if rows:
                        link.execute(sa.insert(needs), rows)
        return added

    def retry(self, task: str) -> bool:
        """Let a task that was set aside be tried again from the beginning; tell whether it was aside."""
        with self._write() as link:
            again = sa.update(tasks).where(tasks.c.id == task, tasks.c.state == "aside")
            return bool(link.execute(again.values(state="waiting", attempts=0)).rowcount)

    def drop(self, unwanted: Iterable[str], reason: str) -> int:
        """Set tasks aside that wait and need not be done any more; return how many."""
        with self._write() as link:
            waiting = sa.update(tasks).where(tasks.c.state == "waiting")
            values = {"state": "aside", "reason": reason}
            return sum(link.execute(waiting.where(tasks.c.id == task).values(**values)).rowcount for task in unwanted)

    # -- who does it --------------------------------------------------------------------------------------------------

    def lease(self, worker: str, slots: Sequence[str] = (), now_s: float | None = None) -> Lease | None:
        """Return the right to do the task whose turn it is among those that a free slot can do.

        Args:
            worker: who will do it.
            slots: the kinds of slots that are free, the best first.
            now_s: the time, by default the clock's.
        """
        now = _now(now_s)
        with self._write() as link:
            self._expire(link, now)
            found = self._first_waiting(link, slots)
            if found is None:
                return None
            task, number, slot = found
            lease = Lease(task, uuid.uuid4().hex, number, worker, slot, now + self.lease_s)
            link.execute(
                sa.update(tasks)
                .where(tasks.c.id == task.id)
                .values(state="leased", attempt=lease.attempt, ends_at_s=lease.ends_at_s, begun=number)
            )
            link.execute(
                sa.insert(attempts).values(id=lease.attempt, task=task.id, number=number, worker=worker, began_s=now)
            )
            return lease

    def renew(self, lease: Lease, now_s: float | None = None) -> bool:
        """Hold a lease for another term; ``False`` when it was lost, and its holder should stop."""
        now = _now(now_s)
        with self._write() as link:
            self._expire(link, now)
            held = sa.update(tasks).where(*_held(lease)).values(ends_at_s=now + self.lease_s)
            return bool(link.execute(held).rowcount)

    def complete(self, lease: Lease, result: str, now_s: float | None = None) -> bool:
        """End a task with its result; ``False`` when the lease was lost: somebody else does it, or has done it."""
        now = _now(now_s)
        with self._write() as link:
            self._expire(link, now)
            done = sa.update(tasks).where(*_held(lease)).values(state="done", attempt=None, result=result, reason="")
            if not link.execute(done).rowcount:
                return False
            _end(link, lease.attempt, "done", "", now)
            return True

    def fail(self, lease: Lease, reason: str, now_s: float | None = None, *, is_final: bool = False) -> State | None:
        """End an attempt that failed; return what the task is now, ``None`` when the lease was lost.

        Args:
            lease: the attempt's.
            reason: why, for a person.
            now_s: the time.
            is_final: trying again would fail in the same way.
        """
        now = _now(now_s)
        with self._write() as link:
            self._expire(link, now)
            row = link.execute(sa.select(tasks.c.attempts).where(*_held(lease))).first()
            if row is None:
                return None
            count = self.attempts_max if is_final else row.attempts + 1
            return self._give_back(link, lease.task.id, lease.attempt, count, "failed", reason, now)

    def release(self, lease: Lease, now_s: float | None = None) -> bool:
        """Give a task back that nobody failed at, as when a worker is asked to stop; it counts against nothing."""
        with self._write() as link:
            free = sa.update(tasks).where(*_held(lease)).values(state="waiting", attempt=None)
            if not link.execute(free).rowcount:
                return False
            _end(link, lease.attempt, "released", "", _now(now_s))
            return True

    def expire(self, now_s: float | None = None) -> int:
        """Take back leases whose time is over; return how many."""
        with self._write() as link:
            return self._expire(link, _now(now_s))

    def reclaim(self, now_s: float | None = None) -> int:
        """Take back every lease, as a coordinator does that begins: those whom the last one gave them have left.

        That a coordinator died is no task's fault, so it counts against none.
        """
        now = _now(now_s)
        with self._write() as link:
            held = link.execute(sa.select(tasks.c.id, tasks.c.attempt).where(tasks.c.state == "leased")).all()
            for row in held:
                link.execute(sa.update(tasks).where(tasks.c.id == row.id).values(state="waiting", attempt=None))
                _end(link, row.attempt, "released", "", now)
            return len(held)

    # -- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _write(self) -> "Iterator[sa.Connection]":
        with self._engine.begin() as link:
            yield link

    def _prepare(self, folder: Path) -> None:
        with self._write() as link:  # the tables and the version together: who looks meanwhile sees both or neither
            METADATA.create_all(link)
            link.execute(sa.insert(facts).prefix_with("OR IGNORE").values(name="version", value=VERSION))
        self._require_version(folder)

    def _first_waiting(self, link: sa.Connection, slots: Sequence[str]) -> tuple[Task, int, str] | None:
        """Return the task, the number of the attempt that begins, and the slot it takes."""
        mine = sa.select(needs.c.task).where(needs.c.slot.in_(slots))
        any_slot = ~sa.exists().where(needs.c.task == tasks.c.id)
        fits = sa.or_(tasks.c.id.in_(mine), any_slot)
        turn = tasks.c.rank.desc(), tasks.c.number
        wanted = sa.select(tasks).where(tasks.c.state == "waiting", fits).order_by(*turn).limit(1)
        row = link.execute(wanted).first()
        if row is None:
            return None
        slots_of = sa.select(needs.c.slot).where(needs.c.task == row.id).order_by(needs.c.place)
        task = task_of(row, list(link.execute(slots_of).scalars()))
        return task, row.begun + 1, next((slot for slot in slots if slot in task.needs), "")

    def _expire(self, link: sa.Connection, now: float) -> int:
        over = link.execute(sa.select(tasks).where(tasks.c.state == "leased", tasks.c.ends_at_s <= now)).all()
        for row in over:
            self._give_back(link, row.id, row.attempt, row.attempts + 1, "expired", "", now)
        return len(over)

    def _give_back(
        self, link: sa.Connection, task: str, attempt: str, count: int, end: End, reason: str, now: float
    ) -> State:
        """End an attempt that counts; return what the task is then."""
        state: State = "aside" if count >= self.attempts_max else "waiting"
        values = {"state": state, "attempts": count, "attempt": None, "reason": reason}
        link.execute(sa.update(tasks).where(tasks.c.id == task).values(**values))
        _end(link, attempt, end, reason, now)
        return state


def _held(lease: Lease) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what is true of a task only while ``lease`` is in force."""
    return tasks.c.id == lease.task.id, tasks.c.state == "leased", tasks.c.attempt == lease.attempt


def _end(link: sa.Connection, attempt: str, end: End, reason: str, now: float) -> None:
    link.execute(sa.update(attempts).where(attempts.c.id == attempt).values(end=end, reason=reason, ended_s=now))


def _now(now_s: float | None) -> float:
    return time.time() if now_s is None else now_s
