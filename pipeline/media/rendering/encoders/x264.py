"""libx264: constant quality under the budget, and the ways to encode that a recording may take."""

from typing import Any

from pipeline.media.rendering.encoders.base import Budget, Rung, Setting, level_for
from pipeline.presets import Pace
from pipeline.timing import FrameGrid

REFERENCE = Setting("medium", 23.0)
"""What most tools do, ffmpeg's own default: the quality that others are measured against."""
REFERENCE_GOP = 250
"""Its longest group of pictures, frames."""

THREADS = 4
"""Threads of one x264. Its output depends on them, so they are the same on every machine."""
_MANY_REFERENCES = frozenset({"slow", "slower", "veryslow", "placebo"})
"""x264 presets with more reference frames than the levels allow at 1920×1080 (4)."""

_LOOK_AHEAD = ("mbtree=1", "aq-mode=2", "trellis=1")
"""What still pictures gain most by, for next to nothing: bits go to what stays on the screen, and to flat ground."""
_PLAIN = ("bframes=0", "weightp=0")
_FINE = (34.5, 33.0, 31.5, 30.0, 28.5, 27.0, 25.5, 24.0, 22.5, 21.0)
_LADDERS: dict[Pace, tuple[Rung, ...]] = {
    "fast": (
        Rung("ultrafast", (), (31.0, 29.0, 27.0, 25.0, 23.0), 27.0),
        Rung("ultrafast", (*_LOOK_AHEAD, "rc-lookahead=10", "scenecut=40", "deblock=0,0"), _FINE, 24.0),
    ),
    "balanced": (
        Rung("superfast", (*_LOOK_AHEAD, "rc-lookahead=10", *_PLAIN, "subme=0"), _FINE, 24.0),
        Rung("superfast", (*_LOOK_AHEAD, "rc-lookahead=20", *_PLAIN), _FINE, 24.0),
        Rung("faster", ("subme=2", "aq-mode=2"), _FINE, 24.0),
    ),
    "best": (Rung("medium", (), (22.0, 20.0, 18.0, 16.0), 20.0),),
}
"""Ordered by processor time as measured on slides, talking heads and camera noise (docs/decisions.md, 17)."""


class X264:
    """libx264: constant quality under the budget."""

    name = "libx264"
    keeps_budget = True

    def ladder(self, pace: Pace) -> tuple[Rung, ...]:
        """Return the ways to encode at a pace, the cheapest first."""
        return _LADDERS[pace]

    def options(self, setting: Setting, grid: FrameGrid, gop: int, budget: Budget) -> dict[str, Any]:
        """Return options for High profile, closed groups, headers that do not depend on the content."""
        parameters = {
            "threads": str(THREADS),
            "keyint": str(gop),
            "open-gop": "0",
            "stitchable": "1",
            "cabac": "1",
            "8x8dct": "1",
            "force-cfr": "1",
            **({"ref": "4"} if setting.speed in _MANY_REFERENCES else {}),
            **dict(option.partition("=")[::2] for option in setting.options),
            "colorprim": "bt709",
            "transfer": "bt709",
            "colormatrix": "bt709",
            "range": "tv",
        }
        return {
            "c:v": self.name,
            "preset": setting.speed,
            "crf": setting.quality,
            "profile:v": "high",
            "level": level_for(grid).name,
            "maxrate": budget.max_rate_bps,
            "bufsize": budget.buffer_bits,
            "x264-params": ":".join(f"{name}={value}" for name, value in parameters.items()),
        }

    def describe(self, setting: Setting) -> str:
        """Return such as ``libx264 faster crf 21 subme=2``."""
        return " ".join((self.name, setting.speed, f"crf {setting.quality:g}", *setting.options))
