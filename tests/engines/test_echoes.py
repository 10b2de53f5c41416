import pytest

from pipeline.engines.echoes import is_like_prompt, is_said

PROMPT = "以下是一段普通话微党课，请使用简体中文和完整的标点符号。疫情防控、社会主义核心价值观、人民至上、生命至上。"


@pytest.mark.parametrize(
    "text",
    [
        "以下是一段普通话微党课。",
        "请使用简体中文和完整的标点符号",
        "以下是一段普通话，请使用简体中文。",
        "同学们好，请使用简体中文和标点符号，我们上课。",
        "社会主义核心价值观、人民至上、生命至上",
        "生命至上。今天我们来学习一个新的题目。",
        "命至上。今天我们来学习。",
        "今天讲社会主义核心价值观、人民至上这个题目，大家一起学习一下。",
        "标点符号",
    ],
)
def test_an_echo_of_the_prompt_is_suspicious(text: str) -> None:
    assert is_like_prompt(text, PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        "同学们，大家好，今天我们来上一节课。",
        "我们要坚持人民至上，这是抗疫的经验。",
        "在疫情防控的过程中，志愿者做了很多工作。",
        "社会主义核心价值观要落实在行动上，这是大家的责任。",
        "这一段话是普通话。",
        "",
        "……",
    ],
)
def test_speech_with_its_terms_is_not(text: str) -> None:
    assert not is_like_prompt(text, PROMPT)
    assert not is_like_prompt(text, "")


def test_what_is_heard_without_the_prompt_too_was_said() -> None:
    assert is_said("人民至上、生命至上。", "我们坚持人民至上生命至上。")
    assert not is_said("请使用简体中文和完整的标点符号。", "同学们，我们上课。")
    assert not is_said("请使用简体中文和完整的标点符号。", "")
    assert not is_said("请使用简体中文和完整的标点符号。", "中文")
