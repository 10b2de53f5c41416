"""A beep per second: written so that each begins exactly on its second, and found again in any sound."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_LENGTH_S = 0.08
_LEVEL = 0.4
_REACH_S = 0.4
_HEARD = 0.3
"""Share of a beep's own peak at which it has begun: above what codecs smear in front of it."""
_AUDIBLE = 0.02


def write(
    path: Path, seconds: float, *, rate: int = 48000, channels: int = 2, shift_s: float = 0, hz: int = 1000
) -> Path:
    """Write a WAV with a beep at each whole second from 1 on, ``shift_s`` later, the same in all channels."""
    count = round(seconds * rate)
    sound = np.zeros(count)
    tone = _LEVEL * np.sin(2 * np.pi * hz * np.arange(round(_LENGTH_S * rate)) / rate)
    for second in range(1, int(seconds) + 1):
        start = round((second + shift_s) * rate)
        length = min(len(tone), count - start)
        if length > 0:
            sound[start : start + length] = tone[:length]
    samples = np.repeat(np.rint(sound * 32767).astype("<i2")[:, None], channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def onsets(sound: NDArray[np.float32], rate: int, expected_s: Iterable[float]) -> list[float | None]:
    """Return when each beep begins, in seconds of ``sound``; ``None`` for one that is not there.

    Args:
        sound: (n,) mono.
        rate: samples a second.
        expected_s: about when.
    """
    found: list[float | None] = []
    for about in expected_s:
        first = max(0, round((about - _REACH_S) * rate))
        part = np.abs(sound[first : round((about + _REACH_S) * rate)])
        peak = float(part.max()) if len(part) else 0.0
        found.append((first + int(np.argmax(part > _HEARD * peak))) / rate if peak > _AUDIBLE else None)
    return found
