from pathlib import Path

import pytest

from pipeline.homophones import Suspect, find_suspects, written_wrong
from pipeline.terms import Term, preset_terms

TERMS = preset_terms(["party", "epidemic", "general"])
SAMPLES = Path(__file__).parent.parent / "samples"


def found(text: str, terms: tuple[Term, ...] = TERMS) -> list[tuple[str, str]]:
    return [(suspect.found, suspect.suggestion) for suspect in find_suspects(text, terms)]


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("我们学习共产党选言", "共产党选言", "共产党宣言"),
        ("方仓医院建成了", "方仓医院", "方舱医院"),
        ("听钟男山院士说", "钟男山", "钟南山"),
        ("要不忘出心，牢记使命", "不忘出心", "不忘初心"),
        ("坚持民主级中制", "民主级中制", "民主集中制"),
        ("我们要以人名为中心", "以人名为中心", "以人民为中心"),
        ("参加战役故事汇", "战役故事汇", "战疫故事汇"),
        ("这是人民之上的理念", "人民之上", "人民至上"),
    ],
)
def test_what_sounds_like_a_term_is_suspected(text: str, wrong: str, right: str) -> None:
    assert (wrong, right) in found(text)


@pytest.mark.parametrize(
    ("spoken", "term"),
    [
        ("遵义灰议", "遵义会议"),
        ("遵义飞议", "遵义会议"),
        ("蓝昌起义", "南昌起义"),
        ("西白坡金神", "西柏坡精神"),
        ("公公卫森", "公共卫生"),
    ],
)
def test_common_confusions_count_as_the_same_sound(spoken: str, term: str) -> None:
    assert found(spoken, (Term(term),)) == [(spoken, term)]


@pytest.mark.parametrize(
    "text",
    [
        "我们学习《共产党宣言》，不忘初心、牢记使命，以人民为中心",
        "那场战役的意义重大，事实证明时事在变",
        "请您坐好，清凉的风吹过来，他的权利和权力",
        "他经历了很多，精力充沛地建立了公司",
        "COVID-19 是什么？3.5% 的人不知道",
        "",
        "。，！",
    ],
)
def test_ordinary_words_raise_no_alarm(text: str) -> None:
    assert found(text) == []


def test_a_piece_must_begin_and_end_where_words_do() -> None:
    terms = (Term("科学家"),)
    assert found("大科学价值很高", terms) == []


def test_a_term_in_its_place_guards_the_shorter_one_inside() -> None:
    terms = (Term("人民战争"), Term("人名战"))
    assert found("打赢人民战争", terms) == []


def test_a_short_piece_needs_more_than_a_like_sound() -> None:
    assert found("他留掉了", (Term("流调"),)) == []
    assert found("做好刘调工作", (Term("流调"),)) == [("刘调", "流调")]


def test_a_known_slip_is_found_where_words_begin_and_end() -> None:
    terms = (Term("抗疫", ("抗役",)),)
    assert find_suspects("伟大抗役精神", terms) == (Suspect(2, "抗役", "抗疫", 0.85),)
    assert found("抗疫", terms) == []


def test_confidence_falls_with_every_sound_that_only_resembles() -> None:
    exact = find_suspects("不忘出心", (Term("不忘初心"),))[0].confidence
    alike = find_suspects("不忘粗心", (Term("不忘初心"),))
    assert exact == 0.9
    assert all(suspect.confidence < exact for suspect in alike)


def test_the_sample_lectures_hold_no_false_alarm() -> None:
    for path in SAMPLES.glob("*.srt"):
        assert written_wrong(path.read_text("utf-8").splitlines(), TERMS) == ()


def test_suspects_of_several_texts_name_their_text() -> None:
    assert [number for number, _ in written_wrong(["好", "方仓医院"], TERMS)] == [1]
