"""Encoders in graphics hardware: NVENC, QSV, AMF, VideoToolbox.

Written from the options that ffmpeg documents for each. None of them ran on its hardware when this was written: each is
believed only after a test encode with exactly these options, every segment is verified, and a segment that fails makes
the job go on with x264. Their rate control is not proven to keep the buffer, so each segment's size is checked too.
"""

from typing import Any

from pipeline.media.rendering.encoders.base import Budget, Rung, Setting, level_for
from pipeline.presets import Pace
from pipeline.timing import FrameGrid

_QUALITIES = (30.0, 27.0, 24.0, 21.0, 18.0)
"""Of constant quality on H.264's scale of quantizers."""


class _Hardware:
    """What they share: three speeds of their own, and qualities that the measurement chooses from."""

    name: str
    keeps_budget = False
    speeds: dict[Pace, str]
    qualities = _QUALITIES
    usual = 24.0

    def ladder(self, pace: Pace) -> tuple[Rung, ...]:
        """Return the one way to encode at that pace: the chip's speed hardly depends on the content."""
        return (Rung(self.speeds[pace], (), self.qualities, self.usual),)

    def describe(self, setting: Setting) -> str:
        """Return such as ``h264_nvenc p4 24``."""
        return f"{self.name} {setting.speed} {setting.quality:g}"

    def _shared(self, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        return {
            "c:v": self.name,
            "profile:v": "high",
            "level": level_for(grid).name,
            "g": gop,
            "bf": 0,
            "flags": "+cgop",
            "maxrate": budget.max_rate_bps,
            "bufsize": budget.buffer_bits,
        }


class Nvenc(_Hardware):
    """NVIDIA: variable rate steered by a constant quality."""

    name = "h264_nvenc"
    speeds = {"fast": "p2", "balanced": "p4", "best": "p7"}  # noqa: RUF012 - never changed

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return options; with ``no-scenecut`` and ``forced-idr`` every group begins with an IDR picture."""
        return {
            **self._shared(grid, gop, budget),
            "preset": setting.speed,
            "tune": "hq",
            "rc": "vbr",
            "cq": setting.quality,
            "b:v": 0,
            "coder": "cabac",
            "spatial-aq": 1,
            "no-scenecut": 1,
            "forced-idr": 1,
            "a53cc": 0,
        }


class Qsv(_Hardware):
    """Intel: quality-defined variable rate, which ffmpeg takes when a quality and a higher ``maxrate`` are given."""

    name = "h264_qsv"
    speeds = {"fast": "veryfast", "balanced": "medium", "best": "veryslow"}  # noqa: RUF012 - never changed

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return options; ``idr_interval`` 0 makes every group begin with an IDR picture."""
        return {
            **self._shared(grid, gop, budget),
            "preset": setting.speed,
            "global_quality": round(setting.quality),
            "b:v": budget.max_rate_bps * 9 // 10,
            "idr_interval": 0,
            "forced_idr": 1,
            "a53cc": 0,
        }


class Amf(_Hardware):
    """AMD: quality variable rate, which ffmpeg knows since 6.0; an older one fails the test encode."""

    name = "h264_amf"
    speeds = {"fast": "speed", "balanced": "balanced", "best": "quality"}  # noqa: RUF012 - never changed

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return options; AMF's groups are closed, an IDR picture first."""
        return {
            **self._shared(grid, gop, budget),
            "usage": "transcoding",
            "quality": setting.speed,
            "rc": "qvbr",
            "qvbr_quality_level": round(setting.quality),
            "b:v": budget.max_rate_bps * 9 // 10,
            "coder": "cabac",
            "enforce_hrd": 1,
            "filler_data": 0,
        }


class VideoToolbox(_Hardware):
    """Apple: constant quality on Apple's own chips, from 1 to 100; an Intel Mac fails the test encode.

    ffmpeg knows no speeds here. ``quality`` counts down as everywhere: ``q:v`` is 100 less it.
    """

    name = "h264_videotoolbox"
    speeds = {"fast": "", "balanced": "", "best": ""}  # noqa: RUF012 - never changed
    qualities = (60.0, 50.0, 40.0, 30.0, 20.0)
    usual = 40.0

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return options."""
        return {
            **self._shared(grid, gop, budget),
            "flags": "+cgop+qscale",
            "q:v": round(100 - setting.quality),
            "coder": "cabac",
            "allow_sw": 0,
            "realtime": 0,
        }

    def describe(self, setting: Setting) -> str:
        """Return such as ``h264_videotoolbox q 60``."""
        return f"{self.name} q {100 - setting.quality:g}"
