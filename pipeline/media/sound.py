"""The recording's sound, put on the delivery's clock, measured, and encoded for delivery.

Every graph here begins with the same chain: the container's own timestamps are kept, the origin is taken away, gaps
and a late start are filled with silence, and the end is cut or padded to the very sample. So a time in the speech
WAV, in the loudness curve and in the delivered sound is the same time as in the delivered picture.
"""

import re
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from pipeline.errors import FfmpegFailedError
from pipeline.media.graph import Progress, compile_args, run_ffmpeg
from pipeline.media.sources import ffmpeg_input
from pipeline.presets import SoundSettings
from pipeline.records import Loudness, Recording

SPEECH_RATE_HZ = 16000
_WORK_RATE_HZ = 48000
_LIMITER_RATE_HZ = 96000
"""The limiter works oversampled, so that peaks between samples are seen as well."""
_GAP_MIN_S = 0.02
"""Sound that lies further than this from its timestamp is moved there: half a frame at 25 frames a second."""
_SILENCE_LUFS = -70.0
"""The absolute gate. Source: ITU-R BS.1770-5, annex 1."""
_BIT_EXACT = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": "-1"}


@dataclass(frozen=True, slots=True)
class Level:
    """What is done to the level on the way to the delivery."""

    gain_db: float
    limit_dbtp: float
    """Peak that the limiter holds, dB."""
    is_limited: bool
    """Without peaks to hold, the gain stays a plain multiplication."""


def analyse(
    recording: Recording, wav: Path, on_progress: Progress | None = None, *, duration_s: Fraction | None = None
) -> Loudness:
    """Return the loudness of the recording's sound, as recorded; one decode also writes the speech WAV.

    Args:
        recording: must have sound.
        wav: gets 16 kHz mono 16-bit PCM, a mix of all channels, on the delivery's clock.
        on_progress: called with the seconds that are done.
        duration_s: the delivery's length in seconds; by default the recording's.

    Raises:
        FfmpegFailedError: the sound does not decode, or the WAV is not what was planned.
    """
    length_s = recording.duration_s if duration_s is None else duration_s
    branches = on_clock(recording, length_s).filter_multi_output("asplit")
    samples = round(length_s * SPEECH_RATE_HZ)
    speech = branches[0].filter("aformat", channel_layouts="mono").filter("aresample", SPEECH_RATE_HZ)
    speech = speech.filter("apad").filter("atrim", end_sample=samples)
    meter = branches[1].filter("ebur128", framelog="verbose", peak="true")
    outputs = [
        ffmpeg.output(speech, str(wav), format="wav", acodec="pcm_s16le", **_BIT_EXACT),
        ffmpeg.output(meter, "-", format="null"),
    ]
    loudness = _measured(outputs, recording.path, length_s, on_progress)
    _require_samples(wav, samples, recording.path)
    return loudness


def encode(
    recording: Recording,
    out: Path,
    level: Level,
    settings: SoundSettings,
    duration_s: Fraction,
    on_progress: Progress | None = None,
) -> None:
    """Write the delivery's sound to ``out`` (an .m4a): AAC, of exactly ``duration_s`` seconds, at the given level."""
    sound = _levelled(recording, level, duration_s)
    if settings.sample_rate_hz != _WORK_RATE_HZ:
        sound = sound.filter("aresample", settings.sample_rate_hz)
    sound = sound.filter("apad").filter("atrim", end_sample=round(duration_s * settings.sample_rate_hz))
    node = ffmpeg.output(
        sound,
        str(out),
        format="ipod",
        acodec="aac",
        **{
            "profile:a": "aac_low",
            "b:a": settings.bit_rate_bps,
            "ar": settings.sample_rate_hz,
            "ac": settings.channels,
        },
        **_BIT_EXACT,
    )
    run_ffmpeg(compile_args(node), subject=recording.path, on_progress=on_progress)


def measure_levelled(
    recording: Recording, level: Level, duration_s: Fraction, on_progress: Progress | None = None
) -> Loudness:
    """Return the loudness that the delivery would have at ``level``, before encoding; peaks are not measured."""
    meter = _levelled(recording, level, duration_s).filter("ebur128", framelog="verbose")
    node = ffmpeg.output(meter, "-", format="null")
    return _measured([node], recording.path, duration_s, on_progress)


