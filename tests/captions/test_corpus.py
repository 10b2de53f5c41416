"""Every subtitle file of the corpus laid out anew; the corpus lies outside the project and may be absent."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.captions.layout import lay_out
from pipeline.captions.srt import read_srt
from pipeline.captions.terms import load_terms
from pipeline.homophones import written_wrong
from pipeline.presets import load_preset
from pipeline.records import Cue, Span, Word
from pipeline.rules.layout import layout_faults
from pipeline.timing import FrameGrid

FOLDER = Path(os.environ.get("WEIKE_CORPUS", "../shared/corpus")) / "srt-zh"
FILES = sorted(FOLDER.glob("*.srt")) if FOLDER.is_dir() else []
SETTINGS = load_preset().captions
RATE = Fraction(25)

pytestmark = pytest.mark.skipif(not FILES, reason=f"no subtitle files in {FOLDER}")


def is_chinese(line: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in line)


def words_from(cues: tuple[Cue, ...], *, chinese_only: bool) -> list[Word]:
    """Return a word a cue, its text spread over the cue's time by the layout itself."""
    texts = [[line for line in cue.text.split("\n") if is_chinese(line) or not chinese_only] for cue in cues]
    return [
        Word(" ".join(lines) + " ", cue.start_ms, cue.end_ms, 1.0)
        for cue, lines in zip(cues, texts, strict=True)
        if lines
    ]


@pytest.mark.parametrize("chinese_only", [False, True], ids=["both languages", "Chinese"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:30])
def test_layout_misses_nothing_but_what_is_spoken_too_fast(
    path: Path, chinese_only: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    cues, _ = read_srt(path)
    words = words_from(cues, chinese_only=chinese_only)
    grid = FrameGrid(RATE, (words[-1].end_ms + 3000) * RATE.numerator // 1000)
    laid = lay_out(words, [Span(cue.start_ms, cue.end_ms) for cue in cues], grid, SETTINGS)
    faults = layout_faults(laid, SETTINGS, RATE)
    fast = {number for number, cue in enumerate(laid, 1) if any(flag.kind == "fast" for flag in cue.flags)}
    with capsys.disabled():
        flagged = sum(bool(cue.flags) for cue in laid)
        print(f"\n{path.name}: {len(cues)} cues in, {len(laid)} out, {flagged} flagged ({len(fast)} fast)", end=" ")
    assert set(faults) <= {"fast", "brisk"}
    assert {number for kind in faults for number in faults[kind]} <= fast
    said, shown = ("".join(part.text for part in parts) for parts in (words, laid))
    assert [sign for sign in shown if sign.isalnum()] == [sign for sign in said if sign.isalnum()]


def test_suspected_homophones_are_rare_in_subtitles_that_people_wrote() -> None:
    terms = load_terms(["general", "party", "epidemic"])
    texts = [cue.text for path in FILES for cue in read_srt(path)[0]]
    assert len(written_wrong(texts, terms)) <= len(texts) / 500
