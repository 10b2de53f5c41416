"""Strikes at the Nth system call of a child and everything it starts, by strace; ffmpeg and its libraries included.

strace counts for each thread and process on its own: the Nth call of whichever gets there first is struck.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.faults.children import Ending, finish, start

CALLS = {
    "write": "write,pwrite64,writev,sendfile,copy_file_range",
    "fsync": "fsync,fdatasync",
    "rename": "rename,renameat,renameat2",
    "unlink": "unlink,unlinkat,rmdir",
}


@cache
def works() -> bool:
    """Tell whether strace is here and may trace."""
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-f", "-o", "/dev/null", "-e", "trace=write", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def struck(job: Callable[[], int], log: Path, mark: str, effect: str, limit_s: float = 180) -> tuple[Ending, str]:
    """Return how a child ended in which system calls are struck, and what strace wrote.

    Args:
        job: what the child does.
        log: the file that the child writes to.
        mark: the case.
        effect: strace's ``-e inject=`` value, such as ``rename:signal=SIGKILL:when=3``.
        limit_s: when the child is killed.
    """
    read, write = os.pipe()

    def waiting() -> int:
        os.close(write)
        os.read(read, 1)
        return job()

    log.unlink(missing_ok=True)
    child = start(waiting, log, mark)
    os.close(read)
    trace = log.with_name("strace")
    calls = effect.partition(":")[0]
    command = [
        "strace",
        "-f",
        "-q",
        "-p",
        str(child.process),
        "-o",
        str(trace),
        "-e",
        f"trace={calls}",
        "-e",
        f"inject={effect}",
    ]
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while _tracer(child.process) == 0 and time.monotonic() < deadline and tracer.poll() is None:
        time.sleep(0.005)
    os.close(write)
    ending = finish(child, log, limit_s)
    try:
        tracer.wait(timeout=30)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()
    return ending, trace.read_text("utf-8", "replace") if trace.exists() else ""


def calls_of(trace: str, calls: str) -> int:
    """Return the most calls of these kinds that any one thread made."""
    names = "|".join(calls.split(","))
    counts: dict[str, int] = {}
    for line in trace.splitlines():
        match = re.match(rf"(\d+) +(?:{names})\(", line)
        if match:
            counts[match[1]] = counts.get(match[1], 0) + 1
    return max(counts.values(), default=0)


def _tracer(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"TracerPid:\s+(\d+)", status)
    return int(found[1]) if found else 0
