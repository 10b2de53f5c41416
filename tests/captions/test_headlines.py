"""Headlines break as a person would break them, and names stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions.headlines import clean, fold_headline, listed_names
from pipeline.captions.screen import width

TERM = "习近平新时代中国特色社会主义思想"


@pytest.mark.parametrize(
    ("text", "chars", "lines"),
    [
        ("不忘初心、牢记使命", 12, ("不忘初心、牢记使命",)),
        ("传承红色基因 赓续精神血脉", 12, ("传承红色基因", "赓续精神血脉")),
        ("从《共产党宣言》看中国共产党人的初心和使命", 20, ("从《共产党宣言》", "看中国共产党人的初心和使命")),
        (f"学习贯彻{TERM}，坚定制度自信", 22, (f"学习贯彻{TERM}，", "坚定制度自信")),
        ("战疫中的青年担当——援鄂医疗队的故事", 14, ("战疫中的青年担当", "——援鄂医疗队的故事")),
    ],
)
def test_lines_break_where_the_sense_does(text: str, chars: float, lines: tuple[str, ...]) -> None:
    assert fold_headline(text, lambda line: width(line) <= chars, 3, [TERM]) == lines


def test_what_does_not_fit_is_said_to() -> None:
    assert fold_headline("不忘初心、牢记使命", lambda line: width(line) <= 4, 2) is None
    assert fold_headline("张明远", lambda line: width(line) <= 2, 3, ["张明远"]) is None, "a name was cut"


PIECES = ("张明远", "欧阳思源", "同志的", "先进事迹", "和", "《党章》", "——", "，")


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9))
def test_all_text_stays_and_no_name_is_cut(words: list[str]) -> None:
    text, names = "".join(words), ("张明远", "欧阳思源")
    lines = fold_headline(text, lambda line: width(line) <= 8, 6, names)
    if lines is not None:
        assert "".join(lines) == text
        assert sum(line.count(name) for line in lines for name in names) == sum(text.count(name) for name in names)


def test_a_register_field_names_several_people() -> None:
    assert listed_names("张三、李四，王五；赵六 教授") == ("张三", "李四", "王五", "赵六 教授")
    assert listed_names("张三　李四/王五") == ("张三", "李四", "王五")
    assert listed_names(None) == listed_names(" ") == ()


def test_signs_that_nobody_sees_go() -> None:
    assert clean(" 不忘\u202e初心\n牢记\x07使命　") == "不忘初心 牢记使命"
