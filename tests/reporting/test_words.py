"""Figures in words."""

from fractions import Fraction

import pytest

from pipeline.records import Finding, Kind, Level
from pipeline.reporting.rule_names import RULE_TEXTS, rule_text
from pipeline.reporting.words import amount, bit_rate, clock_hms, figure, gigabytes, length, rate, size_note, tone


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("932.44", "s", "15:32"),
        ("900–1200", "s", "15:00–20:00"),
        ("900-1200", "s", "15:00-20:00"),
        ("11.5", "s", "11.5 s"),
        ("-16.1", "LUFS", "−16.1 LUFS"),
        ("-17 – -13", "LUFS", "−17 – −13 LUFS"),
        ("312345678", "bytes", "0.312 GB"),
        ("≤ 1,000,000,000", "bytes", "≤ 1.000 GB"),
        ("99.2", "%", "99.2%"),
        ("1280×720", None, "1280×720"),
        ("High@4.0, yuv420p, GOP 2.00", "s", "High@4.0, yuv420p, GOP 2.00 s"),
        ("-16.1 LUFS", "LUFS", "−16.1 LUFS"),
        ("bt709-x", None, "bt709-x"),
        ("3", "unheard of", "3 unheard of"),
        (None, "s", None),
    ],
)
def test_amounts(text: str | None, unit: str | None, shown: str | None) -> None:
    assert amount(text, unit) == shown


def test_lengths_sizes_and_rates() -> None:
    assert length(932_440) == "15 min 32 s"
    assert length(59_600) == "1 min 0 s"
    assert length(3_661_000) == "1 h 1 min 1 s"
    assert clock_hms(3_661_999) == "1:01:01"
    assert gigabytes(999_950_000) == "1.000 GB"
    assert gigabytes(11_204_551) == "11.2 MB"
    assert size_note(10**9) == "0.931 GiB · 1,000,000,000 bytes"
    assert (rate(Fraction(25)), rate(Fraction(30000, 1001))) == ("25", "29.97")
    assert figure(-0.04) == "−0.0"
    assert bit_rate(2_512_000) == "2.51 Mb/s"


@pytest.mark.parametrize(
    ("kind", "level", "wanted"),
    [
        ("fail", "required", "bad"),
        ("fail", "advised", "warn"),
        ("fail", "note", "look"),
        ("review", "required", "look"),
        ("pass", "note", "good"),
        ("open", "required", "open"),
        ("notApplicable", "note", "quiet"),
    ],
)
def test_tones(kind: Kind, level: Level, wanted: str) -> None:
    assert tone(Finding("x", level, kind, None, None)) == wanted


def test_every_rule_has_words_and_an_unknown_one_its_id() -> None:
    assert all(text.title and text.meaning and text.remedy for text in RULE_TEXTS.values())
    assert rule_text("my.rule").title == "my.rule"
