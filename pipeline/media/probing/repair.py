"""Working copies that mend what no filter can: clocks that break in the middle, sound that changes its form."""

from dataclasses import replace
from pathlib import Path

import ffmpeg

from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.sources import ffmpeg_input
from pipeline.records import Recording


def straighten(recording: Recording, out: Path) -> None:
    """Write picture and sound of a recording whose timestamps jump to ``out``, as MPEG-TS on one steady clock.

    Nothing is encoded again: without ``-copyts`` ffmpeg closes the jumps of all streams together.

    Raises:
        FfmpegFailedError: the streams do not go into MPEG-TS.
    """
    used = [stream for stream in (recording.video, recording.audio) if stream is not None]
    source = ffmpeg_input(recording.path)
    node = ffmpeg.output(*(source[str(stream.index)] for stream in used), str(out), format="mpegts", codec="copy")
    run_ffmpeg(compile_args(node), subject=recording.path)


def flatten(recording: Recording, out: Path) -> None:
    """Write the sound to ``out`` as one form of PCM in NUT, timestamps kept.

    Sound that changes its sample rate or channels in the middle makes ffmpeg begin its filters anew there, which
    loses the clock; a copy in one form does not.

    Raises:
        FfmpegFailedError: the sound does not decode.
    """
    assert recording.audio is not None
    source = ffmpeg_input(recording.path, copyts=None)[str(recording.audio.index)]
    even = source.filter("aformat", sample_fmts="s32", sample_rates=48000, channel_layouts="stereo")
    node = ffmpeg.output(even, str(out), format="nut", acodec="pcm_s24le", avoid_negative_ts="disabled")
    run_ffmpeg(compile_args(node), subject=recording.path)


def on_flat(recording: Recording, flat: Path) -> Recording:
    """Return the recording with its sound taken from what ``flatten`` wrote."""
    assert recording.audio is not None
    return replace(recording, path=flat, audio=replace(recording.audio, index=0))
