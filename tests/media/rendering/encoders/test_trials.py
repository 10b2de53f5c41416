"""Encoders are believed after they encoded, with the options that segments are encoded with."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.media.rendering.encoders import CANDIDATES, ENCODERS, Budget, available, choose, works
from pipeline.presets import load_preset
from pipeline.timing import FrameGrid
from tests.media.rendering.encoders.hardware import Fault, pretend_nvenc

SETTINGS = load_preset().encoder
HARDWARE = [name for name in CANDIDATES if name != "libx264"]


@pytest.fixture
def nvenc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with pretend_nvenc(tmp_path, monkeypatch, Fault("none", 0)):
        yield


def test_available_is_proven_by_encoding() -> None:
    assert "libx264" in available()
    assert set(available()) <= set(CANDIDATES)
    assert not works("no_such_encoder")
    assert not works("aac"), "listed, and no encoder of pictures"


@pytest.mark.parametrize("codec", ["libx264", "auto", "h264_amf"])
def test_the_chosen_encoder_works(codec: str) -> None:
    chosen = choose(SETTINGS.model_copy(update={"codec": codec}))
    assert works(chosen.name)


@pytest.mark.usefixtures("nvenc")
def test_auto_prefers_hardware_that_encodes_and_libx264_means_libx264() -> None:
    assert works("h264_nvenc")
    assert choose(SETTINGS.model_copy(update={"codec": "auto"})).name == "h264_nvenc"
    assert choose(SETTINGS).name == "libx264"


@pytest.mark.parametrize("name", HARDWARE)
def test_hardware_is_asked_for_the_same_things(name: str) -> None:
    encoder = ENCODERS[name]
    setting = encoder.ladder("balanced")[0].at(24)
    options = encoder.options(setting, FrameGrid(Fraction(50), 100), 100, Budget(6_000_000, 12_000_000))
    wanted = {"c:v": name, "profile:v": "high", "level": "4.2", "g": 100, "maxrate": 6_000_000, "bufsize": 12_000_000}
    assert wanted.items() <= options.items()
    assert not encoder.keeps_budget
    finer = encoder.options(encoder.ladder("balanced")[0].at(21), FrameGrid(Fraction(50), 100), 100, Budget(1, 1))
    assert finer != options
    assert encoder.describe(setting).startswith(name)
