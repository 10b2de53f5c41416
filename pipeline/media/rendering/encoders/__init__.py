"""H.264 encoders behind one small protocol."""

from pipeline.media.rendering.encoders.base import (
    Budget,
    Encoder,
    Rung,
    Setting,
    budget_for,
    gop_frames,
    level_for,
)
from pipeline.media.rendering.encoders.trials import CANDIDATES, ENCODERS, SOFTWARE, available, choose, settle, works
from pipeline.media.rendering.encoders.x264 import THREADS

__all__ = [
    "CANDIDATES",
    "ENCODERS",
    "SOFTWARE",
    "THREADS",
    "Budget",
    "Encoder",
    "Rung",
    "Setting",
    "available",
    "budget_for",
    "choose",
    "gop_frames",
    "level_for",
    "settle",
    "works",
]
