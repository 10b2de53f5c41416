"""Several runs on one output at the same moment: one wins, the others are told, round after round."""

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.events import Event
from tests.faults.children import Ending, finish, start
from tests.faults.matrix import Verdict
from tests.faults.rooms import Room, Template, whole

_PATIENCE_S = 100


@dataclass(frozen=True, slots=True)
class Race:
    """How a race is run."""

    runners: int
    shares_cache: bool
    """All keep their parts in one cache folder; otherwise each has its own, as on several machines."""


def round_of(template: Template, room: Room, race: Race) -> Verdict:
    """Return what became of one round.

    All start at one moment; whoever holds the output waits in the middle of its work until all others have ended, so
    that nobody wins by having come later.
    """
    fork: Any = multiprocessing.get_context("fork")
    gate, ended = fork.Barrier(race.runners), fork.Semaphore(0)
    children = []
    for number in range(race.runners):
        own = Room(room.folder, f"跑 {number}")
        log = room.folder / f"log{number}"
        log.unlink(missing_ok=True)
        work = _runner(template, own, race, number, gate, ended)
        children.append((start(work, log, "race"), log))
    endings = [finish(child, log, _PATIENCE_S + 20) for child, log in children]
    problems = list(_judge(endings))
    problems += whole(room.out / "课", has_note=True)
    left = sorted(path.name for path in room.out.iterdir() if path.name != "课")
    if left:
        problems.append(f"left beside the delivery: {left}")
    counts = Counter(ending.reason for ending in endings)
    return Verdict(
        f"{race.runners} runs", ", ".join(f"{n} {way}" for way, n in sorted(counts.items())), tuple(problems)
    )


def _runner(template: Template, room: Room, race: Race, number: int, gate: Any, ended: Any) -> Callable[[], int]:
    def job() -> int:
        has_waited = [False]

        def listen(_event: Event) -> None:
            if has_waited[0]:
                return
            has_waited[0] = True
            for _ in range(race.runners - 1):
                if not ended.acquire(timeout=_PATIENCE_S):
                    raise RuntimeError("the other runs did not end: more than one holds the output")

        gate.wait(_PATIENCE_S)
        own = room if race.shares_cache else _with_cache(room, number)
        try:
            return template.work(own, listen)
        finally:
            ended.release()

    return job


def _with_cache(room: Room, number: int) -> Room:
    """Return the same room seen from another machine: its own cache, the same output."""
    folder = room.folder / f"machine{number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("raw.mp4", "sub.srt", "out"):
        (folder / name).symlink_to(room.folder / name)
    return Room(folder, room.title)


def _judge(endings: list[Ending]) -> list[str]:
    wins = sum(ending.reason == "ok" for ending in endings)
    told = sum(ending.reason == "output.busy" for ending in endings)
    problems = []
    if wins != 1:
        problems.append(f"{wins} winners")
    if wins + told != len(endings):
        odd = next(ending for ending in endings if ending.reason not in {"ok", "output.busy"})
        problems.append(f"{odd.reason}: {odd.log[-1500:]}")
    return problems
