"""Colours: every ink is readable on every paper."""

import pytest

from pipeline.reporting.palette import INKS, LINES, PAPERS


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_is_readable_on_every_paper(ink: str, paper: str) -> None:
    assert contrast(INKS[ink], PAPERS[paper]) >= 4.5


def test_icons_are_seen_in_their_discs() -> None:
    for tone in ("bad", "warn", "look", "good", "quiet"):
        assert contrast(PAPERS["card"], INKS[tone]) >= 4.5


def test_curve_stands_out_from_band_and_card() -> None:
    """Source: WCAG 2.2, 1.4.11, graphical objects: 3:1."""
    for paper in ("card", "good-paper", "shade"):
        assert contrast(LINES["cue"], PAPERS[paper]) >= 3
