"""Whatever workers, clocks and coordinators do, in any order: nothing is lost, nothing is completed twice."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from pipeline.cluster.queue import Queue
from pipeline.cluster.tasks import Lease, Task

LEASE_S = 60.0
ATTEMPTS_MAX = 3
SLOTS = ("gpu", "cpu", "encoder")
NAMES = tuple("abcdefgh")


class AnyOrder(RuleBasedStateMachine):
    """Holds beside the queue only what an onlooker knows: what was put, what was accepted, and the time."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 0.0
        self.put: set[str] = set()
        self.accepted: dict[str, str] = {}
        """Results that the queue took, by task."""
        self.retried: set[str] = set()
        self.queue = self.open()

    def open(self) -> Queue:
        return Queue(Path(self.folder.name), lease_s=LEASE_S, attempts_max=ATTEMPTS_MAX)

    def teardown(self) -> None:
        self.queue.close()
        self.folder.cleanup()

    @rule(name=st.sampled_from(NAMES), needs=st.lists(st.sampled_from(SLOTS), unique=True, max_size=2))
    def add(self, name: str, needs: list[str]) -> None:
        new = self.queue.put([Task(name, "lecture", "{}", tuple(needs))], self.now)
        assert new == (name not in self.put)
        self.put.add(name)

    @rule(target=leases, slots=st.lists(st.sampled_from(SLOTS), unique=True))
    def take(self, slots: list[str]) -> Lease | None:
        lease = self.queue.lease("worker", slots, self.now)
        if lease is not None:
            assert lease.task.id not in self.accepted, "what is done is not given out again"
            assert not lease.task.needs or lease.slot in slots
            assert lease.slot in lease.task.needs or not lease.task.needs
        else:
            waiting = [s.task for s in self.queue.standings() if s.state == "waiting"]
            assert all(task.needs and not set(task.needs) & set(slots) for task in waiting), "nobody waits for nothing"
        return lease

    @rule(lease=leases, result=st.integers(0, 9).map(str))
    def complete(self, lease: Lease | None, result: str) -> None:
        if lease is not None and self.queue.complete(lease, result, self.now):
            assert lease.task.id not in self.accepted, "completed twice"
            self.accepted[lease.task.id] = result

    @rule(lease=leases, is_final=st.booleans())
    def fail(self, lease: Lease | None, is_final: bool) -> None:
        if lease is not None:
            state = self.queue.fail(lease, "it broke", self.now, is_final=is_final)
            assert state in {None, "waiting", "aside"}
            assert not (is_final and state == "waiting")

    @rule(lease=leases)
    def renew(self, lease: Lease | None) -> None:
        if lease is not None and self.queue.renew(lease, self.now):
            assert lease.task.id not in self.accepted

    @rule(lease=leases)
    def release(self, lease: Lease | None) -> None:
        if lease is not None:
            self.queue.release(lease, self.now)

    @rule(seconds=st.sampled_from([1.0, 30.0, 59.0, 60.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def die_and_begin_again(self) -> None:
        """The coordinator's process ends anywhere between two changes; a new one takes every lease back."""
        self.queue.close()
        self.queue = self.open()
        self.queue.reclaim(self.now)
        assert self.queue.counts()["leased"] == 0

    @precondition(lambda self: self.put)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.put)))
        if self.queue.retry(name):
            self.retried.add(name)

    @invariant()
    def nothing_is_lost_and_nothing_done_twice(self) -> None:
        standings = {standing.task.id: standing for standing in self.queue.standings()}
        assert set(standings) == self.put
        assert {name: s.result for name, s in standings.items() if s.state == "done"} == self.accepted
        assert sum(self.queue.counts().values()) == len(self.put)

    @invariant()
    def attempts_are_bounded_and_told(self) -> None:
        history = self.queue.history()
        for standing in self.queue.standings():
            mine = [attempt for attempt in history if attempt.task == standing.task.id]
            assert [attempt.number for attempt in mine] == list(range(1, len(mine) + 1))
            assert sum(attempt.end is None for attempt in mine) == (standing.state == "leased")
            assert sum(attempt.end == "done" for attempt in mine) == (standing.state == "done")
            counted = sum(attempt.end in {"failed", "expired"} for attempt in mine)
            assert standing.attempts <= ATTEMPTS_MAX
            is_told = standing.task.id in self.retried or standing.state == "aside" or standing.attempts == counted
            assert is_told


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
