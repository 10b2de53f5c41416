"""``make test-corpus``: every file of a folder through ``weike convert``, against a table that a person reviewed.

Each file must end in one of three ways: converted, converted with a named repair, or refused with a named reason.
The table (``expected.toml``) says which, how long the delivery is, and what a person saw who compared it with the
source. A file that is not in it may end in any of the three.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODEL = ROOT / "samples" / "demo-model" / "demo-zh.pt"
KINDS = ("good", "odd", "broken", "speech-zh")
LIMIT_S = 900
"""Wall-clock limit of one conversion, if not told otherwise; what is still running then hangs."""
_TIMES_LENGTH = 10
"""A long recording may take this many times its length: 4K at 60 frames a second is decoded slowly on two cores."""
_LONG_S = 60
"""Deliveries from this length on are made last, so that what is short is told early."""
FINISHED = (0, 10)
_TOLERANCE_S = 0.15
_LIMIT_MOST_S = 7200
"""Whatever length a broken file claims."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended."""

    file: str
    way: str
    """``converted``, ``repaired``, a reason's id, or what must never be: ``hang``, ``crash``, ``partial``."""
    seconds: float | None
    """Length of the delivery."""
    repairs: tuple[str, ...]
    took_s: float
    log: str


def main(argv: Sequence[str] | None = None) -> int:
    """Run the corpus; exit code 1 when an outcome was not expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.run", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=Path(os.environ.get("WEIKE_CORPUS", ROOT.parent / "shared/corpus"))
    )
    parser.add_argument("--only", default="", help="run the files whose name holds this")
    parser.add_argument("--keep", type=Path, help="folder in which the deliveries stay")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=float, help="seconds after which a conversion hangs")
    options = parser.parse_args(argv)
    if not options.corpus.is_dir():
        sys.stdout.write(f"skipped: there is no corpus at {options.corpus}; set WEIKE_CORPUS\n")
        return 0
    expected = tomllib.loads((HERE / "expected.toml").read_text("utf-8"))["file"]
    files = [path for path in _files(options.corpus) if options.only in path.name]
    files.sort(key=lambda path: _is_long(path.relative_to(options.corpus).as_posix(), expected))
    with tempfile.TemporaryDirectory(prefix="weike-corpus-") as name, ThreadPoolExecutor(options.workers) as pool:
        folder = options.keep or Path(name)
        jobs = [
            pool.submit(convert, path, folder / f"{path.parent.name}-{path.name}", options.corpus, limit_s)
            for path, limit_s in ((path, options.limit or _limit_s(path)) for path in files)
        ]
        outcomes, wrong = [], 0
        for job in as_completed(jobs):
            outcome = job.result()
            problem = unexpected(outcome, expected)
            wrong += bool(problem)
            outcomes.append(outcome)
            _tell(outcome, problem)
    _summary(outcomes, wrong)
    return 1 if wrong else 0


def _files(corpus: Path) -> Iterator[Path]:
    for kind in KINDS:
        if (corpus / kind).is_dir():
            yield from sorted(path for path in (corpus / kind).iterdir() if path.is_file())


def _is_long(name: str, expected: dict) -> bool:  # type: ignore[type-arg]
    return bool(expected.get(name, {}).get("seconds", 0) >= _LONG_S)


def _limit_s(path: Path) -> float:
    """Return the limit for a file, from the length that its container claims."""
    try:
        return min(max(LIMIT_S, _TIMES_LENGTH * _length(path)), _LIMIT_MOST_S)
    except (OSError, ValueError):
        return LIMIT_S


def _tell(outcome: Outcome, problem: str) -> None:
    length = "" if outcome.seconds is None else f"{outcome.seconds:.2f} s"
    sys.stdout.write(f"{'!!' if problem else 'ok'} {outcome.file:60} {outcome.way:24} {length:>10} {problem}\n")
    for repair in outcome.repairs:
        sys.stdout.write(f"     {repair}\n")
    sys.stdout.flush()


def convert(path: Path, folder: Path, corpus: Path, limit_s: float = LIMIT_S) -> Outcome:
    """Return how the conversion of one file ended."""
    folder.mkdir(parents=True)
    name = path.relative_to(corpus).as_posix()
    out = folder / "out"
    command = [sys.executable, "-m", "pipeline.cli", "convert", str(path), "--out", str(out)]
    command += ["--cache", str(folder / "cache"), "--preset", str(HERE / "fast.toml"), "--model", str(MODEL)]
    begin = time.monotonic()
    process = subprocess.Popen(
        [*command, "--name", "x"],
        env={**os.environ, "WEIKE_LANG": "en"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stderr = process.communicate(timeout=limit_s)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        stderr = process.communicate()[1]
        return Outcome(name, "hang", None, (), time.monotonic() - begin, stderr)
    took = time.monotonic() - begin
    way, seconds, repairs = _ending(process.returncode, stderr, out)
    return Outcome(name, way, seconds, repairs, took, stderr)


def _ending(code: int, stderr: str, out: Path) -> tuple[str, float | None, tuple[str, ...]]:
    if "Traceback" in stderr or code in {1, -11, -6, -9}:
        return "crash", None, ()
    if code not in FINISHED:
        ids = [line[1:-1] for line in stderr.splitlines() if line.startswith("[") and line.endswith("]")]
        left = out.exists() and any(out.rglob("*"))
        return "partial" if left or not ids else ids[-1], None, ()
    report = json.loads((out / "x" / "report.json").read_text("utf-8"))
    repairs = tuple(_repairs(report))
    return ("repaired" if repairs else "converted"), _length(out / "x" / "x.mp4"), repairs


def _repairs(report: dict) -> Iterator[str]:  # type: ignore[type-arg]
    for part, key in (("source", "faults"), ("soundtrack", "repairs"), ("delivery", "repairs")):
        for message in (report.get(part) or {}).get(key, ()):
            yield message["en"]


def _length(video: Path) -> float:
    import av

    with av.open(str(video)) as container:
        return float((container.duration or 0) / 1_000_000)


def unexpected(outcome: Outcome, expected: dict) -> str:  # type: ignore[type-arg]
    """Return what is wrong with an outcome; empty when it is what the table says."""
    if outcome.way in {"hang", "crash", "partial"}:
        return outcome.log[-400:] or outcome.way
    row = expected.get(outcome.file)
    if row is None:
        return ""
    if outcome.way != row["way"]:
        return f"expected {row['way']}: {outcome.log[-400:]}"
    if "seconds" in row and abs((outcome.seconds or 0) - row["seconds"]) > _TOLERANCE_S:
        return f"expected {row['seconds']} s"
    return ""


def _summary(outcomes: Sequence[Outcome], wrong: int) -> None:
    counts = Counter(outcome.way for outcome in outcomes)
    sys.stdout.write(f"\n{len(outcomes)} files, {sum(o.took_s for o in outcomes):.0f} s of work\n")
    for way, count in counts.most_common():
        sys.stdout.write(f"{count:5}  {way}\n")
    sys.stdout.write(f"{wrong:5}  unexpected\n")


if __name__ == "__main__":
    raise SystemExit(main())
