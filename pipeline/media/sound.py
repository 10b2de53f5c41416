"""The recording's sound, put on the delivery's clock, measured, and encoded for delivery.

Every graph here begins with the same chain: the container's own timestamps are kept, the origin is taken away, gaps
and a late start are filled with silence, and the end is cut or padded to the very sample. So a time in the speech
WAV, in the loudness curve and in the delivered sound is the same time as in the delivered picture.
"""

import re
import wave
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, Literal

import ffmpeg

from pipeline.errors import FfmpegFailedError, FfmpegSilentError
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
_DEAD_DBFS = -60.0
_DEAD_BELOW_DB = 40.0
"""A channel whose peak lies this far below the other's carries nothing but noise."""
_CANCELLED_DB = 15.0
"""Channels whose mix is this much weaker than their difference cancel each other."""
_MONO_SPREAD_DB = 3.01
"""Mono becomes stereo at this much less in each channel: as loud as before, with lower peaks."""
_SILENCE_LUFS = -70.0
"""The absolute gate. Source: ITU-R BS.1770-5, annex 1."""
_PANS = {"left": "stereo|c0=c0|c1=c0", "right": "stereo|c0=c1|c1=c1", "inverted": "stereo|c0=c0|c1=-1*c1"}
_BIT_EXACT = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": "-1"}


Channels = Literal["both", "left", "right", "inverted"]
"""Which of two channels carry the sound: only one when the other is dead; ``inverted`` when they cancel each other."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listening to the whole recording tells."""

    loudness: Loudness
    """As recorded."""
    channels: Channels


@dataclass(frozen=True, slots=True)
class Level:
    """What is done to the level on the way to the delivery."""

    gain_db: float
    limit_dbtp: float
    """Peak that the limiter holds, dB."""
    is_limited: bool
    """Without peaks to hold, the gain stays a plain multiplication."""
    channels: Channels = "both"


def analyse(
    recording: Recording, wav: Path, on_progress: Progress | None = None, *, duration_s: Fraction | None = None
) -> Loudness:
    """Return the loudness of the recording's sound, as recorded; the same decode also writes the speech WAV.

    Arguments and errors are those of ``listen``.
    """
    loudness = listen(recording, wav, on_progress, duration_s=duration_s).loudness
    if loudness.true_peak_dbtp is None or recording.audio is None or recording.audio.channels != 1:
        return loudness
    return replace(loudness, true_peak_dbtp=round(loudness.true_peak_dbtp + _MONO_SPREAD_DB, 1))


def listen(
    recording: Recording, wav: Path, on_progress: Progress | None = None, *, duration_s: Fraction | None = None
) -> Heard:
    """Return the loudness and the use of the channels; one decode also writes the speech WAV.

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
    difference = wav.with_name(f"{wav.stem}-difference.wav")
    meter = branches[2].filter("ebur128", framelog="verbose", peak="true")
    outputs = [
        _speech_output(branches[0].filter("pan", args="mono|c0=0.5*c0+0.5*c1"), samples, wav),
        _speech_output(branches[1].filter("pan", args="mono|c0=0.5*c0-0.5*c1"), samples, difference),
        ffmpeg.output(meter, "-", format="null"),
    ]
    loudness, peaks = _measured(outputs, recording.path, length_s, on_progress)
    _require_samples(wav, samples, recording.path)
    channels = _channels(peaks, wav, difference)
    if channels == "inverted":
        difference.replace(wav)
    difference.unlink(missing_ok=True)
    return Heard(loudness, channels)


def _speech_output(node: Any, samples: int, wav: Path) -> Any:
    """Return the output that writes exactly ``samples`` of 16 kHz mono PCM."""
    node = node.filter("aresample", SPEECH_RATE_HZ).filter("apad").filter("atrim", end_sample=samples)
    return ffmpeg.output(node, str(wav), format="wav", acodec="pcm_s16le", **_BIT_EXACT)


def _channels(peaks: tuple[float, ...], mix: Path, difference: Path) -> Channels:
    """Return which channels carry the sound, from their peaks and from how loud their mix and difference are."""
    if len(peaks) == 2 and max(peaks) > _DEAD_DBFS and abs(peaks[0] - peaks[1]) > _DEAD_BELOW_DB:
        return "left" if peaks[0] > peaks[1] else "right"
    if _power(mix) * 10 ** (_CANCELLED_DB / 10) < _power(difference):
        return "inverted"
    return "both"


def _power(wav: Path) -> float:
    """Return the mean square of a speech WAV's samples, full scale 1."""
    import numpy as np

    total, count = 0.0, 0
    with wave.open(str(wav), "rb") as file:
        while block := file.readframes(1 << 20):
            data = np.frombuffer(block, "<i2").astype(np.float64) / 32768
            total, count = total + float(data @ data), count + len(data)
    return total / max(1, count)


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
            "aac_coder": "fast",
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
    """Return the loudness that the delivery would have at ``level``, before encoding; peaks are not measured.

    Oversampling is left out: it takes most of the time and moves the loudness by less than 0.1 LU.
    """
    meter = _levelled(recording, level, duration_s, oversampled=False).filter("ebur128", framelog="verbose")
    node = ffmpeg.output(meter, "-", format="null")
    return _measured([node], recording.path, duration_s, on_progress)[0]


