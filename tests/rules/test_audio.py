from dataclasses import replace
from typing import Any

import pytest

from pipeline.records import Loudness, Span
from tests.rules.examples import GOOD, RECORDING, finding, with_audio


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        ({"codec": "mp3"}, "mp3, 48000 Hz, stereo, 160 kb/s"),
        ({"sample_rate_hz": 44100}, "aac, 44100 Hz, stereo, 160 kb/s"),
        ({"channels": 1}, "aac, 48000 Hz, 1 ch, 160 kb/s"),
        ({"bit_rate_bps": 96_000}, "aac, 48000 Hz, stereo, 96 kb/s"),
    ],
)
def test_another_format_fails_with_what_it_is(changes: dict[str, Any], measured: str) -> None:
    found = finding("audio.format", with_audio(**changes))
    assert (found.kind, found.level, found.measured) == ("fail", "advised", measured)


def test_a_bit_rate_a_hair_under_128_is_what_encoders_do() -> None:
    assert finding("audio.format", with_audio(bit_rate_bps=126_500)).kind == "pass"
    assert finding("audio.format", with_audio(bit_rate_bps=125_000)).kind == "fail"


def test_silence_needs_no_bits() -> None:
    half_silent = replace(with_audio(bit_rate_bps=80_000), silent=(Span(0, 500_000),))
    found = finding("audio.format", half_silent)
    assert (found.kind, found.measured) == ("pass", "aac, 48000 Hz, stereo, 160 kb/s")
    assert finding("audio.format", replace(with_audio(bit_rate_bps=2_000), silent=(Span(0, 1_000_000),))).kind == "pass"


def test_no_sound_is_an_advised_miss_and_the_rest_does_not_apply() -> None:
    silent = replace(GOOD, recording=replace(RECORDING, audio=None), loudness=None, speech=())
    assert (finding("audio.format", silent).kind, finding("audio.format", silent).level) == ("fail", "advised")
    for rule in ("audio.loudness", "audio.clipping", "av.sync", "sound.silence", "subtitle.coverage"):
        assert finding(rule, silent).kind == "notApplicable"


@pytest.mark.parametrize(
    ("lufs", "peak", "kind"),
    [
        (-17.0, -2.0, "pass"),
        (-17.04, -2.0, "pass"),
        (-17.1, -2.0, "fail"),
        (-13.0, -1.0, "pass"),
        (-12.9, -1.0, "fail"),
        (-16.0, -0.9, "fail"),
        (-16.0, None, "pass"),
        (None, None, "fail"),
    ],
)
def test_loudness_and_peak_are_held_to_a_tenth(lufs: float | None, peak: float | None, kind: str) -> None:
    found = finding("audio.loudness", replace(GOOD, loudness=Loudness(lufs, 5.0, peak)))
    assert (found.kind, found.level) == (kind, "advised")


def test_a_quiet_lecture_is_told_by_how_much() -> None:
    found = finding("audio.loudness", replace(GOOD, loudness=Loudness(-25.5, 5.0, -8.0)))
    assert found.measured == "-25.5 LUFS, -8.0 dBTP"
    assert found.detail is not None
    assert found.detail.values["change"] == "+9.5"


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        ({"clipped_runs": 7}, "clip 7, dead 0, φ +"),
        ({"dead_channels": (1,)}, "clip 0, dead 1, φ +"),
        ({"is_phase_inverted": True}, "clip 0, dead 0, φ −"),
    ],
)
def test_distortion_is_noted(changes: dict[str, Any], measured: str) -> None:
    found = finding("audio.clipping", replace(GOOD, **changes))
    assert (found.kind, found.level, found.measured) == ("fail", "note", measured)
