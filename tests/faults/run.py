"""``make test-faults``: kills, failing disks, races and damaged files against the product, with counts at the end.

Parts:
  kills    SIGKILL at every write, fsync, rename and unlink: by an injector in Python, and by strace where it is here
  moments  SIGKILL at random moments
  errors   a full disk, a failing disk and a vanished output folder at every such call
  disks    small disks that really run full or go away
  races    several runs on one output at the same moment
  mutants  small media files with bytes changed, through probe and some of them through convert
"""

import argparse
import importlib
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import disks, matrix, mutants, racing, rooms, strace
from tests.faults.children import run as run_child
from tests.faults.matrix import Verdict
from tests.faults.media import make_seeds

_INHERITED = (
    "pipeline.lecture",
    "faster_whisper.vad",
    "fontTools.ttLib",
    "jinja2",
    "opencc",
    "pypinyin",
    "rjieba",
    "typst",
)
"""What every child would load again, loaded once before any is forked."""
PARTS = ("kills", "moments", "errors", "disks", "races", "mutants")
Case = Callable[[Path], Verdict]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done; the full run takes about an hour on two cores."""

    thin_points: int = 10**6
    """Points of the work that is store and output alone, at most."""
    whole_points: int = 10**6
    """Points at which a whole conversion is killed, at most."""
    strace_points: int = 10**6
    """Of these, those that strace reaches, at most."""
    error_points: int = 150
    """Points of a whole conversion at which the disk fails, at most; as many again by strace."""
    moments: int = 200
    fills: int = 10
    unplugs: int = 4
    rounds: int = 50
    runners: int = 8
    probes: int = 2000
    conversions: int = 100
    is_whole: bool = True
    """Moments, disks and races are tried on a whole conversion, not on store and output alone."""


SLICE = Sizes(40, 0, 12, 12, 12, 2, 1, 6, 8, 200, 2, is_whole=False)
"""What every test run includes."""


class Bench:
    """What the cases share: templates, seeds, a folder for each case."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        """Make the templates in ``folder``."""
        self.folder, self.sizes = folder, sizes
        self.thin = rooms.Template(folder / "thin", rooms.deliver)
        self.thin.deliver_once(run_child)
        self.whole: rooms.Template = self.thin
        self.length_s = 0.1
        if sizes.is_whole:
            self.whole = rooms.Template(folder / "whole", rooms.burn)
            begin = time.monotonic()
            self.whole.deliver_once(run_child)
            self.length_s = time.monotonic() - begin
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be tried here."""
        return tuple(self._notes)

    def cases(self, part: str) -> list[Case]:
        """Return the cases of a part."""
        return list(getattr(self, f"_{part}")())

    def _kills(self) -> Iterator[Case]:
        if not strace.works():
            self._notes.append("kills: strace is not here or may not trace; only the injector in Python was used")
        yield from self._struck(("SIGKILL",), self.sizes.whole_points, self.sizes.strace_points)

    def _moments(self) -> Iterator[Case]:
        yield from self._judged(self.whole, matrix.moments(self.sizes.moments), self.sizes.moments)

    def _errors(self) -> Iterator[Case]:
        faults = tuple(fault for fault in matrix.FAULTS if fault != "SIGKILL")
        yield from self._struck(faults, self.sizes.error_points, self.sizes.error_points)

    def _struck(self, faults: tuple[str, ...], whole: int, by_strace: int) -> Iterator[Case]:
        """Yield the points of store and output alone, those of a whole conversion, and those that strace reaches."""
        counting = self.folder / "counting"
        yield from self._judged(self.thin, matrix.python_points(self.thin, counting, faults), self.sizes.thin_points)
        if self.sizes.is_whole:
            yield from self._judged(self.whole, matrix.python_points(self.whole, counting, faults), whole)
        yield from self._judged(self.whole, matrix.strace_points(self.whole, counting, faults), by_strace)

    def _disks(self) -> Iterator[Case]:
        if not disks.can_mount():
            self._notes.append("disks: mounting is not allowed here; no disk was filled or taken away")
            return
        for number in range(self.sizes.fills):
            yield lambda folder, number=number: disks.fill(self.whole, number, folder)
        for number in range(self.sizes.unplugs):
            yield lambda folder, number=number: disks.unplug(self.whole, number, folder)

    def _races(self) -> Iterator[Case]:
        """A round in four is between machines: each runner has a cache of its own."""
        for number in range(self.sizes.rounds):
            race = racing.Race(self.sizes.runners, shares_cache=number % 4 != 3)
            yield lambda folder, race=race: racing.round_of(self.whole, self.whole.room_at(folder), race)

    def _mutants(self) -> Iterator[Case]:
        seeds = make_seeds(_made(self.folder / "seeds"))
        for number in range(self.sizes.probes):
            seed = seeds[number % len(seeds)]
            yield lambda folder, seed=seed, number=number: mutants.probed(seed, number, folder)
        for number in range(self.sizes.conversions):
            seed = seeds[number % len(seeds)]
            yield lambda folder, seed=seed, number=number: mutants.converted(seed, number, folder)

    def _judged(self, template: rooms.Template, points: Sequence[matrix.Point], most: int) -> Iterator[Case]:
        chosen = points if len(points) <= most else random.Random(0).sample(list(points), most)
        for point in chosen:
            yield lambda folder, point=point: matrix.judge(template, point, folder, self.length_s)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


