"""Forks children that do one job each, within a time limit, and tells how they ended.

A child says what it has to say into memory that it shares: a disk that is full for it cannot swallow that.
"""

import mmap
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MARK = "WEIKE_FAULT_CASE"
"""Environment variable that every process of a case carries."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    is_hung: bool
    """It ran past its limit and was killed for it."""
    log: str

    @property
    def reason(self) -> str:
        """The reason's id that it gave, ``ok``, ``killed``, ``hang`` or ``crash``."""
        if self.is_hung:
            return "hang"
        if "Traceback" in self.log or self.code == 1 or self.code in {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS}:
            return "crash"
        if self.code < 0:
            return "killed"
        if self.code in {0, 10}:
            return "ok"
        ids = [line[1:-1] for line in self.log.splitlines() if line.startswith("[") and line.endswith("]")]
        return ids[-1] if ids else f"exit {self.code} without a reason"


@dataclass(frozen=True, slots=True)
class Child:
    """A child that was started."""

    process: int
    said: mmap.mmap
    """The reason that it gave, or the traceback."""


def start(job: Callable[[], int], log: Path, mark: str) -> Child:
    """Fork a child that does ``job`` and exits with what it returns; what its programs print goes to ``log``."""
    said = mmap.mmap(-1, 1 << 16)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return Child(child, said)
    code = 1
    try:
        os.setsid()
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(target, 1)
        os.dup2(target, 2)
        os.environ[MARK] = mark
        code = told(job, said)
    finally:
        os._exit(code)


def told(job: Callable[[], int], said: mmap.mmap) -> int:
    """Return a job's exit code; say its reason to stop as the command line does, and anything else as a crash."""
    from pipeline.errors import WeikeError

    try:
        return job()
    except WeikeError as error:
        said.write(f"{error.message.show()}\n[{error.id}]\n".encode()[: 1 << 16])
        return error.exit_code
    except BaseException:
        said.write(traceback.format_exc()[-(1 << 14) :].encode())
        return 1


def finish(child: Child, log: Path, limit_s: float) -> Ending:
    """Return how a child ended; past ``limit_s`` it is killed."""
    deadline = time.monotonic() + limit_s
    pause = 0.002
    is_hung = False
    while True:
        done, status = os.waitpid(child.process, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            is_hung = True
            os.kill(child.process, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.05, pause * 1.5)
    printed = log.read_text("utf-8", "replace") if log.exists() else ""
    text = printed + child.said[:].rstrip(b"\0").decode("utf-8", "replace")
    child.said.close()
    return Ending(os.waitstatus_to_exitcode(status), is_hung, text)


def run(job: Callable[[], int], log: Path, mark: str, limit_s: float = 120) -> Ending:
    """Fork, wait, tell."""
    log.unlink(missing_ok=True)
    return finish(start(job, log, mark), log, limit_s)


def survivors(mark: str, wait_s: float = 10) -> list[str]:
    """Return the command lines of processes of a case that are still there after ``wait_s`` seconds."""
    deadline = time.monotonic() + wait_s
    while True:
        left = [line for line in map(_of_case(mark), Path("/proc").iterdir()) if line] if Path("/proc").is_dir() else []
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


def _of_case(mark: str) -> Callable[[Path], str]:
    needle = f"{MARK}={mark}".encode()

    def look(folder: Path) -> str:
        if not folder.name.isdigit():
            return ""
        try:
            if needle not in (folder / "environ").read_bytes().split(b"\0"):
                return ""
            return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:200]
        except OSError:
            return ""

    return look
