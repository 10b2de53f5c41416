"""Rows on recognising and encoding at the same time, on memory, and on the start of the program."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import sleeper
from tests.benchmarks.bench import Bench, Run
from tests.benchmarks.measuring import Cost, measure
from tests.benchmarks.sources import ROOT
from tests.benchmarks.table import Figures, Row, tried

_HEAVY = ("torch", "whisper", "faster_whisper", "ctranslate2", "onnxruntime", "cv2", "rapidocr", "moviepy", "av",
          "numpy", "PIL", "pydantic", "fontTools", "opencc", "typst", "rich")  # fmt: skip
"""Packages that the command line must not import before a command needs them."""
GIGABYTE = 1e9


def overlap_rows(bench: Bench) -> Iterator[Row]:
    """Give recognition on a GPU and encoding together over the longer of the two alone, in wall time."""
    what = f"recognition on a GPU and encoding of {bench.sizes.overlap[1]} s, wall time ÷ the longer one alone"
    row = Row("overlap/wall", what, 1.15)
    yield tried(row, lambda: _overlap(bench))


def _overlap(bench: Bench) -> Figures:
    source = bench.source(*bench.sizes.overlap)
    values, notes = [], []
    for _ in range(bench.sizes.repeats):
        encoding = _convert(bench, source.video, 0.0)
        pace = encoding.notes.stage("render").wall_s / source.length_s
        room = bench.room("hear")
        heard = bench.weike(room, "subtitle", source.video, *_sleeping(room), **_paced(pace))
        both = _convert(bench, source.video, pace)
        walls = [run.cost.wall_s for run in (both, encoding, heard)]
        values.append(walls[0] / max(walls[1:]))
        notes.append("{:.1f} s; encoding alone {:.1f} s, recognition alone {:.1f} s".format(*walls))
    return Figures(tuple(values), note="; ".join(notes))


def _convert(bench: Bench, video: Path, pace: float) -> Run:
    room = bench.room("convert")
    return bench.weike(room, "convert", video, *_sleeping(room), **_paced(pace))


def _sleeping(room: Path) -> tuple[str | Path, ...]:
    model = room / "model.pt"
    model.write_bytes(b"sleeps")
    return ("--no-script", "--engine", sleeper.NAME, "--model", model)


def _paced(pace: float):  # type: ignore[no-untyped-def]
    return {"driver": ("--sleeper",), "env": {sleeper.PACE: str(pace)}}


def memory_rows(bench: Bench) -> Iterator[Row]:
    """Give the peak of the process tree for a short and a long lecture, and how much it grows."""
    for kind, short_s, long_s in bench.sizes.memory:
        peaks: dict[int, Cost] = {}

        def peak(length_s: int, kind: str = kind, peaks: dict[int, Cost] = peaks) -> Figures:
            source = bench.source(kind, length_s)
            room = bench.room(f"memory-{kind}")
            options = ("--speed", "fast")
            run = bench.weike(room, "burn", source.video, source.srt, *options, samples_memory=True)
            peaks[length_s] = run.cost
            return Figures((run.cost.peak_bytes / GIGABYTE,), note=_parts(run.cost))

        def growth(peaks: dict[int, Cost] = peaks, lengths: tuple[int, int] = (short_s, long_s)) -> Figures:
            if len(peaks) < 2:
                raise LookupError("a peak is missing")
            return Figures((peaks[lengths[1]].peak_bytes / peaks[lengths[0]].peak_bytes,))

        for length_s in (short_s, long_s):
            row = Row(f"memory/{kind}-{length_s}s", f"peak of the process tree, {kind}, {length_s} s", 1.5, "GB")
            yield tried(row, lambda length_s=length_s: peak(length_s))
        yield tried(Row(f"memory/{kind}-growth", f"peak at {long_s} s ÷ peak at {short_s} s", 1.1), growth)


def _parts(cost: Cost) -> str:
    return ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in cost.peak_of if size >= 5e6)


def start_rows(bench: Bench) -> Iterator[Row]:
    """Give what ``weike --help`` takes."""
    yield tried(Row("start/help", "`weike --help`", unit="CPU s"), lambda: _start(bench))
    row = Row("start/imports", "heavy packages that `weike --help` imports", 0, "packages")
    yield tried(row, lambda: _imports(bench))


def _start(bench: Bench) -> Figures:
    room = bench.room("start")
    argv = [sys.executable, "-m", "pipeline.cli", "--help"]
    measure(argv, cwd=room, env={"PYTHONPATH": str(ROOT)})  # compiles what was not compiled yet
    costs = [measure(argv, cwd=room, env={"PYTHONPATH": str(ROOT)}) for _ in range(bench.sizes.starts)]
    bare = measure([sys.executable, "-c", "pass"], cwd=room)
    note = f"Python alone {bare.cpu_s:.2f} s"
    return Figures(tuple(cost.cpu_s for cost in costs), tuple(cost.wall_s for cost in costs), note)


def _imports(bench: Bench) -> Figures:
    room = bench.room("imports")
    argv = [sys.executable, "-X", "importtime", "-m", "pipeline.cli", "--help"]
    measure(argv, cwd=room, env={"PYTHONPATH": str(ROOT)})
    times = imported((room / "said.txt").read_text("utf-8", "replace"))
    heavy = [name for name in _HEAVY if name in times]
    most = sorted((name for name in times if "." not in name), key=lambda name: -times[name])[:4]
    note = "longest: " + ", ".join(f"{name} {times[name] / 1000:.0f} ms" for name in most)
    return Figures((float(len(heavy)),), note=f"{', '.join(heavy) or 'none'}; {note}")


def imported(log: str) -> dict[str, int]:
    """Return the modules that Python's ``-X importtime`` told, each with what it brought along, in microseconds."""
    lines = re.findall(r"^import time: +\d+ \| +(\d+) \| +(\S+)$", log, re.MULTILINE)
    return {name: int(time) for time, name in lines}
