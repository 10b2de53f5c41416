import wave
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.levels import Levels
from pipeline.records import Span


def recording(path: Path, *parts: tuple[float, float]) -> Path:
    """Write noise in parts of (seconds, amplitude)."""
    random = np.random.default_rng(3)
    sound = np.concatenate([random.normal(0, amplitude, int(s * 16_000)) for s, amplitude in parts])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())
    return path


def test_levels_are_told_against_the_speech(tmp_path: Path) -> None:
    wav = recording(tmp_path / "a.wav", (4, 3000), (2, 30), (2, 0))
    levels = Levels(wav, (Span(0, 4000),))
    assert levels.below_speech(Span(500, 3500)) == pytest.approx(0, abs=1)
    assert levels.below_speech(Span(4100, 5900)) == pytest.approx(40, abs=1)
    assert levels.below_speech(Span(6200, 7800)) > 60
    assert levels.below_speech(Span(3000, 5000)) == pytest.approx(0, abs=1)


def test_without_speech_or_sound_nothing_is_far_below(tmp_path: Path) -> None:
    wav = recording(tmp_path / "a.wav", (1, 100))
    assert Levels(wav, ()).below_speech(Span(0, 1000)) < 0
    assert Levels(wav, (Span(0, 900),)).below_speech(Span(5000, 6000)) == 0
