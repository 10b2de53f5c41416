"""What a child process may use: no network where the system can take it away, bounded memory, files and priority."""

import functools
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MEMORY_MAX_BYTES = 12 << 30
"""Address space of one child. ffmpeg maps far more than it touches: 4K HDR with 16 threads maps about 6 GB."""
FILE_MAX_BYTES = 16 << 30
"""Largest file that a child may write; a lecture's largest work file has a tenth of it."""
NICENESS = 5


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one child, set by the system."""

    memory_bytes: int = MEMORY_MAX_BYTES
    file_bytes: int = FILE_MAX_BYTES
    has_network: bool = False
    """The child may reach the network; only an installer may."""


INSTALLER = Bounds(memory_bytes=-1, file_bytes=-1, has_network=True)
"""Bounds of a program that fetches what is missing; it works on nobody's recording."""


def isolated(argv: Sequence[str], succeeds: Callable[[Sequence[str]], bool]) -> list[str]:
    """Return ``argv`` so that it runs without a network, or as it is where the system has no way to do that.

    Args:
        argv: program and arguments.
        succeeds: runs a command and tells whether it ended with 0.
    """
    return [*_prefix(succeeds), *argv]


def bind(process: int, bounds: Bounds) -> None:
    """Set the limits of a process that was just started, and lower its priority, where the system can."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, process, max(NICENESS, os.getpriority(os.PRIO_PROCESS, process)))
        except (PermissionError, ProcessLookupError):
            return
    try:
        import resource

        resource.prlimit(process, resource.RLIMIT_AS, (bounds.memory_bytes, bounds.memory_bytes))
        resource.prlimit(process, resource.RLIMIT_FSIZE, (bounds.file_bytes, bounds.file_bytes))
    except (ImportError, AttributeError, PermissionError, ProcessLookupError, ValueError, OSError):
        return


@functools.cache
def _prefix(succeeds: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Return the command that gives a program a network namespace of its own; empty where none works."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    for way in ((unshare, "--net", "--"), (unshare, "--user", "--map-current-user", "--net", "--")):
        if succeeds([*way, "true"]):
            return way
    return ()