def measure_file(path: Path, duration_s: Fraction, on_progress: Progress | None = None) -> Loudness:
    """Return the loudness of a sound file of ours."""
    meter = ffmpeg_input(path).audio.filter("ebur128", framelog="verbose", peak="true")
    node = ffmpeg.output(meter, "-", format="null")
    return _measured([node], path, duration_s, on_progress)


def on_clock(recording: Recording, duration_s: Fraction) -> Any:
    """Return an ffmpeg-python node: the sound as 48 kHz stereo on the delivery's clock, ``duration_s`` long."""
    assert recording.audio is not None
    source = ffmpeg_input(recording.path, copyts=None)[str(recording.audio.index)]
    shifted = source.filter("asetpts", f"PTS-({recording.origin_s})/TB")
    filled = shifted.filter("aresample", _WORK_RATE_HZ, **{"async": 1, "first_pts": 0, "min_hard_comp": _GAP_MIN_S})
    stereo = filled.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    return stereo.filter("apad").filter("atrim", end_sample=round(duration_s * _WORK_RATE_HZ))


def read_loudness(log: str) -> Loudness:
    """Return what ``ebur128`` said in ffmpeg's log: its summary, and one short-term value a second.

    Raises:
        ValueError: the log holds no summary.
    """
    summary = log.rpartition("Summary:")[2]
    integrated = re.search(r"^\s*I:\s+(\S+) LUFS", summary, re.MULTILINE)
    spread = re.search(r"^\s*LRA:\s+(\S+) LU\b", summary, re.MULTILINE)
    if integrated is None or spread is None:
        raise ValueError("no loudness summary")
    peak = re.search(r"^\s*Peak:\s+(\S+) dBFS", summary, re.MULTILINE)
    loudness = _number(integrated[1])
    return Loudness(
        integrated_lufs=None if loudness <= _SILENCE_LUFS else loudness,
        range_lu=max(0.0, _number(spread[1])),
        true_peak_dbtp=None if peak is None or _number(peak[1]) < -200 else _number(peak[1]),
        short_term_lufs=_short_term(log),
    )


def _short_term(log: str) -> tuple[float, ...]:
    """Return one short-term value a second; before the first full window the momentary one stands in."""
    values: dict[int, float] = {}
    for line in re.finditer(r"\bt:\s*(\S+)\s.*?\bM:\s*(\S+)\s+S:\s*(\S+)", log):
        second = int(_number(line[1]) + 0.01) - 1
        if second >= 0 and second not in values:
            short, momentary = _number(line[3]), _number(line[2])
            values[second] = max(_SILENCE_LUFS, short if second >= 2 else max(short, momentary))
    return tuple(values.get(second, _SILENCE_LUFS) for second in range(max(values, default=-1) + 1))


def _number(text: str) -> float:
    """Return a number of ffmpeg's log; what is none (``nan``, ``-inf``) is far below silence."""
    try:
        value = float(text)
    except ValueError:
        return -999.0
    return value if -999.0 < value < 999.0 else -999.0


def _levelled(recording: Recording, level: Level, duration_s: Fraction) -> Any:
    """Return the sound on the clock with gain and, where there are peaks to hold, the limiter."""
    sound = on_clock(recording, duration_s).filter("volume", f"{level.gain_db:.3f}dB", precision="float")
    if not level.is_limited:
        return sound
    limited = sound.filter("aresample", _LIMITER_RATE_HZ).filter(
        "alimiter", limit=f"{10 ** (level.limit_dbtp / 20):.6f}", level="disabled", attack=5, release=50, latency=1
    )
    return limited.filter("aresample", _WORK_RATE_HZ)


def _measured(outputs: list[Any], subject: Path, duration_s: Fraction, on_progress: Progress | None) -> Loudness:
    """Run a graph that ends in ``ebur128`` and return what it measured.

    The whole log is kept: ten lines a second of sound, and some.

    Raises:
        FfmpegFailedError: ffmpeg failed, or no sound reached the meter.
    """
    log = run_ffmpeg(
        compile_args(outputs),
        subject=subject,
        on_progress=on_progress,
        loglevel="level+verbose",
        stderr_lines=int(duration_s * 12) + 4000,
    )
    try:
        return read_loudness(log)
    except ValueError as error:
        raise FfmpegFailedError(subject, reason=str(error), log=log[-4000:]) from None


def _require_samples(wav: Path, samples: int, subject: Path) -> None:
    with wave.open(str(wav), "rb") as file:
        written = file.getnframes()
    if written != samples:
        raise FfmpegFailedError(subject, reason=f"{written} samples instead of {samples}")
