"""What every H.264 encoder shares: how it is asked, the level, the groups of pictures, and the bits it may spend."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from pipeline.presets import EncoderSettings, Pace
from pipeline.timing import FrameGrid

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

    def allows(self, size_bytes: int, duration_s: Fraction) -> bool:
        """Return whether a stream that begins with a full buffer may be that large."""
        return size_bytes * 8 <= self.max_rate_bps * duration_s + self.buffer_bits


@dataclass(frozen=True, slots=True)
class Setting:
    """How one encoder works, in its own words."""

    speed: str
    """Its preset, from fast to thorough."""
    quality: float
    """Its constant quality (x264's ``crf``, NVENC's ``cq`` …): lower is better and larger."""
    options: tuple[str, ...] = ()
    """Further parameters, ``name=value``."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to encode, at qualities that may be tried, the cheapest bytes first."""

    speed: str
    options: tuple[str, ...]
    qualities: tuple[float, ...]
    """From the coarsest to the finest."""
    usual: float
    """What most recordings take; taken as it is where nothing is measured."""

    def at(self, quality: float) -> Setting:
        """Return the setting of this rung at a quality."""
        return Setting(self.speed, quality, self.options)


@dataclass(frozen=True, slots=True)
class Level:
    """Limits of an H.264 level in High profile. Source: ITU-T H.264, tables A-1 and A-2."""

    name: str
    max_rate_bps: int
    max_buffer_bits: int


_LEVELS = (Level("4.0", 25_000_000, 31_250_000), Level("4.2", 62_500_000, 78_125_000))


class Encoder(Protocol):
    """How one encoder is told what a segment needs."""

    name: str
    """ffmpeg's name."""
    keeps_budget: bool
    """Its rate control was proven to stay within the budget; another's output is measured, segment by segment."""

    def ladder(self, pace: Pace) -> tuple[Rung, ...]:
        """Return the ways to encode at a pace, the cheapest first."""
        ...

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return ffmpeg output options: rate, level, closed groups of pictures, the same headers every time.

        Args:
            setting: how to encode.
            grid: the delivery's frames.
            gop: longest group of pictures in frames.
            budget: the bits that may be spent.
        """
        ...

    def describe(self, setting: Setting) -> str:
        """Return the encoder and its setting in one line."""
        ...


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
