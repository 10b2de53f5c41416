from itertools import pairwise

import pytest

from pipeline.captions.speakers import speaker_names, turns


def parts(text: str) -> list[str]:
    places = [0, *turns(text, speaker_names(text)), len(text)]
    return [text[a:b] for a, b in pairwise(places)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("主持人：欢迎大家。甲：谢谢。乙：你好！", ["主持人：欢迎大家。", "甲：谢谢。", "乙：你好！"]),
        ("老师：什么是责任？学生1：是担当。", ["老师：什么是责任？", "学生1：是担当。"]),
        ("你来了吗？—来了。—好的。", ["你来了吗？", "—来了。", "—好的。"]),
        ("- 你好。- 再见。", ["- 你好。", "- 再见。"]),
        ("李文清：开始吧。王建国：好。李文清：请讲。王建国：是。",
         ["李文清：开始吧。", "王建国：好。", "李文清：请讲。", "王建国：是。"]),
    ],
)  # fmt: skip
def test_a_turn_begins_where_the_text_says_so(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "他说：好。我说：不好。",
        "注意：第一点。例如：第二点。",
        "他来了——终于来了。——引自鲁迅",
        "从15—20分钟。-5℃到3℃。",
        "他走了。李文清：再见。",
        "共有三点：甲、乙、丙。",
        "",
    ],
)
def test_colons_and_dashes_of_ordinary_text_are_no_turns(text: str) -> None:
    assert parts(text) == [text]
