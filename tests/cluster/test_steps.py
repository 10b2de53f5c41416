"""What comes after what, and what becomes of a lecture that ends its workers; workers are played by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.batch import BatchEvent, LectureEnded, Ledger, Task, plan_folder, set_aside
from pipeline.cluster.queue import Queue
from pipeline.cluster.steps import CPU, ENCODER, SPEECH, WORKER_LOST, Steps
from pipeline.cluster.tasks import Lease, Standing
from pipeline.errors import FfmpegFailedError
from pipeline.store import Store
from tests.batch.seasons import options

Play = Callable[[Lease, Task], str | None]
"""What a worker makes of a step: a result, or ``None`` when it dies of it."""


class Site:
    def __init__(self, folder: Path, count: int = 2) -> None:
        self.folder, self.heard = folder, list[BatchEvent]()
        (folder / "in").mkdir()
        for number in range(count):
            (folder / "in" / f"{number}.mp4").write_text(str(number))
        self.begun: list[tuple[str, str]] = []

    def run(self, play: Play, most: int = 100, *, retry_failed: bool = False, is_hardware: bool = False) -> bool:
        """Play until all is over, or for so many steps."""
        wanted = options(self.folder)
        ledger = Ledger(wanted.out)
        with Queue(self.folder / "queue") as queue:
            queue.reclaim()
            tasks = plan_folder(self.folder / "in", wanted)
            steps = Steps(tasks, ledger, queue, self.heard.append, is_hardware=is_hardware)
            steps.begin(Store(self.folder / "cache"), retry_failed=retry_failed)
            for _ in range(most):
                lease = queue.lease("worker", (SPEECH, CPU, ENCODER))
                if lease is None:
                    break
                course = steps.lecture(lease.task)
                assert course is not None
                self.begun.append((course.task.name, lease.task.kind))
                result = play(lease, course.task)
                if result is None:
                    reason = f"{WORKER_LOST}: worker"
                    if queue.fail(lease, reason) == "aside":
                        steps.ended(Standing(lease.task, "aside", queue.attempts_max, None, reason))
                else:
                    assert queue.complete(lease, result)
                    steps.ended(Standing(lease.task, "done", 0, result, ""))
            return steps.is_over

    def ends(self) -> dict[str, str]:
        return {
            event.name: event.outcome.failure.id if event.outcome.failure else event.outcome.state
            for event in self.heard
            if isinstance(event, LectureEnded)
        }


def quick(folder: Path) -> Play:
    """A worker that hears three pieces, and whose deliveries fail with a reason of their own."""

    def play(lease: Lease, task: Task) -> str:
        if lease.task.kind == "hear":
            return json.dumps({"pieces": 3})
        if lease.task.kind == "deliver":
            set_aside(task, Ledger(folder / "out"), FfmpegFailedError("x", reason="r"))
        return "{}"

    return play


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_was_begun_is_finished_before_more_is_begun(site: Site) -> None:
    assert site.run(quick(site.folder))
    one = ["hear", "piece", "piece", "piece", "deliver"]
    assert site.begun == [("0", kind) for kind in one] + [("1", kind) for kind in one]
    assert site.ends() == {"0": "ffmpeg.failed", "1": "ffmpeg.failed"}


@pytest.mark.parametrize("stop", range(1, 10))
def test_a_coordinator_that_dies_anywhere_goes_on_there(site: Site, stop: int) -> None:
    assert not site.run(quick(site.folder), stop)
    assert site.run(quick(site.folder))
    assert len(site.begun) == 10, "nothing is done twice"
    assert site.ends() == {"0": "ffmpeg.failed", "1": "ffmpeg.failed"}


def test_a_lecture_that_ends_its_workers_is_set_aside_and_the_other_goes_on(site: Site) -> None:
    well = quick(site.folder)

    def play(lease: Lease, task: Task) -> str | None:
        return None if task.name == "0" and lease.task.kind == "piece" else well(lease, task)

    assert site.run(play)
    assert site.begun.count(("0", "piece")) == 3, "the pieces after the deadly one are not tried"
    assert site.ends() == {"0": "cluster.set-aside", "1": "ffmpeg.failed"}
    begun = len(site.begun)
    assert site.run(play), "it stays aside"
    assert len(site.begun) == begun
    assert site.run(well, retry_failed=True)
    assert site.ends() == {"0": "ffmpeg.failed", "1": "ffmpeg.failed"}


def test_a_changed_recording_is_another_round(site: Site) -> None:
    assert not site.run(quick(site.folder), 2)
    (site.folder / "in" / "0.mp4").write_text("another")
    assert site.run(quick(site.folder))
    assert site.begun.count(("0", "hear")) == 2
    assert site.begun.count(("1", "hear")) == 1
