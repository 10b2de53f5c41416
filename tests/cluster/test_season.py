"""A season on a coordinator and a worker, each a process of its own: the pictures of a batch, whoever is killed."""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.batch.seasons import tone
from tests.cluster.runs import Site, ended, pictures, run_batch


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_a_killed_worker_changes_nothing(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        shutil.copy(tone(make_clip, number, 4), tmp_path / "in" / f"{number}.mp4")
    (tmp_path / "in" / "bad.mp4").write_text("no recording")
    assert run_batch(tmp_path, tmp_path / "in") == 3
    with Site(tmp_path, tmp_path / "in") as site:
        coordinator, worker = site.coordinator(), site.worker("desk")
        site.until(lambda history: any(a.task.startswith("piece") and a.end is None for a in history))
        site.kill_seat(worker)
        assert coordinator.wait(200) == 3, "the code of the lecture that failed, as in a batch"
    assert ended(site.out) == ended(tmp_path / "b-out")
    assert pictures(site.out) == pictures(tmp_path / "b-out")
    history, standings = site.history(), site.standings()
    ends = Counter(attempt.end for attempt in history)
    assert ends["done"] == sum(standing.state == "done" for standing in standings)
    lost = [attempt for attempt in history if attempt.reason.startswith("cluster.worker-lost")]
    assert len(lost) == 1
    assert lost[0].worker == "desk-cpu-1"
    assert len(history) - len(standings) == 1, "only what was in flight was begun again"
    assert sum(site.segments_made().values()) - len(site.segments_made()) <= 1, "no segment made twice but that one"
