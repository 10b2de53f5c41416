"""Strikes at the Nth write, fsync, rename or unlink that Python itself makes, in the process that it is installed in.

A write that is struck has half of its bytes on the disk; of each file its opening and its first two writes count, as
some writers make hundreds. What ffmpeg's libraries write is out of its reach; ``strace``
reaches that (``strace.py``).
"""

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("write", "fsync", "rename", "unlink")
_WRITES_COUNTED = 2
Act = Callable[[], None]


@dataclass
class Injector:
    """Counts what is done under a folder and strikes once, or from then on."""

    root: Path
    kind: str
    at: int
    """Strike at this call, from 1 on; 0 never strikes."""
    act: Act
    is_lasting: bool = False
    """Every later call is struck too, as on a disk that stays full."""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    is_struck: bool = False
    """It has struck and goes on striking."""

    def install(self) -> None:
        """Put this injector between Python and the system, for the rest of the process."""
        for name, kind in (("rename", "rename"), ("replace", "rename"), ("unlink", "unlink"), ("remove", "unlink")):
            setattr(os, name, self._counted(getattr(os, name), kind))
        os.rmdir = self._counted(os.rmdir, "unlink")  # type: ignore[assignment]
        os.mkdir = self._counted(os.mkdir, "write")  # type: ignore[assignment]
        os.fsync = self._counted(os.fsync, "fsync")
        os.sendfile = self._counted(os.sendfile, "write")  # type: ignore[assignment]
        io.open = builtins.open = self._opener(io.open)  # type: ignore[assignment]

    def strike(self, kind: str, before: Act | None = None) -> None:
        """Count a call and strike if it is the one."""
        self.counts[kind] += 1
        count = self.counts[kind]
        if kind == self.kind and self.at and (count == self.at or (self.is_lasting and count > self.at)):
            self.is_struck = self.is_lasting
            if before is not None:
                before()
            self.act()

    def _counted(self, call: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            if "dir_fd" in options or not isinstance(args[0], str | os.PathLike) or self._is_ours(args[0]):
                self.strike(kind)
            return call(*args, **options)

        return counted

    def _is_ours(self, path: Any) -> bool:
        return os.path.abspath(os.fspath(path)).startswith(str(self.root))  # noqa: PTH100

    def _opener(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            is_written = set(mode) & set("wax+") and isinstance(file, str | os.PathLike) and self._is_ours(file)
            if is_written:
                self.strike("write")
            handle = real(file, mode, *args, **options)
            if is_written:
                handle = _Struck(handle, self)
            return handle

        return opened


class _Struck:
    """A file open for writing whose writes are counted."""

    def __init__(self, handle: Any, injector: Injector) -> None:
        self._handle, self._injector = handle, injector
        self._left = _WRITES_COUNTED

    def write(self, data: Any) -> int:
        def half() -> None:
            self._handle.write(data[: len(data) // 2])
            self._handle.flush()

        if self._left > 0 or self._injector.is_struck:
            self._left -= 1
            self._injector.strike("write", half)
        return self._handle.write(data)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)

    def __enter__(self) -> "_Struck":
        return self

    def __exit__(self, *problem: object) -> None:
        self._handle.close()

    def __iter__(self) -> Any:
        return iter(self._handle)


def kill() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(code: int) -> Act:
    """Return an act that fails as the system does."""

    def fail() -> None:
        raise OSError(code, os.strerror(code))

    return fail


def vanishing(folder: Path) -> Act:
    """Return an act that takes a folder away, as a share does that is unplugged."""
    move = os.rename

    def vanish() -> None:
        if folder.exists():
            move(folder, folder.with_name(f"{folder.name}-gone"))

    return vanish


ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
