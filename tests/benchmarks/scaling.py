"""How a season grows with workstations: measured times of steps, then a season scheduled with them.

``python -m tests.benchmarks.scaling --page docs/scaling.md``. Times are processor seconds (user and system, with all
children), which other work on the machine does not change.
"""

import argparse
import asyncio
import heapq
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch import BatchOptions, Task, plan_folder
from pipeline.cluster.dasks import NO_PAGE, set_up
from pipeline.cluster.queue import Queue
from pipeline.cluster.steps import CPU, DELIVER, HEAR, PIECE, SPEECH
from pipeline.cluster.tasks import Task as Step
from pipeline.cluster.work import Bench
from pipeline.media.graph import run_ffmpeg
from pipeline.presets import load_preset
from tests.batch.seasons import MODEL, SAMPLE

LENGTHS_S = (20, 60)
"""Two lectures of one recording: what a step takes in any case, and what for each minute."""
LECTURES, SHORTEST_MIN, LONGEST_MIN, SEED = 1000, 15.0, 20.0, 1
STATIONS = (1, 4, 16)
OPEN = "open"
"""What a slot does before its first piece of a lecture: everything but the piece comes from the store."""
QUEUE_STEPS, DASK_STEPS, WAITING = 400, 300, 5000


@dataclass(frozen=True)
class Line:
    """Processor seconds of a step: ``fixed_s + minute_s × minutes``."""

    fixed_s: float
    minute_s: float

    def at(self, minutes: float) -> float:
        return self.fixed_s + self.minute_s * minutes


def used_s() -> float:
    """Processor time of this process and its ended children, seconds."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))


def timed(bench: Bench, kind: str, task: Task, number: int = 0) -> tuple[float, int]:
    """Processor seconds of one step, and how many pieces it found."""
    before = used_s()
    done = bench.do(kind, task, task.name, number)
    if done.reason:
        raise RuntimeError(done.reason)
    return used_s() - before, int(done.result.get("pieces", 0))


def measure(folder: Path) -> tuple[dict[str, Line], dict[str, list[tuple[float, float]]]]:
    """The lines of all kinds of steps, and the points they go through: minutes and processor seconds."""
    preset = load_preset()
    recognition = preset.recognition.model_copy(update={"model": str(MODEL)})
    wanted = BatchOptions(folder / "out", preset.model_copy(update={"recognition": recognition}))
    (folder / "in").mkdir()
    # A first lecture warms up: the model and the OCR are loaded once a process.
    for number, length in enumerate((6, *LENGTHS_S)):
        args = ["-stream_loop", "-1", "-i", str(SAMPLE), "-t", str(length), "-c", "copy"]
        run_ffmpeg([*args, str(folder / "in" / f"{number}.mp4")], subject=SAMPLE)
    bench = Bench(folder / "store", wanted.out)
    points: dict[str, list[tuple[float, float]]] = {HEAR: [], OPEN: [], PIECE: [], DELIVER: []}
    for task, length in zip(plan_folder(folder / "in", wanted), (6, *LENGTHS_S), strict=True):
        heard_s, pieces = timed(bench, HEAR, task)
        encoded_s = [timed(bench, PIECE, task, number)[0] for number in range(pieces)]
        opened_s, _none = timed(Bench(folder / "store", wanted.out), PIECE, task)
        delivered_s, _none = timed(bench, DELIVER, task)
        if length != 6:
            minutes = length / 60
            points[HEAR].append((minutes, heard_s))
            points[OPEN].append((minutes, opened_s))
            points[PIECE].append((minutes, sum(encoded_s)))
            points[DELIVER].append((minutes, delivered_s))
    return {kind: through(*found) for kind, found in points.items()}, points


def through(first: tuple[float, float], second: tuple[float, float]) -> Line:
    """The line through two points."""
    slope = (second[1] - first[1]) / (second[0] - first[0])
    return Line(max(0.0, first[1] - slope * first[0]), slope)


def queue_s(folder: Path) -> float:
    """Processor seconds that the queue takes for one step, while thousands wait."""
    with Queue(folder / "queue") as queue:
        queue.put(Step(f"{PIECE}/round/{number}", PIECE, "{}", (CPU,), 1) for number in range(WAITING))
        before = used_s()
        for _ in range(QUEUE_STEPS):
            lease = queue.lease("worker", (CPU, SPEECH))
            assert lease is not None
            assert queue.complete(lease, "{}")
        return (used_s() - before) / QUEUE_STEPS


def dask_s() -> float:
    """Processor seconds that Dask takes for one step that does nothing, on both sides together."""
    from distributed import Client, Scheduler, Worker

    async def run() -> float:
        set_up()
        quiet = {"dashboard_address": NO_PAGE}
        async with Scheduler(host="127.0.0.1", port=0, dashboard=False, **quiet) as scheduler:
            worker = Worker(scheduler.address, nthreads=1, resources={CPU: 1}, memory_limit=0, **quiet)
            async with worker, Client(scheduler.address, asynchronous=True, set_as_default=False) as client:
                before = used_s()
                for number in range(DASK_STEPS):
                    await client.submit(os.getpid, key=f"step{number}", resources={CPU: 1}, pure=False)
                return (used_s() - before) / DASK_STEPS

    return asyncio.run(run())


def schedule(
    lengths_min: Sequence[float], slots: int, lines: dict[str, Line], piece_min: float, step_s: float
) -> float:
    """Seconds until a season is done: each free slot takes the step whose turn it is, as the queue gives it.

    The coordinator is one: each step keeps it busy for ``step_s`` before it begins.
    """
    pieces = [max(1, round(length / piece_min)) for length in lengths_min]
    waiting = [(0, lecture, HEAR) for lecture in range(len(lengths_min))]
    heapq.heapify(waiting)
    left = list(pieces)
    running: list[tuple[float, int, str, int]] = []
    now, coordinator_free, free, opened = 0.0, 0.0, list(range(slots)), [-1] * slots
    while waiting or running:
        while waiting and free:
            _turn, lecture, kind = heapq.heappop(waiting)
            coordinator_free = max(now, coordinator_free) + step_s
            length = lengths_min[lecture]
            took = lines[kind].at(length) / (pieces[lecture] if kind == PIECE else 1)
            slot = free.pop(0)
            if kind == PIECE and opened[slot] != lecture:
                took += lines[OPEN].at(length)
            opened[slot] = -1 if kind == DELIVER else lecture
            heapq.heappush(running, (coordinator_free + took, lecture, kind, slot))
        now, lecture, kind, slot = heapq.heappop(running)
        free.append(slot)
        if kind == HEAR:
            for _ in range(pieces[lecture]):
                heapq.heappush(waiting, (-1, lecture, PIECE))
        elif kind == PIECE:
            left[lecture] -= 1
            if not left[lecture]:
                heapq.heappush(waiting, (-2, lecture, DELIVER))
    return now


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(folder: Path, say: Callable[[str], None]) -> str:
    """Measure, schedule, and return the page."""
    lines, points = measure(folder)
    say(f"steps: {points}")
    per_queue, per_dask = queue_s(folder), dask_s()
    say(f"queue {1000 * per_queue:.2f} ms, Dask {1000 * per_dask:.2f} ms a step")
    cores = len(os.sched_getaffinity(0))
    dice = random.Random(SEED)
    lengths = [dice.uniform(SHORTEST_MIN, LONGEST_MIN) for _ in range(LECTURES)]
    piece_min = load_preset().encoder.segment_s / 60
    began = time.process_time()
    hours = {n: schedule(lengths, n * cores, lines, piece_min, per_queue + per_dask) / 3600 for n in STATIONS}
    say(f"scheduled in {time.process_time() - began:.0f} s of processor time: {hours}")
    once = [line for kind, line in lines.items() if kind != OPEN]
    work_h = sum(line.at(length) for line in once for length in lengths) / 3600
    steps = sum(2 + max(1, round(length / piece_min)) for length in lengths)
    names = {
        HEAR: "hear (recognition, demo model)",
        OPEN: "open a lecture for its pieces, once a slot",
        PIECE: "pieces (1080 lines, all of a lecture)",
        DELIVER: "deliver and check",
    }
    measured = [
        [names[kind], *(f"{s:.1f} s" for s in (*(found for _, found in points[kind]), line.fixed_s, line.minute_s))]
        for kind, line in lines.items()
    ]
    head = ["step", *(f"{length} s of lecture" for length in LENGTHS_S), "in any case", "for each minute"]
    grown = [[str(n), str(n * cores), *_grown(hours, n, work_h / (n * cores))] for n in STATIONS]
    return TEXT.format(
        cores=cores,
        measured=table(head, measured),
        queue=f"{1000 * per_queue:.1f}",
        dask=f"{1000 * per_dask:.1f}",
        waiting=WAITING,
        lectures=LECTURES,
        steps=f"{steps:,}",
        work=f"{work_h:.0f}",
        grown=table(["workstations", "slots", "time", "times as fast as one", "slots at work of use"], grown),
    )


def _grown(hours: dict[int, float], count: int, least_h: float) -> tuple[str, str, str]:
    return f"{hours[count]:.1f} h", f"{hours[1] / hours[count]:.2f}", f"{least_h / hours[count]:.1%}"


TEXT = """# How a season grows with workstations

