"""Decoded picture or sound as a stream of equal blocks: ffmpeg decodes, Python sees one frame after another."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.media.binaries import ffmpeg as the_ffmpeg
from pipeline.media.process import Limits, run

_GLOBAL = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info")
_LOG_LINES = 50_000
_DECODE_ERROR = re.compile(
    r"\[(?:error|fatal)\].*(?:decod|Invalid data|corrupt|concealing|damaged|missing picture|partial file|NAL unit)|"
    r"\[(?:h264|hevc|mpeg4|mpeg2video|vp8|vp9|av1|libdav1d|aac|mp3float|ac3|vorbis|opus)[^\]]*\] \[(?:error|fatal)\]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoding pass said."""

    code: int
    """ffmpeg's exit code; 0 proves nothing."""
    frames: int
    """Whole blocks that were handed on."""
    is_empty: bool
    """Not a byte came out."""
    errors: int
    """Lines of the log that tell of damage."""
    log: str


def decode_stream(
    args: Sequence[str],
    *,
    subject: Path,
    block_bytes: int,
    on_block: Callable[[memoryview], None],
    limits: Limits | None = None,
) -> Decoded:
    """Run ffmpeg with ``args``, hand its output on in blocks, and return what it said.

    A file that breaks off gives the frames before the break: nothing is raised for it.

    Args:
        args: from ``compile_args``; the output is raw and goes to ``pipe:1``.
        subject: the file that the work is about, for errors.
        block_bytes: size of a block; the last one may be missing, never shorter.
        on_block: called with each block; it must copy what it keeps.
        limits: when to end it.

    Raises:
        StalledError: a limit was passed.
        FfmpegFailedError: ffmpeg could not be started.
    """
    rest = bytearray()
    frames = 0

    def take(data: bytes) -> None:
        nonlocal frames
        rest.extend(data)
        whole = len(rest) // block_bytes
        if not whole:
            return
        with memoryview(rest) as view:
            for start in range(0, whole * block_bytes, block_bytes):
                with view[start : start + block_bytes] as block:
                    on_block(block)
        frames += whole
        del rest[: whole * block_bytes]

    argv = [os.fspath(the_ffmpeg().path), *_GLOBAL, *args]
    done = run(argv, subject=subject, limits=limits, on_block=take, stderr_lines=_LOG_LINES)
    errors = sum(1 for line in done.stderr.splitlines() if _DECODE_ERROR.search(line))
    return Decoded(done.code, frames, not frames and not rest, errors, done.stderr)
