"""Rows on one long lecture: made, made again, corrected, killed and taken up, checked."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.benchmarks.bench import Bench, Run
from tests.benchmarks.contest import Contest, Result, take_part
from tests.benchmarks.sources import Source, write_cues
from tests.benchmarks.table import Figures, Row, failed, tried
from tests.benchmarks.whole import against_bare

_EDITED = (0.3, 0.7)
_SNAPSHOT, _KILL = 0.8, 0.9
"""Shares of the render. The run that is killed begins with the store as the first run had it at the first share,
so that its first four fifths need not be rendered a second time."""


@dataclass(frozen=True, slots=True)
class _First:
    """The first, full run."""

    source: Source
    room: Path
    store: Path
    half_way: Path
    run: Run


def correction_rows(bench: Bench) -> Iterator[Row]:
    """Give what each later run costs, over the first, full one."""
    kind, length_s = bench.sizes.lecture
    what = f"{length_s // 60} minutes" if length_s >= 60 else f"{length_s} s"
    told = Row("lecture/full", f"`weike burn`, cold, {what}, {kind}", unit="CPU s")
    try:
        first = _first_run(bench, bench.source(kind, length_s))
    except Exception as error:
        yield failed(told, error)
        return
    note = f"render {first.run.notes.stage('render').cpu_s:.0f} s, check {_cpu(first.run, 'check'):.0f} s"
    yield tried(told, lambda: Figures((first.run.cost.cpu_s,), (first.run.cost.wall_s,), note))
    yield from against_bare("lecture/bare", cache(lambda: _bare(bench, first)))
    yield from _over_first(first, "again", "again, nothing edited", 0.02, 0.02, lambda: _again(bench, first))
    yield from _over_first(first, "edited", "after two cues were edited", 0.10, 0.10, lambda: _edited(bench, first))
    resumed = f"after SIGKILL at {_KILL:.0%} of the render"
    yield from _over_first(first, "resumed", resumed, 0.20, 0.20, lambda: _resumed(bench, first))
    row = Row("lecture/check", "`weike check` of the finished file, cold ÷ its render", 0.10)
    yield tried(row, lambda: _checked(bench, first))


def _over_first(
    first: _First, name: str, what: str, asked: float, asked_stage: float, make: Callable[[], Run]
) -> Iterator[Row]:
    """Give the whole command and the render stage alone, each over that of the first run."""
    made: list[Run] = []

    def whole() -> Figures:
        made.append(make())
        cost, full = made[0].cost, first.run.cost
        stages = ", ".join(f"{w.stage} {w.cpu_s:.1f} s" for w in made[0].notes.windows if w.cpu_s >= 0.5)
        return Figures((cost.cpu_s / full.cpu_s,), (cost.wall_s / full.wall_s,), stages)

    def stage() -> Figures:
        if not made:
            raise LookupError("the command failed")
        now, full = (run.notes.stage("render") for run in (made[0], first.run))
        return Figures((now.cpu_s / full.cpu_s,), (now.wall_s / full.wall_s,))

    yield tried(Row(f"lecture/{name}", f"{what} ÷ the full run", asked), whole)
    yield tried(Row(f"lecture/{name}-render", f"{what}, render stage ÷ the full render stage", asked_stage), stage)


def _first_run(bench: Bench, source: Source) -> _First:
    room = bench.room("lecture")
    store, half_way = room / "store", room / "half-way"
    driver = ("--snapshot", store, half_way, "--snapshot-at", str(_SNAPSHOT))
    run = bench.weike(room, "burn", source.video, source.srt, store=store, driver=driver)
    return _First(source, room, store, half_way, run)


def _bare(bench: Bench, first: _First) -> Contest:
    """Let bare ffmpeg make the lecture too, at the first run's settings."""
    contest = Contest(first.source, {"weike": [Result(first.run.cost, first.run.video, first.run)]})
    take_part(bench, contest, "bare")
    return contest


def _again(bench: Bench, first: _First) -> Run:
    return bench.weike(first.room, "burn", first.source.video, first.source.srt, store=first.store)


def _edited(bench: Bench, first: _First) -> Run:
    srt = first.room / "edited.srt"
    write_cues(srt, first.source.length_s, _EDITED)
    return bench.weike(first.room, "burn", first.source.video, srt, store=first.store)


def _resumed(bench: Bench, first: _First) -> Run:
    """Kill a run that has the first four fifths, and return the run that takes it up."""
    room = bench.room("resumed")
    command = ("burn", first.source.video, first.source.srt)
    driver = ("--kill-at", str(_KILL))
    bench.weike(room, *command, store=first.half_way, driver=driver, accepts=(-signal.SIGKILL,))
    return bench.weike(room, *command, store=first.half_way)


def _checked(bench: Bench, first: _First) -> Figures:
    room = bench.room("check")
    run = bench.weike(room, "check", first.run.video)
    render = first.run.notes.stage("render")
    parts = ", ".join(f"{Path(p.argv[0]).name} {p.cpu_s:.1f} s" for p in run.notes.programs if p.cpu_s >= 0.5)
    return Figures((run.cost.cpu_s / render.cpu_s,), (run.cost.wall_s / render.wall_s,), parts)


def _cpu(run: Run, stage: str) -> float:
    return next((window.cpu_s for window in run.notes.windows if window.stage == stage), 0.0)
