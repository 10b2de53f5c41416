"""The sound of several takes on one clock, joined to the sample: one lossless file, then a source like any other.

A take's sound begins and ends at the samples nearest to its frames, both counted from zero, so that nothing drifts
however many takes there are. Parts are brought to one loudness downwards: nothing can clip here, and the level of the
whole is set afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from pipeline.media.graph import Progress, compile_args, run_ffmpeg
from pipeline.media.sound import Channels, on_clock
from pipeline.records import Recording
from pipeline.takes import CutList, Placed

_RATE_HZ = 48000
_SEAM_S = Fraction(4, 1000)
"""Sound fades over this at each end of a take, so that a cut does not click."""
_QUEUE = 8
_BIT_EXACT = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": "-1"}


@dataclass(frozen=True, slots=True)
class Voice:
    """The sound of one source of takes."""

    recording: Recording | None
    """``None`` for silence, as of a card."""
    duration_s: Fraction
    """Of the source on its own clock."""
    channels: Channels = "both"
    gain_db: float = 0.0


def join_sound(voices: Sequence[Voice], cuts: CutList, out: Path, on_progress: Progress | None = None) -> None:
    """Write the takes' sound as 48 kHz stereo FLAC of 24 bits, as long as the delivery to the sample.

    Args:
        voices: of the sources, by number.
        cuts: the delivery.
        out: file to write.
        on_progress: called with the seconds that are done.

    Raises:
        FfmpegFailedError: a recording's sound does not decode.
    """
    branches = {source: iter(_branches(voice, source, cuts)) for source, voice in enumerate(voices)}
    pieces = [_piece(next(branches[placed.take.source]), placed, cuts) for placed in cuts.placed]
    joined = ffmpeg.concat(*pieces, v=0, a=1) if len(pieces) > 1 else pieces[0]
    end = sample_at(cuts.grid.count, cuts.rate)
    joined = joined.filter("apad").filter("atrim", end_sample=end)
    node = ffmpeg.output(joined, str(out), format="flac", acodec="flac", sample_fmt="s32", **_BIT_EXACT)
    subject = next((voice.recording.path for voice in voices if voice.recording), out)
    run_ffmpeg(compile_args(node), subject=subject, on_progress=on_progress)


def sample_at(frame: int, rate: Fraction) -> int:
    """Return the sample at which a frame begins."""
    return round(frame * _RATE_HZ / rate)


def _branches(voice: Voice, source: int, cuts: CutList) -> list[Any]:
    """Return the source's sound once for each of its takes."""
    count = sum(take.source == source for take in cuts.takes)
    if not count:
        return []
    # Two inputs that are the same in everything are one to ffmpeg-python; the length of a queue tells them apart.
    apart = {"thread_queue_size": _QUEUE + source}
    if voice.recording is None or voice.recording.audio is None:
        silence = f"anullsrc=channel_layout=stereo:sample_rate={_RATE_HZ}:duration={float(voice.duration_s) + 1}"
        sound = ffmpeg.input(silence, f="lavfi", **apart).audio
    else:
        sound = on_clock(voice.recording, voice.duration_s, voice.channels, **apart)
    sound = sound.filter("volume", f"{voice.gain_db:.3f}dB", precision="float")
    if count == 1:
        return [sound]
    split = sound.filter_multi_output("asplit", count)
    return [split[number] for number in range(count)]


def _piece(sound: Any, placed: Placed, cuts: CutList) -> Any:
    """Return a take's sound, as long as its place in the delivery."""
    start = sample_at(placed.take.first, cuts.rate)
    length = sample_at(placed.end, cuts.rate) - sample_at(placed.begin, cuts.rate)
    seam = min(round(_SEAM_S * _RATE_HZ), length // 2)
    piece = sound.filter("atrim", start_sample=start, end_sample=start + length).filter("asetpts", "N/SR/TB")
    piece = piece.filter("apad").filter("atrim", end_sample=length)
    if placed.begin > 0:
        piece = piece.filter("afade", type="in", start_sample=0, nb_samples=seam)
    if placed.end < cuts.grid.count:
        piece = piece.filter("afade", type="out", start_sample=length - seam, nb_samples=seam)
    return piece.filter("aformat", sample_fmts="fltp", sample_rates=_RATE_HZ, channel_layouts="stereo")
