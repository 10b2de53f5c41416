"""What a season costs beside its pictures: a batch against single runs, scheduling, a long register, a full store.

``python -m tests.benchmarks.batch`` prints processor time (user and system, with all children), which other work on the
machine does not change.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from pipeline.batch import Ledger, plan_folder, run_batch
from pipeline.batch import lectures as work
from pipeline.batch.events import silent
from pipeline.errors import NotMediaError
from pipeline.media.graph import run_ffmpeg
from pipeline.register.reading import read_register
from pipeline.store import SUMS, Store, key_of
from tests.batch.seasons import MODEL, ROOT, SAMPLE, command, environment, options, quick_preset
from tests.register.registers import fill

LECTURES = 8
IDLE = 200
ROWS = 2_000
ARTEFACTS = 100_000


def children_s() -> float:
    """Processor time of all children so far, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_s(folder: Path, args: list[str]) -> float:
    """Processor time of one run, seconds."""
    before = children_s()
    subprocess.run(args, env=environment(folder), cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
    return children_s() - before


def spoken(folder: Path) -> Path:
    """Make recordings of six seconds with speech, each cut a little later."""
    target = folder / "in"
    target.mkdir()
    for number in range(LECTURES):
        start = ["-ss", f"{0.2 * number:.1f}", "-t", "6", "-i", str(SAMPLE), "-s", "160x90"]
        run_ffmpeg([*start, "-preset", "ultrafast", "-c:a", "aac", str(target / f"{number}.mp4")], subject=target)
    return target


def overhead_s(folder: Path) -> float:
    """Processor time that a lecture takes besides its conversion, seconds."""
    (folder / "idle").mkdir()
    for number in range(IDLE):
        (folder / "idle" / f"{number}.mp4").write_text("x")
    wanted = options(folder)

    def nothing(*_args: object) -> None:
        raise NotMediaError("x")

    with patch.object(work, "convert", nothing):
        before = time.process_time()
        run_batch(plan_folder(folder / "idle", wanted), wanted, Store(folder / "idle-cache"), silent)
        return (time.process_time() - before) / IDLE


def register_s(folder: Path) -> tuple[float, int]:
    """Processor time that a register of ``ROWS`` rows takes to be validated, seconds, and its bad cells: half are."""
    place = folder / "register"
    place.mkdir()
    rows = []
    for number in range(ROWS):
        (place / f"{number}.mp4").write_text("x")
        rows.append({"title": f"题目{number}", "speaker": "李、王", "recordings": f"{number}.mp{4 - number % 2}"})
    path = fill(place / "season.xlsx", rows)
    before = time.process_time()
    found = read_register(path)
    return time.process_time() - before, len(found.bad_cells)


def store_s(folder: Path) -> float:
    """Wall time in which a store with ``ARTEFACTS`` files is opened and one proven file is found in it, seconds."""
    root = folder / "store"
    store = Store(root)
    first = store.file("segments", key_of(0), ".mp4", lambda path: path.write_text("x") and None)
    line = (first.parent / SUMS).read_text("ascii")
    keys = [key_of(number) for number in range(1, ARTEFACTS)]
    for key in keys:
        store.path("segments", key, ".mp4").write_text("x")
    (first.parent / SUMS).write_text(line + "".join(line.replace(first.stem, key) for key in keys), "ascii")

    def never(_path: Path) -> None:
        raise AssertionError("it was there")

    before = time.perf_counter()
    Store(root).file("segments", keys[ARTEFACTS // 2], ".mp4", never, is_proven=True)
    return time.perf_counter() - before


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recordings = spoken(folder)
        whole = run_s(folder, command(folder, recordings))
        assert all(Ledger(folder / "out").find(str(number)) for number in range(LECTURES))
        shutil.rmtree(folder / "cache")
        shared = ["--preset", quick_preset(folder), "--cache", folder / "cache", "--out", folder / "single"]
        convert = [sys.executable, "-m", "pipeline.cli", "convert"]
        each = [
            run_s(folder, [*convert, *map(str, [path, *shared, "--model", MODEL])]) for path in recordings.iterdir()
        ]
        print(f"one batch of {LECTURES}: {whole:.1f} s; {LECTURES} runs: {sum(each):.1f} s; {whole / sum(each):.2f}")
        print(f"overhead of a lecture: {1000 * overhead_s(folder):.1f} ms")
        print("register of {} rows: {:.2f} s; {} bad cells named".format(ROWS, *register_s(folder)))
        print(f"store with {ARTEFACTS} files, opened and one found: {store_s(folder):.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
