from dataclasses import replace

import pytest

from pipeline.characters import offending
from pipeline.records import BandText, Span
from pipeline.texts import Message
from tests.rules.examples import CUES, GOOD, MOOC, READS, RECORDING, cue, finding


@pytest.mark.parametrize(("similarity", "kind"), [(0.9, "pass"), (0.89, "fail"), (0.0, "fail")])
def test_one_cue_that_cannot_be_read_is_a_required_miss(similarity: float, kind: str) -> None:
    reads = (*READS[:2], replace(READS[2], similarity=similarity, read="别的"), READS[3])
    found = finding("subtitle.burned", replace(GOOD, read_backs=reads))
    assert (found.kind, found.level) == (kind, "required")
    if kind == "fail":
        assert found.spans == (Span(CUES[2].start_ms, CUES[2].end_ms),)
        assert found.detail is not None
        assert "“别的”" in found.detail.show()


@pytest.mark.parametrize(("slips", "similarity", "kind"), [(2, 0.8, "review"), (3, 0.8, "fail"), (1, 0.4, "fail")])
def test_few_partly_misread_cues_among_many_are_for_a_person(slips: int, similarity: float, kind: str) -> None:
    many = tuple(replace(READS[0], similarity=similarity if n < slips else 1.0) for n in range(50))
    measured = replace(GOOD, read_backs=many)
    assert finding("subtitle.burned", measured).kind == kind
    assert finding("subtitle.sidecar", measured).kind == ("fail" if kind == "fail" else "pass")


def test_a_preset_without_burning_does_not_ask_for_it() -> None:
    assert finding("subtitle.burned", replace(GOOD, read_backs=()), MOOC).kind == "notApplicable"


def test_without_a_subtitle_file_changing_text_is_for_a_person() -> None:
    bare = replace(GOOD, cues=None, sidecar=None, read_backs=())
    same = tuple(BandText(at, "校徽", None) for at in (1000, 2000))
    changing = (BandText(1000, "我们", None), BandText(2000, "一起", None))
    assert finding("subtitle.burned", bare).is_miss
    assert finding("subtitle.burned", replace(bare, band_texts=same)).is_miss
    assert finding("subtitle.burned", replace(bare, band_texts=changing)).kind == "review"
    assert finding("subtitle.script", bare).kind == "open"
    assert finding("subtitle.layout", bare).kind == "open"


def test_the_sidecar_must_exist_be_sound_and_say_what_was_burned() -> None:
    missing = replace(GOOD, cues=None, sidecar=None, read_backs=())
    assert (finding("subtitle.sidecar", missing).kind, finding("subtitle.sidecar", missing).level) == (
        "fail",
        "advised",
    )
    assert finding("subtitle.sidecar", missing, MOOC).is_miss
    broken = replace(GOOD, sidecar_problems=(Message("It is not UTF-8."),))
    assert finding("subtitle.sidecar", broken).detail == Message("It is not UTF-8.")
    unlike = replace(GOOD, read_backs=(replace(READS[0], similarity=0.2), *READS[1:]))
    assert finding("subtitle.sidecar", unlike).kind == "fail"
    assert finding("subtitle.sidecar", unlike, MOOC).kind == "pass"


def test_overlapping_cues_are_shown_where_they_are() -> None:
    cues = (cue(0, 2000), cue(1500, 3000), cue(4000, 6000))
    found = finding("subtitle.sidecar", replace(GOOD, cues=cues))
    assert (found.kind, found.spans) == ("fail", (Span(1500, 3000),))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("习近平新时代，2020年5G与AI：“初心”——《讲话》·…", ""),
        ("喆镕堃淼犇毕昇扬瀔", ""),
        ("乾坤朗朗，著名于世，瞭望", ""),
        ("學习歷史", "學歷"),
        ("国家と気", "と気"),
        ("裏麼", "裏麼"),
        ("坏\ufffd字\u200b", "\ufffd\u200b"),
        ("한국", "한국"),
        ("℃ α × ½ é ① 　", ""),
        ("豈", "豈"),
    ],
)
def test_only_standard_simplified_characters_belong(text: str, wrong: str) -> None:
    assert "".join(offending(text)) == wrong


def test_a_traditional_character_is_a_required_miss_with_its_time() -> None:
    cues = (*CUES[:1], cue(3000, 5800, "中國人民"), *CUES[2:])
    found = finding("subtitle.script", replace(GOOD, cues=cues))
    assert found.is_miss
    assert (found.measured, found.spans) == ("1: 國", (Span(3000, 5800),))


def test_coverage_is_the_share_of_speech_with_a_cue() -> None:
    # 20 s of speech; a cue of 2.8 s and its collars of 0.3 s are missing: 3 s less the collars of its neighbours.
    speech = (Span(0, 20_000),)
    cues = tuple(cue(n * 2000, n * 2000 + 1900) for n in range(10))
    full = finding("subtitle.coverage", replace(GOOD, speech=speech, cues=cues))
    assert (full.kind, full.measured) == ("pass", "100.0%")
    gap = finding("subtitle.coverage", replace(GOOD, speech=speech, cues=(*cues[:4], *cues[5:])))
    assert (gap.kind, gap.level, gap.measured) == ("fail", "advised", "92.5%")
    assert gap.spans == (Span(8200, 9700),)


def test_a_cue_over_silence_is_for_a_person() -> None:
    cues = (*CUES, cue(60_000, 62_000))
    found = finding("subtitle.coverage", replace(GOOD, cues=cues))
    assert (found.kind, found.spans) == ("review", (Span(60_000, 62_000),))


def test_coverage_stays_open_without_cues_and_does_not_apply_without_speech() -> None:
    assert finding("subtitle.coverage", replace(GOOD, cues=None)).kind == "open"
    assert finding("subtitle.coverage", replace(GOOD, speech=())).kind == "notApplicable"
    no_sound = replace(GOOD, recording=replace(RECORDING, audio=None))
    assert finding("subtitle.coverage", no_sound).kind == "notApplicable"


def test_suspected_homophones_are_for_a_person_and_nothing_else_is_missed() -> None:
    cues = (*CUES[:1], cue(3000, 5800, "参观方仓医院，听钟男山院士讲课"), *CUES[2:])
    found = finding("subtitle.terms", replace(GOOD, cues=cues))
    assert (found.kind, found.level, found.measured) == ("review", "note", "2")
    assert found.spans == (Span(3000, 5800),)
    assert found.detail is not None
    assert "方舱医院" in found.detail.show()
    assert finding("subtitle.terms", replace(GOOD, cues=cues), MOOC).kind == "pass", "its lists hold no such term"
    assert finding("subtitle.terms", GOOD).kind == "pass"
    assert finding("subtitle.terms", replace(GOOD, cues=None)).kind == "open"
