"""Where somebody speaks: the Silero model that comes inside faster-whisper, fed in parts and at an even level."""

import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.records import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE_HZ = 16000
_PART_S = 600
"""Length that the model gets at once, seconds; memory stays at some hundred megabytes whatever the lecture's length."""
_OPEN_END_S = 2.0
"""Speech that runs to within this of a part's end is heard again from its beginning with the next part."""
_THRESHOLD = 0.5
_SPEECH_MIN_MS = 200
_SILENCE_MIN_MS = 500
_PAD_MS = 120
_LEVEL_DBFS = -23.0
"""RMS level that the louder tenth of the sound is brought to; the model misses speech far below it."""
_GAIN_MAX_DB = 45.0
_FRAME = RATE_HZ // 10


def speech_spans(wav: Path, on_progress: Callable[[float], None] | None = None) -> tuple[Span, ...]:
    """Return the stretches of speech in a 16 kHz mono 16-bit WAV, ordered, not touching each other.

    Args:
        wav: the speech WAV on the delivery's clock.
        on_progress: called with the seconds that are done.

    Raises:
        ValueError: the WAV is of another kind.
    """
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=_THRESHOLD,
        min_speech_duration_ms=_SPEECH_MIN_MS,
        min_silence_duration_ms=_SILENCE_MIN_MS,
        speech_pad_ms=_PAD_MS,
    )
    gain = _gain(wav)
    found: list[tuple[int, int]] = []
    if gain is None:
        return ()
    with _open(wav) as file:
        total, start = file.getnframes(), 0
        while start < total:
            stop = min(start + _PART_S * RATE_HZ, total)
            part = _read(file, start, stop - start)
            part *= gain
            heard = [
                (start + piece["start"], start + piece["end"])
                for piece in _stamps(get_speech_timestamps, part, options)
            ]
            is_open = stop < total and heard and heard[-1][1] > stop - _OPEN_END_S * RATE_HZ and heard[-1][0] > start
            if is_open:
                stop = heard.pop()[0]
            found += heard
            start = stop
            if on_progress is not None:
                on_progress(start / RATE_HZ)
    return _joined(found)


def _stamps(function: Callable[..., Any], part: "Samples", options: Any) -> list[dict[str, int]]:
    stamps: list[dict[str, int]] = function(part, options, sampling_rate=RATE_HZ)
    return stamps


def _gain(wav: Path) -> float | None:
    """Return the factor that brings the louder tenth to the model's level; ``None`` for digital silence."""
    import numpy as np

    powers = []
    with _open(wav) as file:
        for block in _blocks(file):
            frames = block[: len(block) // _FRAME * _FRAME].reshape(-1, _FRAME)
            powers.append((frames.astype(np.float64) ** 2).mean(axis=1))
    levels = np.concatenate(powers) if powers else np.zeros(0)
    levels = levels[levels > 0]
    if not len(levels):
        return None
    loud_db = 10 * np.log10(np.percentile(levels, 90))
    return float(10 ** (min(_GAIN_MAX_DB, _LEVEL_DBFS - loud_db) / 20))


def _blocks(file: wave.Wave_read) -> "Iterator[Samples]":
    total = file.getnframes()
    for start in range(0, total, _PART_S * RATE_HZ):
        yield _read(file, start, min(_PART_S * RATE_HZ, total - start))


def _read(file: wave.Wave_read, start: int, count: int) -> "Samples":
    """Return ``(count,) float32`` samples from −1 to 1."""
    import numpy as np

    file.setpos(start)
    samples = np.frombuffer(file.readframes(count), dtype="<i2").astype(np.float32)
    samples /= 32768
    return samples


@contextmanager
def _open(wav: Path) -> "Iterator[wave.Wave_read]":
    with wave.open(str(wav), "rb") as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE_HZ, 1, 2):
            raise ValueError(f"{wav} is not 16 kHz mono 16-bit")
        yield file


def _joined(spans: list[tuple[int, int]]) -> tuple[Span, ...]:
    """Return sample ranges as spans in milliseconds; ranges that touch become one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return tuple(Span(start * 1000 // RATE_HZ, end * 1000 // RATE_HZ) for start, end in joined)
