from dataclasses import replace

import pytest

from pipeline.captions import screen
from pipeline.records import Cue, ReadBack, Span
from pipeline.rules.layout import characters_a_second, width
from tests.rules.examples import GOOD, cue, finding

TWENTY = "一二三四五六七八九十" * 2


@pytest.mark.parametrize(
    ("faulty", "kind", "name"),
    [
        (cue(3000, 6000, TWENTY), "pass", ""),
        (cue(3000, 6000, TWENTY + "一"), "fail", "too wide"),
        (cue(3000, 6000, TWENTY + "1"), "fail", "too wide"),
        (cue(3000, 5000, "一二三四", "一二\n三四"), "fail", "too many lines"),
        (cue(3000, 3833, "一二三四"), "pass", ""),
        (cue(3000, 3831, "一二三四"), "fail", "too short"),
        (cue(3000, 10_000, TWENTY), "pass", ""),
        (cue(3000, 10_002, TWENTY), "fail", "too long"),
        (cue(3000, 4000, "一二三四五六七八九"), "pass", ""),
        (cue(3000, 4000, "一二三四五六七八九十"), "review", "fast to read"),
        (cue(3000, 4000, "一二三四五六七八九十百千"), "fail", "too fast"),
        (cue(2080, 4000, "一二三四"), "pass", ""),
        (cue(2078, 4000, "一二三四"), "fail", "too closely"),
    ],
)
def test_each_bound_of_the_layout(faulty: Cue, kind: str, name: str) -> None:
    cues = (cue(0, 2000, "一二三四"), faulty, cue(20_000, 22_000, "一二三四"))
    found = finding("subtitle.layout", replace(GOOD, cues=cues))
    assert (found.kind, found.level) == (kind, "advised")
    if kind != "pass":
        assert found.detail is not None
        assert name.removeprefix("too ") in found.detail.show() or name in found.detail.show()
        assert found.detail.values["number"] == "2"
        assert found.spans == (Span(faulty.start_ms, faulty.end_ms),)


def test_a_hard_fault_outweighs_a_brisk_cue() -> None:
    cues = (cue(0, 1000, "一二三四五六七八九十"), cue(2000, 4000, TWENTY + "一"))
    assert finding("subtitle.layout", replace(GOOD, cues=cues)).kind == "fail"


SEEN = ReadBack(2, 4000, "一二三四", "一二三四", 1.0, None, 18.0, (900, 965, 1020, 1015), True)


@pytest.mark.parametrize(
    ("seen", "kind", "said"),
    [
        (SEEN, "pass", ""),
        (replace(SEEN, contrast=4.5), "pass", ""),
        (replace(SEEN, contrast=4.4), "fail", "cue 2 at 0:03 least of all (4.4 to 1)"),
        (replace(SEEN, is_inside_margins=False), "fail", "cue 2 at 0:03 first (900–1020 × 965–1015 pixels)"),
        (replace(SEEN, contrast=None, box=None, is_inside_margins=None), "pass", ""),
        (replace(SEEN, contrast=1.2, is_inside_margins=False, similarity=0.5), "pass", ""),
        (replace(SEEN, cue_number=9, contrast=1.2), "pass", ""),
    ],
    ids=["well", "just enough", "faint", "outside", "unmeasured", "not the cue", "of another file"],
)
def test_a_cue_that_is_faint_or_out_of_place_in_the_picture_is_named(seen: ReadBack, kind: str, said: str) -> None:
    cues = (cue(0, 2000, "一二三四"), cue(3000, 5000, "一二三四"))
    found = finding("subtitle.layout", replace(GOOD, cues=cues, read_backs=(seen,)))
    assert found.kind == kind
    if said:
        assert found.detail is not None
        assert said in found.detail.show()
        assert found.spans == (Span(3000, 5000),)


def test_a_half_width_character_counts_one_half() -> None:
    assert width("2020年") == 3.0
    assert width("“真理”") == 4.0


@pytest.mark.parametrize("text", ["我们", "2020年COVID-19", "“真理”……——", "a\u0301 é ½", "C++　5G"])
def test_lines_are_measured_as_they_were_laid_out(text: str) -> None:
    assert width(text) == screen.width(text)
    assert characters_a_second(cue(0, 1000, text)) == pytest.approx(screen.reading_chars(text))


def test_reading_speed_leaves_out_what_is_not_read() -> None:
    assert characters_a_second(cue(0, 2000, "一二，三四。", "一二　三四")) == pytest.approx(2.0)
