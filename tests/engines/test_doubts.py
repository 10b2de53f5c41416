import pytest

from pipeline.engines.doubts import find_removals, is_removed, share_of_speech
from pipeline.records import Span, SpeechSegment, Word

LOOPED = "The recogniser repeated itself."


def segment(
    text: str, start_ms: int = 0, end_ms: int = 3000, *, silence: float = 0.1, ratio: float = 1.2
) -> SpeechSegment:
    return SpeechSegment(text, start_ms, end_ms, (), -0.2, silence, ratio)


def unlikely(text: str, start_ms: int, probability: float = 0.05) -> SpeechSegment:
    words = tuple(Word(sign, start_ms + n * 200, start_ms + n * 200 + 200, probability) for n, sign in enumerate(text))
    return SpeechSegment(text, start_ms, words[-1].end_ms, words, -0.9, 0.1, 1.2)


def reasons(
    *segments: SpeechSegment, speech: tuple[Span, ...] = (Span(0, 60_000),), below_db: float = 0.0
) -> list[str]:
    return [removal.reason.show() for removal in find_removals(segments, speech, lambda span: below_db)]


@pytest.mark.parametrize(
    "text",
    [
        "人民是历史的创造者。",
        "对对对对对，就是这样。",
        "谢谢大家。",
        "请大家点赞并感谢观看，字幕由老师校对。",
        "请使用简体中文。",
        "一、二、三、四。",
    ],
)
def test_what_is_said_stays(text: str) -> None:
    assert reasons(segment(text)) == []


def test_text_where_nobody_speaks_is_removed() -> None:
    assert reasons(segment("人民是英雄。"), speech=(Span(2800, 9000),)) == ["Nobody speaks there."]


@pytest.mark.parametrize(
    "text",
    ["我们慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢。", "这是我们的，" * 8, "学习强国、学习强国，" * 3 + "学习强国" * 2],
)
def test_a_loop_is_removed(text: str) -> None:
    assert reasons(segment(text)) == [LOOPED]


def in_a_row(*texts: str, ratio: float = 1.2) -> list[SpeechSegment]:
    return [segment(text, n * 3000, n * 3000 + 2900, ratio=ratio) for n, text in enumerate(texts)]


def test_the_fourth_of_equal_segments_is_removed() -> None:
    assert reasons(*in_a_row(*["这是我们的优势。"] * 5)) == [LOOPED] * 2


def test_nearly_equal_segments_are_a_loop_too() -> None:
    nearly = [f"这就是我们中国特色社会主义制度的优势{mark}" for mark in ("。", "，", "啊。", "。", "呢。")]
    assert reasons(*in_a_row(*nearly)) == [LOOPED] * 2


def test_sentences_that_go_round_are_a_loop() -> None:
    assert reasons(*in_a_row(*["这是我们的优势。", "大家要坚持学习。"] * 4)) == [LOOPED]


def test_a_window_that_repeats_itself_as_a_whole_needs_less() -> None:
    assert reasons(*in_a_row(*["这是我们的优势。"] * 3, ratio=3.1)) == [LOOPED] * 2


def test_short_answers_over_and_over_stay() -> None:
    assert reasons(*in_a_row(*["对。"] * 6)) == []


@pytest.mark.parametrize(
    "phrase", ["请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "字幕由 Amara.org 社群提供", "谢谢观看"]
)
def test_a_stock_phrase_is_removed_only_where_nobody_speaks(phrase: str) -> None:
    assert reasons(segment(phrase)) == []
    assert len(reasons(segment(phrase, silence=0.9))) == 1
    assert len(reasons(segment(phrase), speech=(Span(0, 1500),))) == 1


def test_unlikely_words_alone_between_silences_are_removed() -> None:
    before, after = segment("人民是英雄。", 0, 3000), segment("今天上课。", 9000, 12_000)
    assert len(reasons(before, unlikely("谢谢大家", 5500), after)) == 1
    assert reasons(before, unlikely("谢谢大家", 3500), after) == []
    assert reasons(before, unlikely("谢谢大家", 5500, probability=0.6), after) == []


def test_sound_far_below_the_lectures_speech_is_no_speech_of_it() -> None:
    assert reasons(segment("人民是英雄。"), below_db=25) == []
    assert reasons(segment("人民是英雄。"), below_db=41.7) == [
        "The sound there lies 42 dB below the speech of the lecture."
    ]


def test_marks_alone_are_removed() -> None:
    assert reasons(segment("……。")) == ["There is no word in it."]


def test_a_removal_is_found_again() -> None:
    kept, gone = segment("人民是英雄。"), segment("……", 3000, 4000)
    removals = find_removals([kept, gone], (Span(0, 9000),), lambda span: 0.0)
    assert [is_removed(s, removals) for s in (kept, gone)] == [False, True]


def test_share_of_speech() -> None:
    assert share_of_speech(segment("好", 1000, 2000), (Span(0, 1250), Span(1750, 3000))) == 0.5
