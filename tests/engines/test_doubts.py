import pytest

from pipeline.engines.doubts import find_removals, is_removed, share_of_speech
from pipeline.records import Span, SpeechSegment

PROMPT = "以下是一段普通话微党课，请使用简体中文和完整的标点符号。"


def segment(text: str, start_ms: int = 0, end_ms: int = 3000, logprob: float = -0.2) -> SpeechSegment:
    return SpeechSegment(text, start_ms, end_ms, (), logprob, 0.1, 1.2)


def reasons(*segments: SpeechSegment, speech: tuple[Span, ...] = (Span(0, 60_000),)) -> list[str]:
    return [removal.reason.show() for removal in find_removals(segments, speech, PROMPT)]


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


def test_a_loop_is_removed() -> None:
    assert reasons(segment("我们慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢慢。")) == ["The recogniser repeated itself."]
    assert reasons(segment("这是我们的，" * 8)) == ["The recogniser repeated itself."]


def test_the_fourth_of_equal_segments_is_removed() -> None:
    same = [segment("这是我们的优势。", n * 3000, n * 3000 + 2900) for n in range(5)]
    assert reasons(*same) == ["The recogniser repeated itself."] * 2


def test_the_prompt_coming_back_is_removed() -> None:
    assert reasons(segment("请使用简体中文和完整的标点符号。")) == ["It repeats the recogniser's prompt."]


def test_a_stock_phrase_is_removed_only_where_it_is_doubtful() -> None:
    text = "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目"
    assert reasons(segment(text)) == []
    assert len(reasons(segment(text, logprob=-1.4))) == 1
    assert len(reasons(segment(text), speech=(Span(0, 1500),))) == 1


def test_marks_alone_are_removed() -> None:
    assert reasons(segment("……。")) == ["There is no word in it."]


def test_a_removal_is_found_again() -> None:
    kept, gone = segment("人民是英雄。"), segment("……", 3000, 4000)
    removals = find_removals([kept, gone], (Span(0, 9000),), "")
    assert [is_removed(s, removals) for s in (kept, gone)] == [False, True]


def test_share_of_speech() -> None:
    assert share_of_speech(segment("好", 1000, 2000), (Span(0, 1250), Span(1750, 3000))) == 0.5
