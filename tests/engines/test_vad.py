"""Speech is found where it is, however quiet, and nowhere else. The truth is the sample's own subtitle file."""

import re
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pipeline.engines.vad as vad
from pipeline.engines.vad import speech_spans
from pipeline.media.graph import run_ffmpeg
from pipeline.records import Span

SAMPLE = Path(__file__).parents[2] / "samples" / "short-lecture.mp4"
RATE = 16000


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The sample's sound, (n,) float, mono, 16 kHz."""
    wav = tmp_path_factory.mktemp("vad") / "lecture.wav"
    run_ffmpeg(["-i", str(SAMPLE), "-vn", "-ac", "1", "-ar", str(RATE), str(wav)], subject=SAMPLE)
    with wave.open(str(wav), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


@pytest.fixture(scope="module")
def truth() -> list[Span]:
    text = SAMPLE.with_suffix(".srt").read_text("utf-8-sig")
    clock = r"(\d+):(\d+):(\d+),(\d+)"
    times = [
        Span(
            *(sum(int(v) * f for v, f in zip(part, (3600000, 60000, 1000, 1), strict=True)) for part in (m[:4], m[4:]))
        )
        for m in re.findall(f"{clock} --> {clock}", text)
    ]
    assert len(times) == 10
    return times


def write(path: Path, samples: Any) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def covered(span: Span, spans: tuple[Span, ...]) -> float:
    shared = sum(max(0, min(span.end_ms, s.end_ms) - max(span.start_ms, s.start_ms)) for s in spans)
    return shared / span.duration_ms


def tidy(spans: tuple[Span, ...]) -> Iterator[bool]:
    yield all(span.start_ms < span.end_ms for span in spans)
    yield all(a.end_ms < b.start_ms for a, b in pairwise(spans))


@pytest.mark.parametrize("gain_db", [0, -14, 12])
def test_speech_is_found_at_any_level(lecture: Any, truth: list[Span], tmp_path: Path, gain_db: float) -> None:
    spans = speech_spans(write(tmp_path / "a.wav", lecture * 10 ** (gain_db / 20)))
    assert all(tidy(spans))
    assert min(covered(cue, spans) for cue in truth) > 0.95
    assert spans[0].start_ms == pytest.approx(truth[0].start_ms, abs=250)
    assert spans[-1].end_ms == pytest.approx(truth[-1].end_ms, abs=400)


def test_a_pause_is_no_speech(lecture: Any, tmp_path: Path) -> None:
    pause = np.random.default_rng(1).normal(0, 1e-4, 5 * RATE)
    head, tail = lecture[: 9 * RATE], lecture[11 * RATE : 20 * RATE]
    spans = speech_spans(write(tmp_path / "a.wav", np.concatenate([head, pause, tail])))
    assert covered(Span(9500, 13500), spans) == 0
    assert covered(Span(1000, 8500), spans) > 0.95
    assert covered(Span(14500, 22500), spans) > 0.95


def test_parts_are_joined_as_if_heard_at_once(lecture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wav = write(tmp_path / "a.wav", lecture)
    whole = speech_spans(wav)
    monkeypatch.setattr(vad, "_PART_S", 20)
    done: list[float] = []
    parts = speech_spans(wav, done.append)
    assert all(tidy(parts))
    assert min(covered(span, parts) for span in whole) > 0.97
    assert min(covered(span, whole) for span in parts) > 0.97
    assert done == sorted(done)
    assert done[-1] == pytest.approx(len(lecture) / RATE)


def test_silence_noise_and_nothing_hold_no_speech(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).normal(0, 3e-3, 8 * RATE)
    hum = 0.05 * np.sin(2 * np.pi * 50 * np.arange(8 * RATE) / RATE)
    for samples in (np.zeros(8 * RATE), noise, hum, np.zeros(0)):
        assert speech_spans(write(tmp_path / "a.wav", samples)) == ()


def test_another_kind_of_wav_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 48000, 0, "NONE", ""))
        file.writeframes(bytes(400))
    with pytest.raises(ValueError, match="16 kHz"):
        speech_spans(tmp_path / "a.wav")