Written by `make bench-cluster`: the times of steps are measured, the season is scheduled with them on paper.

## Measured

Processor seconds (user and system, with all children) on a machine with {cores} cores, one run, of lectures cut from
the short sample, under `seu-2020` at 1080 lines, model and OCR loaded before. The line through both lengths gives
the two columns on the right.

{measured}

The queue takes {queue} ms of processor time a step (lease and completion, each synced, {waiting:,} steps waiting), Dask
{dask} ms (a step that does nothing, scheduler and worker together, on loopback).

## Scheduled

A season of {lectures:,} lectures of 15 to 20 minutes (evenly spread, fixed seed): {steps} steps, {work}
core-hours of work beside what slots spend on opening a lecture that another slot heard.
A free slot takes the step whose turn it is, as the queue gives it: deliver before pieces before hear, earlier lectures
first.

{grown}

Assumed:

- every workstation is like the machine measured and has {cores} slots, one a core; a step keeps exactly one core
  busy, for its processor seconds;
- the lines hold for lectures of 15 to 20 minutes, though the longest one measured lasts a minute;
- no GPU and no hardware encoder, since none was measured; recognition by a real model takes longer than by the demo
  model and makes the season longer, not less divisible: it is one step a lecture;
- one coordinator, which gives out one step at a time and is busy with each for the time of queue and Dask together;
- the shared folder keeps up: what a network or a disk adds is not in it, nor is a model's loading, once a slot.
"""


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", type=Path)
    where = parser.parse_args().page
    with tempfile.TemporaryDirectory() as name:
        text = page(Path(name), lambda line: print(line, file=sys.stderr))
    print(text)
    if where is not None:
        where.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