class Decoy:
    """Somebody else's process named ffmpeg, which must survive everything."""

    def __enter__(self) -> "Decoy":
        """Start it."""
        sleep = shutil.which("sleep") or "sleep"
        self._process = subprocess.Popen(["ffmpeg", "1000000"], executable=sleep, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *problem: object) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    @property
    def is_alive(self) -> bool:
        """Nobody ended it."""
        return self._process.poll() is None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts; exit code 1 on any violation."""
    options = _options(argv)
    import imageio_ffmpeg

    from pipeline.media.binaries import ffmpeg

    os.environ.setdefault("WEIKE_FFMPEG", imageio_ffmpeg.get_ffmpeg_exe())  # it starts in a fifth of the time
    for name in _INHERITED:
        importlib.import_module(name)
    ffmpeg()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="weike-faults-", dir=options.folder) as name, Decoy() as decoy:
        bench = Bench(Path(name), options.sizes)
        for part in options.parts:
            begin = time.monotonic()
            verdicts = _all(bench.cases(part), Path(name) / part, options.workers)
            results[part] = _summary(part, verdicts, time.monotonic() - begin)
        is_alive = decoy.is_alive
        for note in bench.notes:
            sys.stdout.write(f"left out: {note}\n")
    sys.stdout.write(f"decoy: {'alive' if is_alive else '!! killed'}\n")
    violations = sum(len(result["violations"]) for result in results.values()) + (not is_alive)
    sys.stdout.write(f"{sum(r['cases'] for r in results.values())} cases, {violations} violations\n")
    if options.json:
        summary = {"parts": results, "decoy": is_alive, "notes": bench.notes}
        options.json.write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    return 1 if violations else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; as often as needed")
    parser.add_argument("--slice", action="store_true", help="the small slice that every test run includes")
    for name in Sizes.__dataclass_fields__:
        if name != "is_whole":
            parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="cases at the same time")
    parser.add_argument("--folder", type=Path, help="where the cases' folders are made")
    parser.add_argument("--json", type=Path, help="write the counts here too")
    options = parser.parse_args(argv)
    base = SLICE if options.slice else Sizes()
    given = {name: getattr(options, name, None) for name in Sizes.__dataclass_fields__}
    options.sizes = Sizes(**{name: getattr(base, name) if value is None else value for name, value in given.items()})
    options.parts = options.part or PARTS
    return options


_cases: list[Case] = []


def _all(cases: list[Case], folder: Path, workers: int) -> list[Verdict]:
    """Run all cases, a few at the same time, each worker a process forked from this one."""
    folder.mkdir()
    _cases[:] = cases
    jobs = [(number, folder / f"{number}") for number in range(len(cases))]
    verdicts = []
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for verdict in pool.imap_unordered(_one, jobs):
            for problem in verdict.problems:
                sys.stdout.write(f"!! {verdict.case}: {problem}\n")
                sys.stdout.flush()
            verdicts.append(verdict)
    return verdicts


def _one(job: tuple[int, Path]) -> Verdict:
    number, folder = job
    try:
        return _cases[number](folder)
    except Exception as error:
        return Verdict(f"case {number}", "broken", (f"the case itself failed: {error!r}",))


def _summary(part: str, verdicts: Sequence[Verdict], took_s: float) -> dict[str, Any]:
    endings = Counter(verdict.ending for verdict in verdicts)
    bad = [verdict for verdict in verdicts if verdict.problems]
    told = ", ".join(f"{count} {ending}" for ending, count in endings.most_common())
    sys.stdout.write(f"{part}: {len(verdicts)} cases in {took_s:.0f} s, {len(bad)} with violations ({told})\n")
    sys.stdout.flush()
    violations = [f"{verdict.case}: {problem}" for verdict in bad for problem in verdict.problems]
    return {"cases": len(verdicts), "endings": dict(endings), "violations": violations}


if __name__ == "__main__":
    raise SystemExit(main())
