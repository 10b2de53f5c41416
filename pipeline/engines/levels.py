"""How loud a stretch of a lecture is against its speech."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.base import SAMPLE_RATE_HZ
from pipeline.records import Span

_STEP_MS = 50
_BLOCK_S = 300
_SILENCE_DBFS = -100.0


class Levels:
    """The level of a recording every 50 ms, and that of its speech."""

    def __init__(self, wav: Path, speech: tuple[Span, ...]) -> None:
        """Measure a 16 kHz mono 16-bit WAV.

        Args:
            wav: on the lecture's clock.
            speech: where somebody speaks.
        """
        self._levels = _levels(wav)
        spoken = np.concatenate([self._of(span) for span in speech] or [np.zeros(0)])
        self._speech_db = float(np.median(spoken)) if len(spoken) else _SILENCE_DBFS

    def below_speech(self, span: Span) -> float:
        """Return how far the louder part of a stretch lies below the lecture's usual speech, decibels."""
        levels = self._of(span)
        return self._speech_db - float(np.percentile(levels, 75)) if len(levels) else 0.0

    def _of(self, span: Span) -> NDArray[np.float64]:
        first = span.start_ms // _STEP_MS
        return self._levels[first : max(first + 1, -(-span.end_ms // _STEP_MS))]


def _levels(wav: Path) -> NDArray[np.float64]:
    step = SAMPLE_RATE_HZ * _STEP_MS // 1000
    powers = [np.zeros(0)]
    with wave.open(str(wav), "rb") as file:
        while raw := file.readframes(_BLOCK_S * SAMPLE_RATE_HZ):
            samples = np.frombuffer(raw, dtype="<i2").astype(np.float32) / np.float32(32768)
            frames = samples[: len(samples) // step * step].reshape(-1, step)
            powers.append(np.square(frames).mean(axis=1, dtype=np.float64))
    levels: NDArray[np.float64] = np.maximum(10 * np.log10(np.concatenate(powers) + 1e-12), _SILENCE_DBFS)
    return levels
