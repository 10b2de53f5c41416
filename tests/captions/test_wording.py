import pytest

from pipeline.captions.wording import find_wording


@pytest.mark.parametrize(
    ("text", "found", "suggestion"),
    [
        ("那是上世纪的事", "上世纪", "20世纪"),
        ("上个世纪的中国", "上个世纪", "20世纪"),
        ("前苏联的经验", "前苏联", "苏联"),
        ("还有其它问题", "其它", "其他"),
        ("建国以来的成就", "建国", "新中国成立"),
        ("建国70周年", "建国", "新中国成立"),
        ("他在90年出生", "90年", "1990年"),
        ("90年5月发表", "90年", "1990年"),
        ("九零年初", "九零年", "1990年"),
        ("到了80年代", "80年代", "20世纪80年代"),
        ("八十年代末", "八十年代", "20世纪80年代"),
    ],
)
def test_a_usual_slip_has_its_suggestion(text: str, found: str, suggestion: str) -> None:
    assert [(hint.found, hint.suggestion) for hint in find_wording(text)] == [(found, suggestion)]


@pytest.mark.parametrize(
    "text",
    [
        "1990年5月，二零二零年初，20世纪80年代，二十世纪八十年代",
        "过了90年，走过70年的历程，近50年来，第30年",
        "新中国成立以来，苏联解体，其他国家",
        "建国的理想，开国大典",
        "一百九十年代",
        "",
    ],
)
def test_right_wording_and_lengths_of_time_are_left_alone(text: str) -> None:
    assert find_wording(text) == ()
