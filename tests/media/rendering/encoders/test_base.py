"""Level, groups of pictures and budget: the cap holds by arithmetic."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.media.rendering.encoders import Budget, budget_for, gop_frames, level_for
from pipeline.presets import load_preset
from pipeline.timing import STANDARD_RATES, FrameGrid

SETTINGS = load_preset().encoder


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


def test_a_stream_may_be_as_large_as_its_rate_and_its_buffer() -> None:
    budget = Budget(800_000, 1_600_000)
    assert budget.allows(1_200_000, Fraction(10))
    assert not budget.allows(1_200_001, Fraction(10))
