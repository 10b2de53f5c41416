import pytest

from pipeline.captions.screen import on_screen, reading_chars, width


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("同学们好，欢迎来到微课。", "同学们好　欢迎来到微课"),
        ("他说：“人民是英雄。”", "他说　人民是英雄"),
        ("什么是责任？", "什么是责任？"),
        ("加油！", "加油！"),
        ("是……吗", "是……吗"),
        ("学习《共产党宣言》，从头读起。", "学习《共产党宣言》　从头读起"),
        ("《为什么，怎么办》", "《为什么，怎么办》"),
        ("卡尔·马克思", "卡尔·马克思"),
        ("COVID-19，3.5%、12:30和1,000米", "COVID-19　3.5%　12:30和1,000米"),
        ("15—20分钟", "15—20分钟"),
        ("他——是谁？", "他　是谁？"),
        ("用 Python 3.11 写 C++ 程序", "用 Python 3.11 写 C++ 程序"),
        ("第一、第二，", "第一　第二"),
        ("（笑）好。", "笑　好"),
        ("从85.6% 到93.2%。", "从85.6% 到93.2%"),
        ("-5℃到+3℃", "-5℃到+3℃"),
        ("求f(x)和J(θ) = a[i] + b", "求f(x)和J(θ) = a[i] + b"),
        ("误差是10^(-4)。", "误差是10^(-4)"),
        ("光学字符识别(OCR)很难", "光学字符识别　OCR　很难"),
        ("》的，《甲，乙》", "》的　《甲，乙》"),
        ("。，、", ""),
        ("", ""),
    ],
)
def test_marks_on_screen(text: str, drawn: str) -> None:
    assert on_screen(text) == drawn


def test_what_is_drawn_is_drawn_the_same_again() -> None:
    text = "他说：“读《论语·学而》，2020年1.5%……真的吗？”"
    assert on_screen(on_screen(text)) == on_screen(text)


@pytest.mark.parametrize(
    ("text", "full_width"),
    [("责任", 2), ("2020年", 3), ("COVID-19", 4), ("《》　？", 4), ("·…—", 3), ("é", 0.5), ("", 0)],
)
def test_half_width_characters_count_one_half(text: str, full_width: float) -> None:
    assert width(text) == full_width


def test_spaces_are_not_read() -> None:
    assert reading_chars("你好　世界 ok") == 5
