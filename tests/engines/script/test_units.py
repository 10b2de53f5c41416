import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.script.units import pieces_of, read_number, units_of


@pytest.mark.parametrize(
    ("digits", "following", "read"),
    [
        ("2020", "年", "二零二零"),
        ("2020", "人", "二千零二十"),
        ("15", "", "十五"),
        ("105", "", "一百零五"),
        ("1,500", "", "一千五百"),
        ("10,500", "", "一万零五百"),
        ("3.14", "", "三点一四"),
        ("15%", "", "百分之十五"),
        ("13800138000", "", "一三八零零一三八零零零"),
        ("007", "", "零零七"),
        ("0", "", "零"),
    ],
)
def test_numbers_are_read_as_they_are_spoken(digits: str, following: str, read: str) -> None:
    assert read_number(digits, following) == read


def test_each_character_number_and_word_is_a_unit() -> None:
    units = units_of("他说：“2020年，COVID-19来了。”")
    assert [unit.syllables for unit in units][:3] == [("ta",), ("shuo",), ("er", "ling", "er", "ling")]
    assert ("covid",) in [unit.syllables for unit in units]


def test_marks_stay_with_the_word_they_belong_to() -> None:
    text = "他在《重庆》。“你好，”他说。"
    assert pieces_of(text, units_of(text)) == ("他", "在", "《重", "庆》。", "“你", "好，”", "他", "说。")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=60))
def test_no_text_is_lost_in_pieces(text: str) -> None:
    units = units_of(text)
    assert "".join(pieces_of(text, units)) == (text if units else "")
