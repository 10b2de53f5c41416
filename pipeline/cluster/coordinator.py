"""The coordinator: gives each free worker the step whose turn it is, and writes down what came of it.

Dask carries the steps to the workers and tells who has died; the queue decides what is done by whom and what is done.
When this process dies its workers leave, and the next coordinator on the same queue finds what was done still done and
what was in flight queued again.
"""

import asyncio
import json
import pickle
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Client, Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import KilledWorker

from pipeline.batch import BatchEmit, BatchEnded, BatchOptions, BatchStarted, Ledger, Task, report_season
from pipeline.cluster.crew import SLOTS, Crew, Member
from pipeline.cluster.dasks import JOIN, LEAVE, NO_PAGE, WANTED, set_up
from pipeline.cluster.doors import Address, security_for
from pipeline.cluster.likeness import Traits, traits_here
from pipeline.cluster.queue import Queue
from pipeline.cluster.seat import do_step
from pipeline.cluster.steps import WORKER_LOST, Course, Steps
from pipeline.cluster.tasks import Lease, Standing
from pipeline.cluster.work import Done
from pipeline.errors import ListenError
from pipeline.lecture import require_tools
from pipeline.media.rendering.encoders import SOFTWARE
from pipeline.season import SeasonRow
from pipeline.store import Store

_LOOK_S = 1.0
"""Seconds between two looks when nothing happens."""
_RENEWALS = 4
"""Leases are renewed so many times in a term."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a coordinator works."""

    store: Path
    """Shared: what stages make."""
    queue: Path
    """On this machine's own disk."""
    address: Address
    certificates: Path | None = None


def coordinate(
    tasks: Sequence[Task],
    options: BatchOptions,
    place: Place,
    emit: BatchEmit,
    listening: Callable[[], None],
    *,
    retry_failed: bool = False,
) -> tuple[SeasonRow, ...]:
    """Return what became of each lecture once workers have done them all; the report of the season lies there then.

    Args:
        tasks: the lectures.
        options: what holds for all of them.
        place: folders, address and certificates.
        emit: told of lectures that begin and end.
        listening: called once workers can join.
        retry_failed: try again what failed for reasons of its own.

    Raises:
        WeikeError: nothing can be begun, or outcomes could not be kept.
    """
    require_tools(options.preset)
    store, ledger = Store(place.store), Ledger(options.out)
    with ledger.held(), Queue(place.queue) as queue:
        ledger.keep_asked(options)
        queue.reclaim()
        traits = traits_here(options.preset)
        steps = Steps(tasks, ledger, queue, emit, is_hardware=traits["encoder"] != SOFTWARE)
        emit(BatchStarted(len(tasks)))
        try:
            steps.begin(store, retry_failed=retry_failed)
            if not steps.is_over:
                asyncio.run(Coordinator(steps, queue, options, place, traits).run(listening))
        finally:
            rows = report_season(tasks, ledger, options)
    emit(BatchEnded(rows))
    return rows


