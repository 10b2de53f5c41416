"""A coordinator that is killed at any moment: what it said was done is done, and everything else is there to do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cluster.queue import Queue
from pipeline.cluster.tasks import Task

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
from pathlib import Path
from pipeline.cluster.queue import Queue
with Queue(Path(sys.argv[1])) as queue:
    queue.reclaim()
    while (lease := queue.lease("worker", ("cpu",))) is not None:
        if queue.complete(lease, "{}"):
            print(lease.task.id, flush=True)
print("end", flush=True)
"""
TASKS, KILLS = 120, 4


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    with Queue(tmp_path) as queue:
        queue.put(Task(f"task {number}", "lecture", "{}", ("cpu",)) for number in range(TASKS))
    told: list[str] = []
    for run in range(KILLS + 1):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        said = iter(child.stdout.readline, "")
        told.append(next(said).strip())  # it works now
        if run < KILLS:
            time.sleep(0.002 * run)
            child.send_signal(signal.SIGKILL)
        told += [line.strip() for line in said]
        child.wait()
        child.stdout.close()
    assert told.pop() == "end"
    assert len(told) == len(set(told)), "a task was completed twice"
    with Queue(tmp_path) as queue:
        done = {standing.task.id for standing in queue.standings() if standing.state == "done"}
        ends = [attempt.end for attempt in queue.history()]
    assert len(done) == TASKS
    assert set(told) <= done, "what was said to be done is done"
    assert TASKS - len(told) <= KILLS, "only a completion in flight can go untold"
    assert ends.count("done") == TASKS
    assert len(ends) - TASKS <= KILLS, "only what was in flight was begun again"
