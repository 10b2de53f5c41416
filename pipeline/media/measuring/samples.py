"""What the finished sound's samples say: clipped runs, dead channels, inverted phase, silence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.media.graph import compile_args
from pipeline.media.sources import ffmpeg_input
from pipeline.media.stream import decode_stream
from pipeline.records import Recording, Span

_RATE_HZ = 48000
_WINDOW = _RATE_HZ // 10
_FULL_SCALE = 32767 / 32768
_CLIPPED_RUN = 3
_DEAD_DBFS = -60.0
_SILENT_DBFS = -50.0
"""RMS over 100 ms below which nothing is heard of a lecture: well under room tone at −16 LUFS."""
_INVERTED = -0.8
"""Correlation of left and right below which a mono listener loses the voice. Source: EBU Tech 3276 practice (−1…+1)."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """Measured from the decoded samples."""

    clipped_runs: int = 0
    dead_channels: tuple[int, ...] = ()
    is_phase_inverted: bool = False
    silent: tuple[Span, ...] = ()
    decode_errors: int = 0


def measure_samples(recording: Recording, silence_min_s: float) -> SampleFacts:
    """Return the facts of the recording's sound track; silence of ``silence_min_s`` and longer is listed."""
    audio = recording.audio
    if audio is None:
        return SampleFacts()
    channels = max(1, min(audio.channels, 8))
    tally = _Tally(channels)
    source = ffmpeg_input(recording.path)[str(audio.index)]
    output = source.output("pipe:1", format="f32le", acodec="pcm_f32le", ar=_RATE_HZ, ac=channels)

    def take(block: memoryview) -> None:
        tally.add(np.frombuffer(block, np.float32).reshape(-1, channels))

    block_bytes = _WINDOW * channels * 4
    done = decode_stream(compile_args(output), subject=recording.path, block_bytes=block_bytes, on_block=take)
    late_ms = round((audio.start_s - recording.origin_s) * 1000)
    facts = tally.facts(max(0, late_ms), silence_min_s)
    return SampleFacts(
        facts.clipped_runs, facts.dead_channels, facts.is_phase_inverted, facts.silent, done.errors + done.is_empty
    )


class _Tally:
    """Running sums over blocks of a tenth of a second."""

    def __init__(self, channels: int) -> None:
        self.clipped_runs = 0
        self.tail = np.zeros(channels, np.int64)
        self.peak = np.zeros(channels, np.float32)
        self.products: NDArray[Any] = np.zeros(3)
        self.level_db: list[float] = []

    def add(self, samples: Floats) -> None:
        """Take ``(n, channels)`` float32 samples, full scale ±1."""
        clean = np.nan_to_num(samples, copy=False)
        magnitude = np.abs(clean)
        loudest = magnitude.max(0)
        self.peak = np.maximum(self.peak, loudest)
        if (loudest >= _FULL_SCALE).any() or self.tail.any():
            self._count_runs(magnitude >= _FULL_SCALE)
        power = np.einsum("ij,ij->j", clean, clean, dtype=np.float64) / len(clean)
        self.level_db.append(_decibel(power.max()))
        if samples.shape[1] == 2:
            left_right = float(np.dot(clean[:, 0].astype(np.float64), clean[:, 1]))
            self.products += (left_right, power[0] * len(clean), power[1] * len(clean))

    def facts(self, late_ms: int, silence_min_s: float) -> SampleFacts:
        loudest = self.peak.max(initial=0.0)
        alive = 20 * np.log10(max(float(loudest), 1e-9)) > _DEAD_DBFS
        dead = tuple(
            channel for channel, peak in enumerate(self.peak) if alive and _decibel(float(peak) ** 2) < _DEAD_DBFS
        )
        scale = float(np.sqrt(self.products[1] * self.products[2]))
        inverted = scale > 0 and not dead and self.products[0] / scale < _INVERTED
        return SampleFacts(self.clipped_runs, dead, bool(inverted), self._silence(late_ms, silence_min_s))

    def _count_runs(self, full: NDArray[np.bool_]) -> None:
        """Count runs of full-scale samples; a run may begin in the block before."""
        for channel in range(full.shape[1]):
            edges = np.flatnonzero(np.diff(np.concatenate(([False], full[:, channel], [False])).astype(np.int8)))
            starts, ends = edges[::2], edges[1::2]
            lengths = ends - starts
            before = self.tail[channel]
            if len(starts) and starts[0] == 0 and before:
                counted_before = before >= _CLIPPED_RUN
                lengths[0] += before
                self.clipped_runs -= int(counted_before)
            self.clipped_runs += int((lengths >= _CLIPPED_RUN).sum())
            reaches_end = len(ends) and ends[-1] == len(full)
            self.tail[channel] = lengths[-1] if reaches_end else 0

    def _silence(self, late_ms: int, silence_min_s: float) -> tuple[Span, ...]:
        quiet = np.array([level < _SILENT_DBFS for level in self.level_db], bool)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
        spans = (Span(late_ms + a * 100, late_ms + b * 100) for a, b in edges.reshape(-1, 2).tolist())
        return tuple(span for span in spans if span.duration_ms >= silence_min_s * 1000)


def _decibel(power: float) -> float:
    return float(10 * np.log10(max(power, 1e-18)))