class Coordinator(SchedulerPlugin):
    """One season's workers and the work they have in hand."""

    def __init__(self, steps: Steps, queue: Queue, options: BatchOptions, place: Place, traits: Traits) -> None:
        """Listen to nobody yet."""
        self._steps, self._queue, self._options, self._place, self._traits = steps, queue, options, place, traits
        self._crew, self._changed = Crew(), asyncio.Event()
        self._in_hand: dict[str, tuple[Lease, asyncio.Task[None]]] = {}
        self._tokens = _Tokens((place.store, options.out))

    async def run(self, listening: Callable[[], None]) -> None:
        """Give out work until every lecture has ended."""
        set_up()
        address, security = self._place.address, security_for(self._place.certificates)
        handlers = {WANTED: self._wanted, JOIN: self._join, LEAVE: self._leave}
        try:
            scheduler = await Scheduler(
                host=address.host,
                port=address.port,
                protocol=f"{address.scheme}://",
                security=security,
                dashboard=False,
                dashboard_address=NO_PAGE,
                plugins=[self],
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise ListenError(address=str(address), reason=str(error)) from error
        scheduler.handlers.update(handlers)
        try:
            with self._tokens:
                client = Client(scheduler.address, security=security, asynchronous=True, set_as_default=False)
                async with client as dask:
                    listening()
                    await self._drive(dask)
        finally:
            await scheduler.close()

    async def _drive(self, dask: "Client") -> None:
        renewed_s = asyncio.get_running_loop().time()
        while not self._steps.is_over:
            for member in self._crew.free:
                self._give(member, dask)
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _LOOK_S)
            for _lease, following in list(self._in_hand.values()):
                if following.done():
                    following.result()  # what went wrong in here is nobody else's to tell
            now_s = asyncio.get_running_loop().time()
            if now_s - renewed_s > self._queue.lease_s / _RENEWALS:
                renewed_s = now_s
                for lease, _following in list(self._in_hand.values()):
                    self._queue.renew(lease)

    def _give(self, member: Member, dask: "Client") -> None:
        """Give a free member the step whose turn it is, if there is one that it can do."""
        lease = self._queue.lease(member.name, self._crew.offers(member))
        if lease is None:
            return
        course = self._steps.lecture(lease.task)
        if course is None:
            self._queue.fail(lease, "cluster.asked-otherwise", is_final=True)
            return
        member.is_free = False
        self._steps.started(lease.task)
        following = asyncio.create_task(self._follow(lease, course, member, dask))
        self._in_hand[lease.attempt] = lease, following
        following.add_done_callback(lambda _task: self._changed.set())

    async def _follow(self, lease: Lease, course: Course, member: Member, dask: "Client") -> None:
        """Wait for what comes of a step, and write it down."""
        number = int(lease.task.id.rpartition("/")[2])
        future = dask.submit(
            do_step,
            *(lease.task.kind, course.task, course.round, number),
            key=lease.attempt,
            workers=[member.address],
            resources={member.slot: 1},
            allow_other_workers=False,
            pure=False,
        )
        result, gone = asyncio.ensure_future(_result(future)), asyncio.create_task(member.gone.wait())
        await asyncio.wait({result, gone}, return_when=asyncio.FIRST_COMPLETED)
        done = result.result() if result.done() else None
        for waiting in (result, gone):
            waiting.cancel()
        member.is_free = True
        self._note(lease, done, is_leaving=member.is_leaving)
        future.release()
        del self._in_hand[lease.attempt]

    def _note(self, lease: Lease, done: Done | None, *, is_leaving: bool) -> None:
        """Write down how an attempt ended; ``None``: its worker did."""
        result: str | None = None
        reason, state = "", None
        if done is None and is_leaving:
            self._queue.release(lease)
        elif done is None:
            reason = f"{WORKER_LOST}: {lease.worker}"
            state = self._queue.fail(lease, reason)
        elif done.reason:
            reason = done.reason
            state = self._queue.fail(lease, reason, is_final=done.is_final)
        else:
            result = json.dumps(done.result, ensure_ascii=False)
            state = "done" if self._queue.complete(lease, result) else None
        if state in {"done", "aside"}:
            attempts = self._queue.attempts_max if state == "aside" else 0
            self._steps.ended(Standing(lease.task, state, attempts, result, reason))

    # -- what workers ask ---------------------------------------------------------------------------------------------

    async def _wanted(self) -> dict[str, Any]:
        return {
            "preset": pickle.dumps(self._options.preset),
            "traits": dict(self._traits),
            "folders": self._tokens.told,
            "store": str(self._place.store),
            "out": str(self._options.out),
        }

    async def _join(self, address: str, name: str, slot: str, traits: dict[str, str]) -> bool:
        """Let a worker in that is like this machine; it has compared, and so has this."""
        if traits != dict(self._traits) or slot not in SLOTS:
            return False
        self._crew.add(address, name, slot)
        self._changed.set()
        return True

    async def _leave(self, address: str) -> None:
        self._crew.leave(address)

    def remove_worker(self, scheduler: Scheduler, worker: str, **_more: Any) -> None:  # noqa: ARG002
        """Note that a worker has gone, as Dask tells."""
        self._crew.remove(worker)
        self._changed.set()


async def _result(future: Any) -> Done | None:
    """Return what a step came to; ``None`` when its worker died. What else Dask meets is a failure of the attempt."""
    try:
        done: Done = await future
    except (KilledWorker, asyncio.CancelledError):
        return None
    except Exception as error:
        return Done({}, f"batch.crashed: {error!r}", is_final=False)
    return done


class _Tokens:
    """A file in each shared folder, by which a worker proves to itself that it sees the same folder."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._mark = uuid.uuid4().hex
        self._files = [folder / f".weike-share-{self._mark[:8]}" for folder in folders]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Each file, and what it holds."""
        return [(str(path), self._mark) for path in self._files]

    def __enter__(self) -> None:
        for path in self._files:
            path.write_text(self._mark, "ascii")

    def __exit__(self, *_error: object) -> None:
        for path in self._files:
            path.unlink(missing_ok=True)