def measure_file(path: Path, duration_s: Fraction, on_progress: Progress | None = None) -> Loudness:
    """Return the loudness of a sound file of ours."""
    meter = ffmpeg_input(path).audio.filter("ebur128", framelog="verbose", peak="true")
    node = ffmpeg.output(meter, "-", format="null")
    return _measured([node], path, duration_s, on_progress)[0]


def on_clock(recording: Recording, duration_s: Fraction, channels: Channels = "both", **options: Any) -> Any:
    """Return an ffmpeg-python node: the sound as 48 kHz stereo on the delivery's clock, ``duration_s`` long.

    ``options`` go before ``-i`` as well.
    """
    assert recording.audio is not None
    source = ffmpeg_input(recording.path, copyts=None, **options)[str(recording.audio.index)]
    time = f"PTS-({recording.origin_s})/TB"
    if recording.audio.is_counted_off:
        time = f"({recording.audio.start_s - recording.origin_s}+N/SR)/TB"
    shifted = source.filter("asetpts", time)
    filled = shifted.filter("aresample", _WORK_RATE_HZ, **{"async": 1, "first_pts": 0, "min_hard_comp": _GAP_MIN_S})
    stereo = filled.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    if channels != "both":
        stereo = stereo.filter("pan", args=_PANS[channels])
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
    """Return the short-term value at each second's end; before the first full window the momentary one stands in."""
    values: dict[int, float] = {}
    for line in re.finditer(r"\bt:\s*(\S+)\s.*?\bM:\s*(\S+)\s+S:\s*(\S+)", log):
        second = ceil(_number(line[1]) - 0.05) - 1
        if second >= 0:
            short, momentary = _number(line[3]), _number(line[2])
            values[second] = max(_SILENCE_LUFS, short if second >= 2 else max(short, momentary))
    return tuple(values.get(second, _SILENCE_LUFS) for second in range(max(values, default=-1) + 1))


def _channel_peaks(log: str) -> tuple[float, ...]:
    """Return the true peak of each channel over the whole sound, dBTP; empty when peaks were not measured."""
    tail = log.rpartition(" TPK:")[2].partition("dBFS")[0] if " TPK:" in log else ""
    return tuple(_number(text) for text in tail.split())


def _number(text: str) -> float:
    """Return a number of ffmpeg's log; what is none (``nan``, ``-inf``) is far below silence."""
    try:
        value = float(text)
    except ValueError:
        return -999.0
    return value if -999.0 < value < 999.0 else -999.0


def _levelled(recording: Recording, level: Level, duration_s: Fraction, *, oversampled: bool = True) -> Any:
    """Return the sound on the clock with gain and, where there are peaks to hold, the limiter."""
    sound = on_clock(recording, duration_s, level.channels).filter(
        "volume", f"{level.gain_db:.3f}dB", precision="float"
    )
    if not level.is_limited:
        return sound
    if oversampled:
        sound = sound.filter("aresample", _LIMITER_RATE_HZ)
    limited = sound.filter(
        "alimiter", limit=f"{10 ** (level.limit_dbtp / 20):.6f}", level="disabled", attack=5, release=50, latency=1
    )
    return limited.filter("aresample", _WORK_RATE_HZ) if oversampled else limited


def _measured(
    outputs: list[Any], subject: Path, duration_s: Fraction, on_progress: Progress | None
) -> tuple[Loudness, tuple[float, ...]]:
    """Run a graph that ends in ``ebur128`` and return the loudness and the true peak of each channel (dBTP).

    The whole log is kept: ten lines a second of sound, and some.

    Raises:
        FfmpegFailedError: ffmpeg failed.
        FfmpegSilentError: ffmpeg ended well, and its log holds no loudness.
    """
    log = run_ffmpeg(
        compile_args(outputs),
        subject=subject,
        on_progress=on_progress,
        loglevel="level+verbose",
        stderr_lines=int(duration_s * 12) + 4000,
    )
    try:
        return read_loudness(log), _channel_peaks(log)
    except ValueError:
        raise FfmpegSilentError(subject, log=log[-4000:]) from None


def _require_samples(wav: Path, samples: int, subject: Path) -> None:
    try:
        with wave.open(str(wav), "rb") as file:
            written = file.getnframes()
    except (EOFError, wave.Error):
        written = 0
    if written != samples:
        raise FfmpegFailedError(subject, reason=f"{written} samples instead of {samples}")
