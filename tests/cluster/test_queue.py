"""The queue: what a worker, a coordinator and two of them at once can do to it."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.cluster.queue import Queue
from pipeline.cluster.tasks import Lease, Task
from pipeline.cluster.view import FILE, QueueView
from pipeline.errors import NoQueueError, QueueBusyError, QueueOnShareError, QueueVersionError


def task(name: str, *needs: str) -> Task:
    return Task(name, "lecture", "{}", needs)


def taken(queue: Queue, slots: tuple[str, ...] = ("cpu",), now_s: float = 0.0) -> Lease:
    lease = queue.lease("worker", slots, now_s)
    assert lease is not None
    return lease


def test_tasks_come_in_the_order_in_which_they_were_put(tmp_path: Path) -> None:
    with Queue(tmp_path) as queue:
        assert queue.put([task("b"), task("a")]) == 2
        assert queue.put([task("a"), task("c")]) == 1
        assert [taken(queue).task.id for _ in range(3)] == ["b", "a", "c"]
        assert queue.lease("worker", ("cpu",), 0.0) is None


def test_a_task_waits_for_a_slot_that_can_do_it(tmp_path: Path) -> None:
    with Queue(tmp_path) as queue:
        queue.put([task("speech", "gpu", "cpu"), task("picture", "encoder"), task("any")])
        assert (taken(queue, ("encoder",)).task.id, taken(queue, ()).task.id) == ("picture", "any")
        assert queue.lease("worker", ("encoder",), 0.0) is None
        lease = taken(queue, ("cpu", "gpu"))
        assert (lease.task.id, lease.slot) == ("speech", "cpu"), "the worker's best slot first"


def test_a_task_is_completed_once(tmp_path: Path) -> None:
    with Queue(tmp_path, lease_s=60) as queue:
        queue.put([task("a")])
        dead = taken(queue, now_s=0)
        alive = taken(queue, now_s=60)
        assert (dead.task, dead.number, alive.number) == (alive.task, 1, 2)
        assert not queue.complete(dead, '"late"', 61), "it was thought dead, and somebody else has the task"
        assert queue.complete(alive, '"right"', 62)
        assert not queue.complete(alive, '"again"', 63)
        (standing,) = queue.standings()
        assert (standing.state, standing.result) == ("done", '"right"')
        assert [attempt.end for attempt in queue.history()] == ["expired", "done"]


def test_a_lease_that_is_renewed_holds(tmp_path: Path) -> None:
    with Queue(tmp_path, lease_s=60) as queue:
        queue.put([task("a")])
        lease = taken(queue, now_s=0)
        assert all(queue.renew(lease, now) for now in range(50, 500, 50))
        assert queue.lease("other", ("cpu",), 500) is None
        assert not queue.renew(lease, 510.5), "a lease that ran out is gone even if nobody took the task"
        assert queue.counts()["waiting"] == 1


def test_a_task_that_kills_those_who_try_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    with Queue(tmp_path, lease_s=60, attempts_max=3) as queue:
        queue.put([task("poison"), task("good")])
        for number in range(3):
            assert taken(queue, now_s=number * 60.0).number == number + 1
        lease = taken(queue, now_s=180)
        assert lease.task.id == "good"
        assert queue.complete(lease, "{}", 181)
        assert queue.counts() == {"waiting": 0, "leased": 0, "done": 1, "aside": 1}
        assert queue.retry("poison")
        assert not queue.retry("good")
        assert taken(queue, now_s=200).task.id == "poison"


def test_a_failure_says_why_and_one_that_would_fail_again_is_final(tmp_path: Path) -> None:
    with Queue(tmp_path) as queue:
        queue.put([task("a"), task("b")])
        assert queue.fail(taken(queue), "no space", 1.0) == "waiting"
        assert queue.fail(taken(queue), "no space", 2.0) == "waiting"
        assert queue.fail(taken(queue), "no space", 3.0) == "aside"
        assert queue.fail(taken(queue), "not a video", 4.0, is_final=True) == "aside"
        assert [standing.reason for standing in queue.standings()] == ["no space", "not a video"]


def test_giving_back_counts_against_nothing(tmp_path: Path) -> None:
    with Queue(tmp_path, attempts_max=1) as queue:
        queue.put([task("a")])
        for _ in range(5):
            assert queue.release(taken(queue))
        assert queue.complete(taken(queue), "{}", 1.0)


def test_what_was_leased_waits_again_when_a_coordinator_begins(tmp_path: Path) -> None:
    with Queue(tmp_path, attempts_max=1) as queue:
        queue.put([task("a"), task("b"), task("c")])
        queue.complete(taken(queue), "1", 1.0)
        old = taken(queue)
    with Queue(tmp_path, attempts_max=1) as queue:
        assert queue.reclaim(2.0) == 1
        assert not queue.complete(old, "2", 3.0)
        assert queue.counts() == {"waiting": 2, "leased": 0, "done": 1, "aside": 0}


def test_one_coordinator_at_a_time(tmp_path: Path) -> None:
    with Queue(tmp_path), pytest.raises(QueueBusyError):
        Queue(tmp_path)
    Queue(tmp_path).close()


def test_a_queue_of_another_version_is_left_alone(tmp_path: Path) -> None:
    Queue(tmp_path).close()
    link = sqlite3.connect(tmp_path / "queue.sqlite")
    link.execute("UPDATE facts SET value = '0' WHERE name = 'version'")
    link.commit()
    link.close()
    for _ in range(2):
        with pytest.raises(QueueVersionError):
            Queue(tmp_path)


def test_who_looks_at_a_queue_that_is_being_made_sees_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("pipeline.cluster.queue.VERSION", object())  # what SQLite cannot keep
        with pytest.raises(sa.exc.SQLAlchemyError):
            Queue(tmp_path)
    assert (tmp_path / FILE).is_file()
    with pytest.raises(NoQueueError):
        QueueView(tmp_path)
    with Queue(tmp_path), QueueView(tmp_path) as view:
        assert view.history() == ()


def test_a_queue_on_a_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.cluster import local_disk

    share = local_disk.Mount(str(tmp_path / "share"), "nfs4")
    monkeypatch.setattr(local_disk, "_mounts", lambda: [local_disk.Mount("/", "ext4"), share])
    with pytest.raises(QueueOnShareError):
        Queue(tmp_path / "share" / "weike")
    assert not list((tmp_path / "share" / "weike").iterdir())


def test_threads_share_it_and_each_task_is_done_by_one(tmp_path: Path) -> None:
    names = [f"task {number}" for number in range(60)]
    won: list[str] = []

    def work(queue: Queue, name: str) -> None:
        while (lease := queue.lease(name, ("cpu",))) is not None:
            if queue.complete(lease, "{}"):
                won.append(lease.task.id)

    with Queue(tmp_path) as queue:
        queue.put(map(task, names))
        threads = [threading.Thread(target=work, args=(queue, f"worker {number}")) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert queue.counts()["done"] == 60
        assert len(queue.history()) == 60
    assert sorted(won) == sorted(names)
