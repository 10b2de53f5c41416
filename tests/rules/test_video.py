from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from pipeline.records import GopStructure
from pipeline.rules.video import level_for
from tests.rules.examples import GOOD, MOOC, RECORDING, finding, with_recording, with_video


def test_another_codec_is_a_required_miss() -> None:
    found = finding("video.codec", with_video(codec="hevc"))
    assert (found.kind, found.level, found.measured) == ("fail", "required", "hevc")


def test_damage_is_a_required_miss_with_its_count() -> None:
    found = finding("video.codec", replace(GOOD, decode_errors=3))
    assert found.is_miss
    assert found.measured == "h264, ✗ 3"


def test_raster_is_exact_or_a_minimum_as_the_preset_says() -> None:
    assert finding("video.raster", with_video(width=1280, height=720)).is_miss
    assert finding("video.raster", with_video(width=1280, height=720), MOOC).kind == "pass"
    assert finding("video.raster", with_video(width=1278, height=720), MOOC).is_miss


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        ({"sar": Fraction(4, 3)}, "SAR 4:3, 0°"),
        ({"rotation": 90}, "SAR 1:1, 90°"),
        ({"is_mirrored": True}, "SAR 1:1, 0°, ⇋"),
    ],
)
def test_geometry_left_to_the_player_is_a_required_miss(changes: dict[str, Any], measured: str) -> None:
    found = finding("video.geometry", with_video(**changes))
    assert found.is_miss
    assert found.measured == measured


def test_bars_are_told_side_by_side() -> None:
    found = finding("video.bars", replace(GOOD, bars=(240, 0, 240, 0)))
    assert (found.kind, found.level, found.measured) == ("fail", "advised", "← 240, ↑ 0, → 240, ↓ 0")


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        (Fraction(25), "pass"),
        (Fraction(30000, 1001), "pass"),
        (Fraction(60), "pass"),
        (Fraction(24), "fail"),
        (Fraction(15), "fail"),
        (Fraction(2990, 100), "fail"),
    ],
)
def test_only_standard_rates_pass(rate: Fraction, kind: str) -> None:
    assert finding("video.frame_rate", with_video(frame_rate=rate)).kind == kind


def test_a_varying_rate_fails_at_any_average() -> None:
    found = finding("video.frame_rate", replace(GOOD, pts_deltas_equal=False))
    assert (found.kind, found.measured) == ("fail", "VFR, ∅ 25")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"profile": "Constrained Baseline"}, "Constrained Baseline → High"),
        ({"profile": None}, "? → High"),
        ({"is_interlaced": True, "field_order": "tt"}, "interlaced (tt) → progressive"),
        ({"pixel_format": "yuv422p10le", "bit_depth": 10}, "yuv422p10le → yuv420p"),
        ({"level": 51}, "L5.1 → L4.0"),
        ({"level": 31}, "L3.1 → L4.0"),
        ({"frame_rate": Fraction(60)}, "L4.0 → L4.2"),
    ],
)
def test_structure_names_what_is_wrong_alone(changes: dict[str, Any], told: str) -> None:
    found = finding("video.structure", with_video(**changes))
    assert (found.kind, found.level) == ("fail", "advised")
    assert found.detail is not None
    assert found.detail.values["wrong"] == told


def test_level_4_1_allows_what_4_0_allows() -> None:
    assert finding("video.structure", with_video(level=41)).kind == "pass"


@pytest.mark.parametrize(
    ("gop", "told"),
    [
        (GopStructure(2.04, True, True), "GOP 2.04 s → GOP ≤ 2 s"),
        (GopStructure(1.0, False, True), "open → closed"),
        (None, "GOP ? → GOP ≤ 2 s"),
    ],
)
def test_groups_of_pictures_are_short_and_closed(gop: GopStructure | None, told: str) -> None:
    found = finding("video.structure", replace(GOOD, gop=gop))
    assert found.detail is not None
    assert found.detail.values["wrong"] == told


def test_a_group_of_exactly_the_limit_passes_whatever_rounding_does() -> None:
    assert finding("video.structure", replace(GOOD, gop=GopStructure(2.015, True, True))).kind == "pass"


def test_the_index_stands_first() -> None:
    found = finding("video.structure", with_recording(has_moov_first=False))
    assert found.detail is not None
    assert found.detail.values["wrong"] == "moov last → moov first"


@pytest.mark.parametrize(
    ("width", "height", "rate", "level"),
    [(1920, 1080, 25, 40), (1920, 1080, 30, 40), (1920, 1080, 60, 42), (1280, 720, 30, 31), (640, 360, 25, 30)],
)
def test_the_lowest_level_for_a_raster_and_rate(width: int, height: int, rate: int, level: int) -> None:
    assert level_for(width, height, Fraction(rate)) == level


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"matrix": "smpte170m"}, "advised"),
        ({"primaries": None, "transfer": None, "matrix": None}, "advised"),
        ({"is_full_range": True}, "advised"),
        ({"transfer": "smpte2084", "primaries": "bt2020", "matrix": "bt2020nc"}, "required"),
        ({"transfer": "arib-std-b67"}, "required"),
    ],
)
def test_colour_is_bt709_and_hdr_is_never_accepted(changes: dict[str, Any], level: str) -> None:
    found = finding("video.colour", with_video(**changes))
    assert (found.kind, found.level) == ("fail", level)


def test_without_a_picture_only_its_absence_is_held_against_the_file() -> None:
    silent = replace(GOOD, recording=replace(RECORDING, video=None))
    assert finding("video.codec", silent).is_miss
    for rule in ("video.raster", "video.geometry", "video.frame_rate", "video.structure", "video.colour"):
        assert finding(rule, silent).kind == "notApplicable"
