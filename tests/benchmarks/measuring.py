"""What a command costs: processor time of its whole process tree, wall time, and the peak of its memory."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOK_S = 0.05
_SAMPLE_S = 0.25


class CommandFailedError(Exception):
    """A measured command ended otherwise than it should; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    cpu_s: float
    """User and system time of the command and of every descendant that was waited for."""
    wall_s: float
    peak_bytes: int = 0
    """Largest sum of proportional set sizes over the process tree; 0 when it was not sampled."""
    peak_of: tuple[tuple[str, int], ...] = ()
    """Programs and their bytes at that moment, the largest first."""

    def __add__(self, other: "Cost") -> "Cost":
        """Return what both took, one after the other."""
        return Cost(self.cpu_s + other.cpu_s, self.wall_s + other.wall_s, max(self.peak_bytes, other.peak_bytes))


def measure(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    accepts: Sequence[int] = (0,),
    limit_s: float = 3600,
    env: Mapping[str, str] | None = None,
    samples_memory: bool = False,
) -> Cost:
    """Return what a command costs; its words go to ``said.txt`` in ``cwd``.

    A child that nobody waited for would be missing from the processor time; the product waits for all of its own.

    Args:
        argv: program and arguments.
        cwd: working folder.
        accepts: exit codes of success; a signal is its number, negative.
        limit_s: when to end it, seconds.
        env: variables on top of this process's.
        samples_memory: look at the memory of the process tree four times a second.

    Raises:
        CommandFailedError: another exit code, or the limit was passed.
    """
    said = cwd / "said.txt"
    words = [str(part) for part in argv]
    with said.open("wb") as out:
        begun = time.monotonic()
        child = subprocess.Popen(
            words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(env or {})}
        )
        try:
            code, used, peak, parts = _follow(child.pid, begun + limit_s, samples_memory)
        except BaseException:
            end_tree(child.pid)
            raise
        finally:
            child.returncode = 0  # it was reaped here, not by subprocess
        wall = time.monotonic() - begun
    if code not in accepts:
        raise CommandFailedError(f"{Path(words[0]).name} ended with {code}: {_last_words(said)}")
    return Cost(used, wall, peak, parts)


def _follow(pid: int, until: float, samples: bool) -> tuple[int, float, int, tuple[tuple[str, int], ...]]:
    """Wait for a child; return its exit code, processor time, and its tree's peak of memory with its parts."""
    peak: tuple[int, tuple[tuple[str, int], ...]] = (0, ())
    looked = 0.0
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, *peak
        now = time.monotonic()
        if now > until:
            raise CommandFailedError("it took too long")
        if samples and now - looked >= _SAMPLE_S:
            looked = now
            parts = memory_of(pid)
            peak = max(peak, (sum(size for _, size in parts), parts))
        time.sleep(_LOOK_S)


def descendants(root: int) -> list[int]:
    """Return the process and all that descend from it now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, ())
    return found


def memory_of(root: int) -> tuple[tuple[str, int], ...]:
    """Return the programs of a process tree with their proportional set size in bytes, the largest first."""
    parts = []
    for pid in descendants(root):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
            name = Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
        except OSError:
            continue  # it ended meanwhile
        size = next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
        parts.append((name, size))
    return tuple(sorted(parts, key=lambda part: -part[1]))


def end_tree(root: int) -> None:
    """Kill a child of this process and all that descend from it."""
    for pid in descendants(root):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    try:
        os.waitpid(root, 0)
    except ChildProcessError:
        return


def _last_words(said: Path) -> str:
    lines = [line.strip() for line in said.read_text("utf-8", "replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:])[-240:] or "it said nothing"
