"""Encoders are believed after they encoded; the budget holds the cap by arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.rendering import encoders
from pipeline.media.rendering.encoders import ENCODERS, available, budget_for, choose, gop_frames, level_for, works
from pipeline.presets import load_preset
from pipeline.timing import STANDARD_RATES, FrameGrid

SETTINGS = load_preset().encoder


def test_available_is_proven_by_encoding() -> None:
    assert "libx264" in available()
    assert set(available()) <= set(encoders.CANDIDATES)
    assert not works("no_such_encoder")
    assert not works("aac"), "listed, and no encoder of pictures"


@pytest.mark.parametrize("codec", ["libx264", "auto", "h264_amf"])
def test_the_chosen_encoder_works(codec: str) -> None:
    chosen = choose(SETTINGS.model_copy(update={"codec": codec}))
    assert works(chosen.name)


def test_level_and_groups_follow_the_rate() -> None:
    assert [level_for(FrameGrid(rate, 1)).name for rate in STANDARD_RATES] == ["4.0"] * 3 + ["4.2"] * 3
    assert gop_frames(SETTINGS, FrameGrid(Fraction(25), 1)) == 50
    assert gop_frames(SETTINGS, FrameGrid(Fraction(30000, 1001), 1)) == 59, "at most 2 s, never more"


@given(
    st.sampled_from(STANDARD_RATES),
    st.integers(60, 3600),
    st.integers(1, 120),
    st.integers(0, 40_000_000),
)
def test_what_the_budget_allows_fits_under_the_cap(
    rate: Fraction, seconds: int, segments: int, sound_bytes: int
) -> None:
    grid = FrameGrid(rate, int(rate * seconds))
    budget = budget_for(SETTINGS, grid, segments, 10**9, sound_bytes)
    level = level_for(grid)
    assert 0 < budget.max_rate_bps <= level.max_rate_bps
    assert budget.buffer_bits <= level.max_buffer_bits
    picture_bits = budget.max_rate_bps * grid.duration_s + segments * Fraction(9, 10) * budget.buffer_bits
    assert picture_bits + sound_bytes * 8 <= 0.97 * 10**9 * 8


def test_twenty_minutes_under_the_notices_cap() -> None:
    grid = FrameGrid(Fraction(25), 25 * 1200)
    budget = budget_for(SETTINGS, grid, 20, 950_000_000, 24_000_000)
    assert 5_500_000 < budget.max_rate_bps < 6_200_000


def test_a_preset_with_many_references_stays_within_the_level() -> None:
    grid = FrameGrid(Fraction(25), 100)
    budget = budget_for(SETTINGS, grid, 1, 10**9, 0)
    slow = SETTINGS.model_copy(update={"speed": "veryslow"})
    assert "ref=4" in ENCODERS["libx264"].options(slow, grid, budget)["x264-params"]
    assert ENCODERS["libx264"].describe(SETTINGS) == "libx264 faster crf 21 subme=2"
