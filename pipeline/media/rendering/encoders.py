"""H.264 encoders behind one small protocol, each trusted only after it has encoded something here."""

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import ffmpeg

from pipeline.errors import WeikeError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.process import Limits
from pipeline.presets import EncoderSettings
from pipeline.timing import FrameGrid

CANDIDATES = ("h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox", "libx264")
"""Encoders that a machine may have, the fastest kind first."""

SOFTWARE = "libx264"
"""The encoder that works on the processor; all others are hardware."""
THREADS = 4
"""Threads of one x264. Its output depends on them, so they are the same on every machine."""
_TEST = Limits(wall_s=20, stall_s=20)
_BUFFER_S = 2
"""Length of the rate buffer, seconds at the highest rate."""
_CREDIT = Fraction(9, 10)
"""Share of the rate buffer that x264 may spend at once when a stream begins (its ``vbv-init``)."""
_CONTAINER_SHARE = Fraction(97, 100)
"""Share of the cap left for sound and picture beside the container's tables (measured: 0.15 %) and a reserve."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The bits that the picture may spend, as a rate and a buffer."""

    max_rate_bps: int
    buffer_bits: int


@dataclass(frozen=True, slots=True)
class Level:
    """Limits of an H.264 level in High profile. Source: ITU-T H.264, tables A-1 and A-2."""

    name: str
    max_rate_bps: int
    max_buffer_bits: int


_LEVELS = (Level("4.0", 25_000_000, 31_250_000), Level("4.2", 62_500_000, 78_125_000))


_MANY_REFERENCES = frozenset({"slow", "slower", "veryslow", "placebo"})
"""x264 presets with more reference frames than the levels allow at 1920×1080 (4)."""


class Encoder(Protocol):
    """How one encoder is told what a segment needs."""

    name: str
    """ffmpeg's name."""

    def options(self, settings: EncoderSettings, grid: FrameGrid, budget: Budget) -> dict[str, Any]:
        """Return ffmpeg output options: rate, level, closed groups of pictures, the same headers every time."""
        ...

    def describe(self, settings: EncoderSettings) -> str:
        """Return the encoder and its settings in one line."""
        ...


class X264:
    """libx264: constant quality under the budget."""

    name = "libx264"

    def options(self, settings: EncoderSettings, grid: FrameGrid, budget: Budget) -> dict[str, Any]:
        """Return options for High profile, closed groups, headers that do not depend on the content."""
        parameters = {
            "threads": str(THREADS),
            "keyint": str(gop_frames(settings, grid)),
            "open-gop": "0",
            "stitchable": "1",
            "cabac": "1",
            "8x8dct": "1",
            "force-cfr": "1",
            **({"ref": "4"} if settings.speed in _MANY_REFERENCES else {}),
            **dict(option.partition("=")[::2] for option in settings.options),
            "colorprim": "bt709",
            "transfer": "bt709",
            "colormatrix": "bt709",
            "range": "tv",
        }
        return {
            "c:v": self.name,
            "preset": settings.speed,
            "crf": settings.crf,
            "profile:v": "high",
            "level": level_for(grid).name,
            "maxrate": budget.max_rate_bps,
            "bufsize": budget.buffer_bits,
            "x264-params": ":".join(f"{name}={value}" for name, value in parameters.items()),
        }

    def describe(self, settings: EncoderSettings) -> str:
        """Return such as ``libx264 faster crf 21 subme=2``."""
        return " ".join((self.name, settings.speed, f"crf {settings.crf:g}", *settings.options))


ENCODERS: dict[str, Encoder] = {"libx264": X264()}
"""Encoders that rendering can use, in order of preference."""


def choose(settings: EncoderSettings) -> Encoder:
    """Return the encoder that the preset names if it works here, else the first that does, at worst libx264."""
    wishes = list(ENCODERS) if settings.codec == "auto" else [settings.codec, *ENCODERS]
    return next((ENCODERS[name] for name in wishes if name in ENCODERS and works(name)), ENCODERS["libx264"])


def available() -> tuple[str, ...]:
    """Return the H.264 encoders that work on this machine, each proven by encoding a few frames."""
    return tuple(name for name in CANDIDATES if works(name))


@lru_cache
def works(name: str) -> bool:
    """Return whether the encoder of that name encodes a few frames on this machine within a time limit.

    An ffmpeg lists encoders whose hardware or driver is not here, so the list proves nothing.
    """
    from pipeline.media.binaries import ffmpeg as the_ffmpeg

    if name not in the_ffmpeg().encoders:
        return False
    with tempfile.TemporaryDirectory(prefix="weike-encoder-") as folder:
        out = Path(folder) / "test.mp4"
        source = ffmpeg.input("testsrc2=size=640x360:rate=25:duration=0.4", f="lavfi")
        node = source.output(str(out), **{"c:v": name, "pix_fmt": "yuv420p"})
        try:
            run_ffmpeg(compile_args(node), subject=out, limits=_TEST)
        except WeikeError:
            return False
        return out.is_file() and out.stat().st_size > 1000


def gop_frames(settings: EncoderSettings, grid: FrameGrid) -> int:
    """Return the longest group of pictures in frames."""
    return max(1, int(settings.gop_s * grid.rate))


def level_for(grid: FrameGrid) -> Level:
    """Return the level for 1920×1080 at the grid's rate: 4.0 up to 30 frames a second, else 4.2."""
    return _LEVELS[0] if grid.rate <= 30 else _LEVELS[1]


def budget_for(
    settings: EncoderSettings, grid: FrameGrid, segments: int, size_max_bytes: int, sound_bytes: int
) -> Budget:
    """Return the rate and buffer under which the file cannot pass its cap, whatever the picture shows.

    A stream under a rate buffer holds at most ``rate × time + credit × buffer`` bits; each segment is such a stream.
    With a buffer of ``_BUFFER_S`` seconds this solves for the rate. A level's own limits cut it further.
    """
    bits = _CONTAINER_SHARE * Fraction(settings.size_share) * size_max_bytes * 8 - sound_bytes * 8
    rate = int(bits / (grid.duration_s + segments * _CREDIT * _BUFFER_S))
    level = level_for(grid)
    rate = max(50_000, min(rate, level.max_rate_bps))
    return Budget(rate, min(rate * _BUFFER_S, level.max_buffer_bits))
