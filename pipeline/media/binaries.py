"""Which ffmpeg does the work: a configured one, the system's if it can do the job, else the one in imageio-ffmpeg."""

import os
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pipeline.errors import NoFfmpegError, WeikeError
from pipeline.media.process import Limits, run

NEEDED_ENCODERS = ("libx264", "aac")
NEEDED_FILTERS = ("ass", "ebur128", "fps", "scale", "tpad", "alimiter", "bwdif")

_QUICK = Limits(wall_s=30, stall_s=30)


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """An ffmpeg that was asked what it can do."""

    path: Path
    version: str
    origin: Literal["configured", "system", "imageio-ffmpeg"]
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed encoders and filters that it lacks."""
        encoders = [name for name in NEEDED_ENCODERS if name not in self.encoders]
        return (*encoders, *(name for name in NEEDED_FILTERS if name not in self.filters))


@lru_cache
def ffmpeg() -> Ffmpeg:
    """Return the ffmpeg that does the work on this machine.

    ``WEIKE_FFMPEG`` names one outright; a named one that cannot do the job is an error, never replaced silently.

    Raises:
        NoFfmpegError: there is none, with the reason for each that was found.
    """
    reasons = []
    for origin, path in candidates():
        try:
            found = inspect(path, origin)
        except WeikeError as error:
            reasons.append(f"{path}: {error.message.show()}")
        else:
            if not found.missing:
                return found
            reasons.append(f"{path}: {', '.join(found.missing)}")
        if origin == "configured":
            break
    raise NoFfmpegError(reason="; ".join(reasons) or "none found")


@lru_cache
def with_filter(name: str) -> Ffmpeg | None:
    """Return the first ffmpeg here that has a filter, the one that does the work before others; ``None``: none has."""
    if name in ffmpeg().filters:
        return ffmpeg()
    for origin, path in candidates():
        if path == ffmpeg().path:
            continue
        try:
            found = inspect(path, origin)
        except WeikeError:
            continue
        if name in found.filters:
            return found
    return None


def candidates() -> list[tuple[Literal["configured", "system", "imageio-ffmpeg"], Path]]:
    """Return the ffmpegs on this machine in the order of preference, not yet inspected."""
    found: list[tuple[Literal["configured", "system", "imageio-ffmpeg"], Path]] = []
    if configured := os.environ.get("WEIKE_FFMPEG"):
        found.append(("configured", Path(configured).absolute()))  # it is started in other folders, too
    if system := shutil.which("ffmpeg"):
        found.append(("system", Path(system).absolute()))
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        found.append(("imageio-ffmpeg", Path(get_ffmpeg_exe())))
    except (ImportError, RuntimeError):
        pass
    return found


def inspect(path: Path, origin: Literal["configured", "system", "imageio-ffmpeg"]) -> Ffmpeg:
    """Return what the ffmpeg at ``path`` is and can do, by asking it.

    Raises:
        NoFfmpegError: it does not answer as an ffmpeg does.
    """
    banner = _ask(path, "-version")
    version = re.match(r"ffmpeg version (\S+)", banner)
    if version is None:
        raise NoFfmpegError(reason=f"{path} is no ffmpeg")
    encoders = re.findall(r"^ [VAS][\w.]{5} ([\w-]+)", _ask(path, "-encoders"), re.MULTILINE)
    filters = re.findall(r"^ [\w.]{2,3} +([\w-]+) ", _ask(path, "-filters"), re.MULTILINE)
    return Ffmpeg(path, version[1], origin, frozenset(encoders), frozenset(filters))


def _ask(path: Path, question: str) -> str:
    done = run(
        [str(path), "-hide_banner", question] if question != "-version" else [str(path), question],
        subject=path,
        limits=_QUICK,
    )
    return done.stdout.decode("utf-8", "replace")
