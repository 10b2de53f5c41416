"""Chart geometry: inside the frame, to scale, thin enough to draw."""

import re

import pytest

from pipeline.records import Cue, Flag, Span
from pipeline.reporting.charts import cue_spans, loudness_chart, timeline
from pipeline.texts import Message


def points_of(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_curve_is_to_scale() -> None:
    chart = loudness_chart((-10.0, -30.0), -20.0, (-17.0, -13.0), 2000, (940, 100))
    (x0, y0), (x1, y1) = points_of(chart.line)
    assert (y0, y1) == (30, 70)
    assert x0 == pytest.approx(chart.left + (chart.right - chart.left) / 4, abs=0.1)
    assert x1 == pytest.approx(chart.left + (chart.right - chart.left) * 3 / 4, abs=0.1)
    assert chart.integrated == 50
    assert (chart.band_top, chart.band_height) == (36, 8)


@pytest.mark.parametrize("seconds", [1, 60, 932, 1800, 7200, 20000])
@pytest.mark.parametrize("width", [340, 940])
def test_curve_stays_inside_and_small(seconds: int, width: float) -> None:
    values = tuple(-90.0 + (n * 37 % 110) for n in range(seconds))
    chart = loudness_chart(values, None, (-17.0, -13.0), seconds * 1000, (width, 180))
    points = points_of(chart.line)
    assert 1 <= len(points) <= width
    assert all(chart.left <= x <= chart.right and chart.top <= y <= chart.bottom for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    gaps = [b.at - a.at for a, b in zip(chart.across, chart.across[1:], strict=False)]
    assert all(gap >= 60 for gap in gaps)
    assert chart.integrated is None


def test_silence_of_minus_infinity_is_drawn_at_the_bottom() -> None:
    chart = loudness_chart((float("-inf"), -70.0), None, (-17.0, -13.0), 2000)
    assert {y for _, y in points_of(chart.line)} == {chart.bottom}
    assert loudness_chart((), None, (-17.0, -13.0), 0).line == ""


def test_bars_are_to_scale_and_never_invisible() -> None:
    spans = (Span(0, 500_000), Span(999_999, 1_000_000), Span(1_000_000, 1_000_400))
    drawn = timeline((("Speech", "speech", spans), ("Subtitles", "cue", ())), 1_000_000)
    speech, cues = drawn.rows
    (x, width), *rest = speech.bars
    assert x == drawn.left
    assert width == pytest.approx((drawn.right - drawn.left) / 2, abs=0.1)
    assert all(w >= 1 and x + w <= drawn.right + 0.01 for x, w in rest)
    assert cues.bars == ()
    assert speech.y + speech.height < cues.y
    assert drawn.across[0].label == "0:00"


def test_flagged_cues_alone() -> None:
    flag = Flag("fast", Message("x"), 0.5)
    cues = (Cue(0, 1, "a", "a", None), Cue(2, 3, "b", "b", None, (flag,)))
    assert cue_spans(cues) == (Span(0, 1), Span(2, 3))
    assert cue_spans(cues, flagged=True) == (Span(2, 3),)
