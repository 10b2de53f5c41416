from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.captions.layout import lay_out
from pipeline.captions.screen import on_screen, reading_chars, width
from pipeline.presets import load_preset
from pipeline.records import Cue, Span, Word
from pipeline.timing import FrameGrid, to_ms
from tests.captions.words_for_tests import words_of

SETTINGS = load_preset().captions
FRAME_MS = 40


def laid_out(words: list[Word], after_ms: int = 3000) -> tuple[Cue, ...]:
    grid = FrameGrid(Fraction(25), (words[-1].end_ms + after_ms) * 25 // 1000)
    return lay_out(words, [Span(words[0].start_ms, words[-1].end_ms)], grid, SETTINGS)


def screens(text: str, *, marks: bool = True) -> list[str]:
    return [cue.screen for cue in laid_out(words_of(text, marks=marks))]


def test_lines_of_a_real_paragraph() -> None:
    text = (
        "面对疫情，以习近平同志为核心的党中央统揽全局、果断决策，坚持把人民生命安全和身体健康放在第一位，"
        "用1个多月的时间初步遏制了疫情蔓延势头。什么是中国特色社会主义最本质的特征？就是中国共产党的领导。"
    )
    assert screens(text) == [
        "面对疫情　以习近平同志为核心的党中央",
        "统揽全局　果断决策",
        "坚持把人民生命安全和身体健康放在第一位",
        "用1个多月的时间初步遏制了疫情蔓延势头",
        "什么是中国特色社会主义最本质的特征？",
        "就是中国共产党的领导",
    ]


def test_without_punctuation_pauses_decide() -> None:
    text = "同学们好，欢迎来到今天的微课。我是教师李文清。今天我和大家谈的题目，是疫情大考中的责任与担当。"
    assert screens(text, marks=False) == [
        "同学们好欢迎来到今天的微课",
        "我是教师李文清",
        "今天我和大家谈的题目",
        "是疫情大考中的责任与担当",
    ]


def test_short_neighbours_share_a_line_rather_than_flash_by() -> None:
    assert screens("好。那么我们开始。") == ["好　那么我们开始"]


def test_master_text_keeps_its_punctuation() -> None:
    cue = laid_out(words_of("他说：“人民是英雄。”"))[0]
    assert cue.text == "他说：“人民是英雄。”"
    assert cue.screen == "他说　人民是英雄"


def test_a_title_is_never_divided_when_it_fits() -> None:
    for cue in laid_out(words_of("老师让我们在这个星期里认真地读完《中国特色社会主义制度的优势》这一篇文章")):
        assert cue.text.count("《") == cue.text.count("》")


def test_a_title_wider_than_a_line_is_divided_and_flagged() -> None:
    cues = laid_out(words_of("题目是《在疫情防控斗争中彰显中国特色社会主义制度优势的若干思考》。"))
    assert any(flag.kind == "unbreakable" for cue in cues for flag in cue.flags)
    assert all(width(cue.screen) <= SETTINGS.max_chars for cue in cues)


def test_a_cue_is_as_sure_as_its_least_sure_word() -> None:
    words = [*words_of("这一句很清楚。"), Word("含混", 9000, 9400, 0.12), Word("不清。", 9400, 9800, 0.9)]
    assert [cue.confidence for cue in laid_out(words)] == [0.9, 0.12]


def test_traditional_characters_and_usual_slips_are_flagged_and_stay() -> None:
    (cue,) = laid_out(words_of("其它國家也這樣做。"))
    assert cue.text == "其它國家也這樣做。"
    assert [(flag.kind, flag.found) for flag in cue.flags] == [("script-form", "國這樣"), ("wording", "其它")]


def test_hurried_speech_is_flagged_fast() -> None:
    cues = laid_out(words_of("一口气说完这么长的一句话谁也来不及看清楚" * 3, char_ms=60), after_ms=0)
    assert {flag.kind for cue in cues for flag in cue.flags} >= {"fast"}


def test_text_without_speech_is_flagged() -> None:
    words = words_of("没有人在说话。")
    grid = FrameGrid(Fraction(25), 500)
    (cue,) = lay_out(words, [Span(15_000, 16_000)], grid, SETTINGS)
    assert cue.flags[0].kind == "near-silence"


def test_nothing_gives_nothing() -> None:
    assert lay_out([], [], FrameGrid(Fraction(25), 100), SETTINGS) == ()
    assert lay_out([Word("。", 0, 200, 1)], [], FrameGrid(Fraction(25), 100), SETTINGS) == ()


PHRASES = st.sampled_from(
    (
        *(
            "我们",
            "学习",
            "《共产党宣言》",
            "2020年",
            "3.5%",
            "疫情防控",
            "COVID-19",
            "的",
            "人民",
            "，",
            "。",
            "？",
            "、",
        ),
        *(
            "卡尔·马克思",
            "一百二十万人",
            "10 GB",
            " ",
            "责任",
            "和",
            "“担当”",
            "很",
            "……",
            "了",
            "不",
            "《论语》",
            "因为",
        ),
    )
)


@st.composite
def transcripts(draw: st.DrawFn) -> list[Word]:
    """Words with pauses of any length, as an engine might give them."""
    words, clock = [], draw(st.integers(0, 2000))
    for phrase in draw(st.lists(PHRASES, min_size=1, max_size=60)):
        length = draw(st.integers(20, 120)) * max(1, len(phrase))
        words.append(Word(phrase, clock, clock + length, draw(st.floats(0, 1))))
        clock += length + draw(st.sampled_from([0, 0, 0, 40, 200, 700, 2500]))
    return words


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcripts())
def test_whatever_is_said(words: list[Word]) -> None:
    cues = laid_out(words)
    said = "".join(word.text for word in words)
    assert drawn("".join(cue.text for cue in cues)) == drawn(said)
    for cue in cues:
        assert cue.end_ms > cue.start_ms
        assert cue.start_ms % FRAME_MS == cue.end_ms % FRAME_MS == 0
        assert width(cue.screen) <= SETTINGS.max_chars
        assert cue.screen == on_screen(cue.text)
        assert cue.text.count("《") == cue.text.count("》")
        assert cue.end_ms - cue.start_ms <= SETTINGS.max_ms
    lines = "|".join(cue.text for cue in cues)
    for whole in ("2020年", "3.5%", "COVID-19", "《共产党宣言》", "卡尔·马克思", "10 GB"):
        assert lines.count(whole) == said.count(whole)
    for before, after in pairwise(cues):
        assert after.start_ms - before.end_ms >= SETTINGS.gap_frames * FRAME_MS


