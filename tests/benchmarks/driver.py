"""Runs ``weike`` as it is and writes down what happens: ``python -m tests.benchmarks.driver NOTES [...] -- ARGS``.

Each stage's beginning and end is noted with the processor time used so far, and each program that the product started
with its arguments and its own processor time. Nothing of the product is replaced but the listener that draws bars.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

_wait = os.waitpid
_ended: dict[int, float] = {}


def _waited(pid: int, options: int) -> tuple[int, int]:
    """Stand in for ``os.waitpid``, keeping the processor time of what ended."""
    done, status, usage = os.wait4(pid, options)
    if done:
        _ended[done] = usage.ru_utime + usage.ru_stime
    return done, status


os.waitpid = _waited  # before ``subprocess`` takes it
import argparse  # noqa: E402
import resource  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import threading  # noqa: E402

_TEXT_BYTES = 1 << 16
"""Files up to this size are copied into a snapshot, since they may be written on; larger ones are linked."""


class Notes:
    """The file that everything is written down in, a JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._guard = threading.Lock()

    def write(self, **note: object) -> None:
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        with self._guard:
            self._file.write(json.dumps({**note, "wall_s": time.monotonic(), "cpu_s": used}) + "\n")
            self._file.flush()


def watch_programs(notes: Notes) -> None:
    """Write down every program that is run, when it has ended."""
    begin, wait = subprocess.Popen.__init__, subprocess.Popen._wait

    def started(self, args, *rest, **options):  # type: ignore[no-untyped-def]
        self.begun_s = time.monotonic()
        begin(self, args, *rest, **options)

    def waited(self, timeout):  # type: ignore[no-untyped-def]
        code = wait(self, timeout)
        if self.pid in _ended:
            argv = [str(part) for part in self.args]
            notes.write(note="program", argv=argv, begun_s=self.begun_s, used_s=_ended.pop(self.pid))
        return code

    subprocess.Popen.__init__, subprocess.Popen._wait = started, waited  # type: ignore[method-assign]


class Listener:
    """Stands where the terminal's bars stand."""

    def __init__(self, notes: Notes, snapshot: tuple[float, Path, Path] | None, kill_at: float | None) -> None:
        """Write events into ``notes``; the snapshot is share, store and copy."""
        self._notes, self._snapshot, self._kill_at = notes, snapshot, kill_at
        self._total = 0.0

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_about: object) -> None:
        self._notes.write(note="end")

    def __call__(self, event: object) -> None:
        kind, stage = type(event).__name__, getattr(event, "stage", "")
        if kind == "StageStarted":
            self._notes.write(note="started", stage=stage)
            self._total = (getattr(event, "total", None) or 0.0) if stage == "render" else self._total
        elif kind == "StageFinished":
            self._notes.write(note="finished", stage=stage, reused=getattr(event, "reused", False))
        elif kind == "StageAdvanced" and stage == "render" and self._total:
            self._rendered(getattr(event, "done", 0.0) / self._total)

    def _rendered(self, share: float) -> None:
        if self._snapshot is not None and share >= self._snapshot[0]:
            _, store, copy = self._snapshot
            self._snapshot = None
            link_tree(store / "artefacts", copy / "artefacts")
        if self._kill_at is not None and share >= self._kill_at:
            self._notes.write(note="killed", stage="render")
            end_abruptly()


def link_tree(source: Path, target: Path) -> None:
    """Copy a folder by hard links."""

    def take(old: str, new: str) -> None:
        if Path(old).stat().st_size > _TEXT_BYTES:
            os.link(old, new)
        else:
            shutil.copy2(old, new)

    shutil.copytree(source, target, copy_function=take)


def end_abruptly() -> None:
    """End this process and its children as the system's out-of-memory killer would: at once."""
    from tests.benchmarks.measuring import descendants

    own = os.getpid()
    for pid in reversed(descendants(own)):
        os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Run ``weike`` with the arguments after ``--``."""
    before, after = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    parser = argparse.ArgumentParser()
    parser.add_argument("notes", type=Path)
    parser.add_argument("--snapshot", type=Path, nargs=2, metavar=("STORE", "COPY"))
    parser.add_argument("--snapshot-at", type=float, default=0.8)
    parser.add_argument("--kill-at", type=float)
    parser.add_argument("--sleeper", action="store_true", help="offer the engine that only sleeps")
    options = parser.parse_args(before)
    notes = Notes(options.notes)
    watch_programs(notes)
    import pipeline.progress

    snapshot = (options.snapshot_at, *options.snapshot) if options.snapshot else None
    pipeline.progress.TerminalProgress = lambda: Listener(notes, snapshot, options.kill_at)  # type: ignore[assignment,misc]
    if options.sleeper:
        from pipeline.engines import base
        from tests.benchmarks import sleeper

        base.ENGINES = {**base.ENGINES, sleeper.NAME: sleeper.__name__}
    from pipeline.cli import main as weike

    sys.argv = ["weike", *after]
    weike()


if __name__ == "__main__":
    main()
