"""Figures in words."""

from fractions import Fraction

import pytest

from pipeline.records import Finding, Kind, Level
from pipeline.reporting.rule_names import RULE_TEXTS, rule_text
from pipeline.reporting.words import amount, bit_rate, clock_hms, figure, gigabytes, length, rate, size_note, tone


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("932.44", "s", "15 min 32 s"),
        ("900–1200", "s", "15–20 min"),
        ("≤ 1800", "s", "≤ 30 min"),
        ("900–1250", "s", "15:00–20:50"),
        ("900-1250", "s", "15:00-20:50"),
        ("84.0 (2×)", "s", "1 min 24 s (2 places)"),
        ("11.5 (1×)", "s", "11.5 s (1 places)"),
        ("0", "s", "0 s"),
        ("-16.1", "LUFS", "−16.1 LUFS"),
        ("-17…-13 LUFS, ≤ -1 dBTP", None, "−17 to −13 LUFS, ≤ −1 dBTP"),
        ("312345678", "B", "0.312 GB"),
        ("≤ 1,000,000,000", "bytes", "≤ 1.000 GB"),
        ("99.2", "%", "99.2%"),
        ("≥ 98%", None, "≥ 98%"),
        ("1280×720", "px", "1280×720 pixels"),
        ("h264, 3 errors", None, "H.264, 3 errors"),
        ("bt709/bt709/bt709, tv", None, "BT.709, limited range"),
        ("bt709/-/bt709, pc", None, "bt709/-/bt709, full range"),
        ("CFR 25", "fps", "constant 25 frames a second"),
        ("VFR, ∅ 27.3", "fps", "variable, on average 27.3 frames a second"),
        ("progressive; High; yuv420p; L4.0; GOP 2.00 s; closed; moov first", None,
         "progressive; High; 4:2:0 8 bit; L4.0; GOP 2.00 s; closed; index first"),
        ("≤ 1 × 20, 0.83–7 s, ≤ 11 cps, gap ≥ 2 f", None,
         "≤ 1 × 20 characters, 0.83–7 s, ≤ 11 characters a second, gap ≥ 2 frames"),
        ("start +0, end −12.5", "ms", "start +0, end −12.5 ms"),
        ("clip 0, dead 0, φ +", None, "clipped 0, dead channels 0, phase right"),
        ("an unclosed gop", None, "an unclosed gop"),
        ("3", "unheard of", "3 unheard of"),
        (None, "s", None),
    ],
)  # fmt: skip
def test_amounts(text: str | None, unit: str | None, shown: str | None) -> None:
    said = amount(text, unit)
    assert (said and said.replace("\N{NO-BREAK SPACE}", " ")) == shown


def test_numbers_keep_with_their_signs_and_units() -> None:
    assert amount("-17…-13 LUFS, ≤ -1 dBTP", None) == "−17 to −13\u00a0LUFS, ≤\u00a0−1\u00a0dBTP"


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
