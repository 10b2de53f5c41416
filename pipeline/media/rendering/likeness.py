"""How much an encoded picture looks like what was encoded: VMAF where an ffmpeg here can measure it, else SSIM."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import ffmpeg

from pipeline.media.binaries import Ffmpeg, with_filter
from pipeline.media.binaries import ffmpeg as the_ffmpeg
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.rendering.segments import Film, raw_input
from pipeline.media.sources import ffmpeg_input

_EVERY = 6
"""VMAF looks at one frame of this many: it costs more than encoding one."""
_LOG = "likeness.log"


@dataclass(frozen=True, slots=True)
class Likeness:
    """A metric's values over the frames that were compared."""

    mean: float
    minimum: float


@dataclass(frozen=True, slots=True)
class Meter:
    """A metric, and the ffmpeg that measures it."""

    metric: Literal["VMAF", "SSIM"]
    program: Ffmpeg

    @property
    def version(self) -> str:
        """The program's version."""
        return self.program.version

    @property
    def best(self) -> float:
        """The value above which nobody sees a difference."""
        return 97.0 if self.metric == "VMAF" else 0.995

    def compare(self, made: Path, source: Path, film: Film) -> Likeness:
        """Return how much an encoded film looks like the raw frames in ``source``, frame by frame.

        Raises:
            MediaToolError: it could not be measured.
        """
        node: Any = ffmpeg_input(made).video.filter("settb", "1/1000").filter("setpts", "N")
        raw = raw_input(source, film).filter("settb", "1/1000").filter("setpts", "N")
        options: dict[str, Any] = {"stats_file": _LOG}
        if self.metric == "VMAF":
            options = {"n_subsample": _EVERY, "n_threads": 1, "log_fmt": "json", "log_path": _LOG}
        filtered = ffmpeg.filter([node, raw], "libvmaf" if self.metric == "VMAF" else "ssim", shortest=1, **options)
        args = compile_args(filtered.output("-", f="null"))
        run_ffmpeg(args, subject=film.recording.path, cwd=made.parent, program=self.program.path)
        values = self._values((made.parent / _LOG).read_text("utf-8"))
        return Likeness(round(sum(values) / len(values), 4), round(min(values), 4))

    def _values(self, log: str) -> list[float]:
        if self.metric == "VMAF":
            return [float(frame["metrics"]["vmaf"]) for frame in json.loads(log)["frames"]]
        return [float(value) for value in re.findall(r"All:([\d.]+)", log)]


def meter() -> Meter:
    """Return the best metric that can be measured on this machine; every ffmpeg knows SSIM."""
    able = with_filter("libvmaf")
    return Meter("SSIM", the_ffmpeg()) if able is None else Meter("VMAF", able)
