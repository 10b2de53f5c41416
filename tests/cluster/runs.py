"""Seasons on one machine as several: a coordinator and workers as processes of their own, on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.cluster.tasks import Attempt, Standing
from pipeline.cluster.view import QueueView
from pipeline.errors import NoQueueError
from pipeline.media.graph import run_ffmpeg
from tests.batch.seasons import MODEL, ROOT, environment, quick_preset, segment_puts

PROGRAM = [sys.executable, "-m", "tests.cluster.command"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def picture_of(video: Path) -> str:
    """A digest of every decoded frame of a delivered video."""
    sums = video.with_suffix(".framemd5")
    run_ffmpeg(["-i", str(video), "-map", "0:v", "-f", "framemd5", str(sums)], subject=video)
    text = sums.read_text()
    sums.unlink()
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def pictures(out: Path) -> dict[str, str]:
    return {path.parent.name: picture_of(path) for path in sorted(out.glob("*/*.mp4"))}


def ended(out: Path) -> dict[str, str]:
    """By lecture: delivered, or the id of the error."""
    told = json.loads((out / "season.json").read_text("utf-8"))
    return {one["name"]: one["failure"]["id"] if one["failure"] else one["verdict"] for one in told["lectures"]}


def run_batch(folder: Path, what: Path) -> int:
    """The reference: one process, an output folder and a cache of its own."""
    places = ["--cache", folder / "b-cache", "--out", folder / "b-out"]
    args = [*PROGRAM, "batch", *map(str, [what, *places, "--preset", quick_preset(folder), "--model", MODEL])]
    return subprocess.run(args, env=environment(folder), cwd=ROOT, capture_output=True, timeout=600).returncode


@dataclass
class Site:
    """A coordinator and workers in one folder. Use as a context manager."""

    folder: Path
    what: Path
    args: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    scheme: str = "tcp"

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def out(self) -> Path:
        return self.folder / "c-out"

    def coordinator(self, *more: str) -> "subprocess.Popen[bytes]":
        shared = ["--store", self.folder / "store", "--out", self.out, "--queue", self.folder / "queue"]
        quick = ["--preset", quick_preset(self.folder), "--model", MODEL, "--listen", self.address]
        return self._start("coordinator", self.what, *shared, *quick, *self.args, *more)

    def worker(self, name: str, *more: str) -> "subprocess.Popen[bytes]":
        return self._start("worker", self.address, "--name", name, *self.args, *more)

    def history(self) -> tuple[Attempt, ...]:
        try:
            with QueueView(self.folder / "queue") as view:
                return view.history()
        except NoQueueError:
            return ()

    def standings(self) -> tuple[Standing, ...]:
        with QueueView(self.folder / "queue") as view:
            return view.standings()

    def until(self, is_so: Callable[[tuple[Attempt, ...]], bool], timeout_s: float = 240) -> tuple[Attempt, ...]:
        """Wait until something holds of the queue's records."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            history = self.history()
            if is_so(history):
                return history
            time.sleep(0.05)
        raise AssertionError(f"it never came: {self.history()}")

    def kill_seat(self, worker: "subprocess.Popen[bytes]") -> None:
        """Kill the process of a worker that does the work, not the one that looks after it."""
        import psutil

        seats = [child for child in psutil.Process(worker.pid).children() if "spawn_main" in " ".join(child.cmdline())]
        os.kill(seats[-1].pid, signal.SIGKILL)

    def segments_made(self) -> dict[str, int]:
        return dict(segment_puts(self.folder / "store"))

    def _start(self, *args: object) -> "subprocess.Popen[bytes]":
        log = (self.folder / f"log{len(self.processes)}").open("wb")
        process = subprocess.Popen(
            [*PROGRAM, "cluster", *map(str, args)],
            env=environment(self.folder),
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.processes.append(process)
        return process
