"""The only user of ``subprocess``: runs a program, drains its pipes, follows its progress, ends it when it must.

A child runs in a process group of its own, without stdin, within the bounds of ``sandbox``. Both pipes are drained at
once, so a chatty child never blocks. A child that says nothing for too long, or runs past its wall-clock limit, is
killed with its whole group, and so is every child when the person interrupts.
"""

import errno
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FfmpegFailedError, FfmpegKilledError, StalledError
from pipeline.media.sandbox import Bounds, bind, isolated

_TAIL_LINES = 400
_live: set[subprocess.Popen[bytes]] = set()
_ended: set[subprocess.Popen[bytes]] = set()
"""Those of them that were ended here."""
_FROM_OUTSIDE = (-9, -15)
"""Exit codes of a child that SIGKILL or SIGTERM ended."""
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Limits:
    """When a child is ended."""

    wall_s: float = 24 * 3600
    """Seconds in all."""
    stall_s: float = 120
    """Seconds without a sign of life on either pipe."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A child that ended."""

    code: int
    stdout: bytes
    """Empty when progress was followed."""
    stderr: str
    """All of it, or its last lines when it is long."""


def run(
    argv: Sequence[str],
    *,
    subject: Path,
    cwd: Path | None = None,
    limits: Limits | None = None,
    within: Bounds | None = None,
    on_line: Callable[[str], None] | None = None,
    on_block: Callable[[bytes], None] | None = None,
    stderr_lines: int = _TAIL_LINES,
) -> Completed:
    """Run a program to its end and return what it said, whatever its exit code.

    Args:
        argv: program and arguments; no shell reads them.
        subject: the file that the work is about, for the error's sentence.
        cwd: working folder.
        limits: when to end it.
        within: what the system lets it use.
        on_line: called with each line of stdout as it comes; stdout is then not kept.
        on_block: called with stdout as it comes, in blocks of any length; stdout is then not kept.
        stderr_lines: how many last lines of stderr are kept.

    Raises:
        StalledError: a limit was passed.
        FfmpegFailedError: the program could not be started.
        FfmpegKilledError: it was ended by somebody else.
        Exception: whatever ``on_line`` or ``on_block`` raised; the program is ended first.
    """
    bounds, within = limits or Limits(), within or Bounds()
    if shutil.which(argv[0]) is None:
        raise FfmpegFailedError(subject, reason=f"{os.strerror(errno.ENOENT)}: {argv[0]}")
    try:
        child = subprocess.Popen(
            list(argv) if within.has_network else isolated(argv, _succeeds),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise FfmpegFailedError(subject, reason=str(error)) from None
    with _guard:
        _live.add(child)
    bind(child.pid, within)
    life = [time.monotonic()]
    out: list[bytes] = []
    err: deque[bytes] = deque(maxlen=stderr_lines)
    failures: list[Exception] = []
    take = on_block or (out.append if on_line is None else None)
    readers = [
        threading.Thread(target=_drain_out, args=(child, life, take, on_line, failures), daemon=True),
        threading.Thread(target=_drain_err, args=(child, life, err), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        _wait(child, bounds, life, subject)
    finally:
        end_group(child)
        for reader in readers:
            reader.join(timeout=10)
        with _guard:
            _live.discard(child)
            is_ended_here = child in _ended
            _ended.discard(child)
    if failures:
        raise failures[0]
    if child.returncode in _FROM_OUTSIDE and not is_ended_here:
        raise FfmpegKilledError(subject)
    return Completed(child.returncode, b"".join(out), b"".join(err).decode("utf-8", "replace"))


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child's process group and reap the child."""
    if child.poll() is None:
        with _guard:
            _ended.add(child)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            child.kill()
    child.wait()


def end_all() -> None:
    """Kill every child that runs now; for an interrupt that reaches the main thread while others wait."""
    with _guard:
        children = list(_live)
    for child in children:
        end_group(child)


def _wait(child: subprocess.Popen[bytes], bounds: Limits, life: list[float], subject: Path) -> None:
    begun = time.monotonic()
    while True:
        try:
            child.wait(timeout=0.2)
            return
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        if now - life[0] > bounds.stall_s:
            raise StalledError(subject, seconds=round(bounds.stall_s))
        if now - begun > bounds.wall_s:
            raise StalledError(subject, seconds=round(bounds.wall_s))


def _drain_out(
    child: subprocess.Popen[bytes],
    life: list[float],
    take: Callable[[bytes], None] | None,
    on_line: Callable[[str], None] | None,
    failures: list[Exception],
) -> None:
    assert child.stdout is not None
    with child.stdout as pipe:
        try:
            if take is not None:
                while block := os.read(pipe.fileno(), 1 << 18):
                    life[0] = time.monotonic()
                    take(block)
                return
            for line in pipe:
                life[0] = time.monotonic()
                if on_line is not None:
                    on_line(line.decode("utf-8", "replace").strip())
        except Exception as error:  # a listener's failure ends the child; the caller's thread raises it
            failures.append(error)
            end_group(child)


def _drain_err(child: subprocess.Popen[bytes], life: list[float], kept: "deque[bytes]") -> None:
    assert child.stderr is not None
    with child.stderr as pipe:
        for line in pipe:
            life[0] = time.monotonic()
            kept.append(line)


def _succeeds(argv: Sequence[str]) -> bool:
    """Tell whether a short command ends with 0."""
    quiet = subprocess.DEVNULL
    try:
        return subprocess.run(argv, stdin=quiet, stdout=quiet, stderr=quiet, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
