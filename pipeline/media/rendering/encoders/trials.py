"""Which encoders work on this machine: each is trusted only after it has encoded something here, as a segment is."""

import tempfile
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import ffmpeg

from pipeline.errors import WeikeError
from pipeline.media.binaries import ffmpeg as the_ffmpeg
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.process import Limits
from pipeline.media.rendering.encoders.base import Budget, Encoder
from pipeline.media.rendering.encoders.hardware import Amf, Nvenc, Qsv, VideoToolbox
from pipeline.media.rendering.encoders.x264 import X264
from pipeline.presets import EncoderSettings
from pipeline.timing import FrameGrid

SOFTWARE = X264.name
"""The encoder that works on the processor everywhere, and ends what another began; all others are hardware."""
ENCODERS: dict[str, Encoder] = {
    encoder.name: encoder for encoder in (Nvenc(), Qsv(), Amf(), VideoToolbox(), X264())
}  # fmt: skip
"""Encoders that rendering can use, in order of preference."""
CANDIDATES = tuple(ENCODERS)

_settled: list[str] = []
"""The encoder that all machines of a cluster use, once it is settled."""
_TEST = Limits(wall_s=20, stall_s=20)
_FRAMES = 10


def settle(name: str) -> None:
    """Let this process use the encoder of that name where it works, whatever presets say.

    Pieces of two encoders do not join, so machines that work on one lecture must agree.
    """
    _settled[:] = [name]


def choose(settings: EncoderSettings) -> Encoder:
    """Return the encoder that the preset names if it works here, else libx264; ``auto``: the first that works."""
    wishes = _settled or (CANDIDATES if settings.codec == "auto" else (settings.codec,))
    return next((ENCODERS[name] for name in wishes if works(name)), ENCODERS[SOFTWARE])


def available() -> tuple[str, ...]:
    """Return the H.264 encoders that work on this machine, each proven by encoding a few frames."""
    return tuple(name for name in CANDIDATES if works(name))


@lru_cache
def works(name: str) -> bool:
    """Return whether the encoder of that name encodes a few frames on this machine within a time limit.

    An ffmpeg lists encoders whose hardware or driver is not here, so the list proves nothing. The test asks for what
    a segment is asked for, and reads back what came of it.
    """
    encoder = ENCODERS.get(name)
    if encoder is None or name not in the_ffmpeg().encoders:
        return False
    grid = FrameGrid(Fraction(25), _FRAMES)
    rung = encoder.ladder("balanced")[0]
    options = encoder.options(rung.at(rung.usual), grid, 2, Budget(6_000_000, 12_000_000))
    with tempfile.TemporaryDirectory(prefix="weike-encoder-") as folder:
        out = Path(folder) / "test.mp4"
        source = ffmpeg.input(f"testsrc2=size=640x360:rate=25:duration={_FRAMES / 25}", f="lavfi")
        try:
            node = source.filter("format", "yuv420p").output(str(out), **options)
            run_ffmpeg(compile_args(node), subject=out, limits=_TEST)
            video = inspect(out).video
        except WeikeError:
            return False
    return video is not None and (video.codec, video.profile, video.frame_count) == ("h264", "High", _FRAMES)