def drawn(text: str) -> str:
    """Return all that is written, marks that carry no sound aside."""
    return "".join(sign for sign in text if sign.isalnum() or sign in "《》·%")


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(60)])
def test_times_lie_on_the_grid_of_any_rate(rate: Fraction) -> None:
    words = words_of("同学们好，欢迎来到今天的微课。我是教师李文清。")
    grid = FrameGrid(rate, 1200)
    for cue in lay_out(words, [Span(0, 20_000)], grid, SETTINGS):
        for time in (cue.start_ms, cue.end_ms):
            assert abs(float(grid.time_s(grid.nearest(time))) * 1000 - time) <= 0.5


def test_a_cue_holds_one_speakers_words() -> None:
    cues = laid_out(words_of("主持人：我们开始。甲：好。乙：好的。"))
    assert [cue.text for cue in cues] == ["主持人：我们开始。", "甲：好。", "乙：好的。"]


def test_two_lines_where_a_preset_asks_for_them() -> None:
    words = words_of("坚持把人民生命安全和身体健康放在第一位，用1个多月的时间初步遏制了疫情蔓延势头。今天就讲到这里。")
    two = SETTINGS.model_copy(update={"lines": 2})
    grid = FrameGrid(Fraction(25), 1000)
    cues = lay_out(words, [Span(0, 40_000)], grid, two)
    assert [cue.screen for cue in cues] == [
        "坚持把人民生命安全\n和身体健康放在第一位",
        "用1个多月的时间\n初步遏制了疫情蔓延势头",
        "今天就讲到这里",
    ]
    assert [cue.text.count("\n") for cue in cues] == [cue.screen.count("\n") for cue in cues]
    assert all(width(line) <= 16 for cue in cues for line in cue.screen.split("\n"))


def test_speech_that_comes_in_bursts_waits_for_its_turn_instead_of_flashing() -> None:
    words = [Word("一二三四五六七八九十" * 2, 1000, 1300, 1), Word("一二三四五六七八九十" * 2, 1300, 1600, 1)]
    cues = laid_out(words, after_ms=5000)
    assert all(cue.end_ms - cue.start_ms >= SETTINGS.min_ms for cue in cues)
    assert all("fast" in {flag.kind for flag in cue.flags} for cue in cues)
    assert "after its words" in cues[1].flags[-1].message.text


def test_a_whole_sentence_is_weighed_not_each_cue_alone() -> None:
    # Hurried words before a long pause: longer cues there leave each character more time than short ones.
    words = words_of("他问我们到底是谁，来做什么，要去哪里。", char_ms=110)
    speeds = [reading_chars(cue.screen) * 1000 / (cue.end_ms - cue.start_ms) for cue in laid_out(words)]
    assert max(speeds) <= SETTINGS.cps_strong


ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(ANY_TEXT, st.integers(0, 1500), st.integers(0, 900)), min_size=1, max_size=25),
    st.sampled_from([1, 2]),
    st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60)]),
)
def test_any_text_at_any_pace_comes_out_whole_and_within_the_layout(
    parts: list[tuple[str, int, int]], lines: int, rate: Fraction
) -> None:
    words, clock = [], 0
    for text, pause, length in parts:
        words.append(Word(text, clock + pause, clock + pause + length, 0.9))
        clock += pause + length
    grid = FrameGrid(rate, int((clock + 20_000) * rate / 1000))
    look = SETTINGS.model_copy(update={"lines": lines})
    cues = lay_out(words, [Span(0, clock)], grid, look)
    assert written("".join(cue.text for cue in cues)) == written("".join(word.text for word in words))
    assert written("".join(cue.screen for cue in cues)) == written("".join(word.text for word in words))
    frames = [[round(time * rate / 1000) for time in (cue.start_ms, cue.end_ms)] for cue in cues]
    for cue, (first, after) in zip(cues, frames, strict=True):
        assert [to_ms(grid.time_s(first)), to_ms(grid.time_s(after))] == [cue.start_ms, cue.end_ms]
        assert look.min_ms - 1 <= cue.end_ms - cue.start_ms <= look.max_ms + 1
        assert all(width(line) <= look.line_chars for line in cue.screen.split("\n"))
        assert cue.screen.count("\n") < lines
    assert all(b[0] - a[1] >= look.gap_frames for a, b in pairwise(frames))


def written(text: str) -> str:
    """Return the letters, digits and characters of a text that Unicode has given a meaning."""
    return "".join(sign for sign in text if sign.isalnum())
