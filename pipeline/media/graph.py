"""Running ffmpeg on a graph built with ffmpeg-python: one way in, with progress, limits and honest errors."""

import errno
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from pipeline.errors import DiskFullError, FfmpegFailedError
from pipeline.media.binaries import ffmpeg as the_ffmpeg
from pipeline.media.process import Limits, run

Progress = Callable[[float], None]
"""Called with the seconds of output that are done."""

_FULL = -errno.ENOSPC & 0xFF
"""ffmpeg's exit code on a full disk, which may have swallowed its sentence as well."""
_GLOBAL = ("-hide_banner", "-nostdin", "-y", "-nostats", "-progress", "pipe:1", "-loglevel", "level+warning")


def compile_args(outputs: Any) -> list[str]:
    """Return ffmpeg's arguments (without the program) for one or several ffmpeg-python output nodes.

    Bare ``name=value`` options of the nodes keep ffmpeg-python's order.
    """
    node = ffmpeg.merge_outputs(*outputs) if isinstance(outputs, list | tuple) else outputs
    return list(ffmpeg.get_args(node))


def run_ffmpeg(
    args: Sequence[str],
    *,
    subject: Path,
    cwd: Path | None = None,
    on_progress: Progress | None = None,
    limits: Limits | None = None,
    loglevel: str = "level+warning",
    stderr_lines: int = 400,
    program: Path | None = None,
) -> str:
    """Run ffmpeg with ``args`` and return its log (stderr).

    Exit code 0 proves nothing: the caller checks what was written.

    Args:
        args: from ``compile_args``; global options are added here.
        subject: the file that the work is about, for errors.
        cwd: private working folder; files in filters are named relative to it.
        on_progress: called with the seconds of output done.
        limits: when to end it.
        loglevel: ffmpeg's ``-loglevel``.
        stderr_lines: how many last lines of the log are kept.
        program: another ffmpeg than the one that does the work.

    Raises:
        DiskFullError: the disk ran full.
        FfmpegFailedError: ffmpeg ended with an error.
        StalledError: a limit was passed.
    """
    argv = [os.fspath(program or the_ffmpeg().path), *_GLOBAL[:-1], loglevel, *args]

    def follow(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and on_progress is not None and value.lstrip("-").isdigit():
            on_progress(max(0.0, int(value) / 1e6))

    done = run(argv, subject=subject, cwd=cwd, limits=limits, on_line=follow, stderr_lines=stderr_lines)
    if done.code == _FULL or "No space left on device" in done.stderr:
        raise DiskFullError(cwd or subject, needed="?", free="0 MB", log=done.stderr)
    if done.code != 0:
        raise FfmpegFailedError(subject, reason=_last_error(done.stderr, done.code), log=done.stderr)
    return done.stderr


def _last_error(log: str, code: int) -> str:
    """Return the last line of the log that tells an error, without addresses."""
    lines = [line for line in log.splitlines() if "[error]" in line or "[fatal]" in line]
    text = lines[-1] if lines else f"exit code {code}"
    return re.sub(r"\[[^\]]*\] ?", "", text).strip() or f"exit code {code}"
