import pytest

from pipeline.errors import TermsFileError
from pipeline.presets import load_preset, preset_ids
from pipeline.terms import Term, merged, parse_terms, preset_terms


def test_a_list_has_one_term_a_line_comments_and_slips() -> None:
    text = "\ufeff# 我们的用语\n\n红船精神\n战役故事汇=战疫故事汇  # 常见误写\n战疫故事汇\n 钟南山 \r\n"
    assert parse_terms(text, "own") == (
        Term("红船精神", (), "own"),
        Term("战疫故事汇", ("战役故事汇",), "own"),
        Term("钟南山", (), "own"),
    )


@pytest.mark.parametrize("line", ["错=", "a=b=c", "。。。", "长" * 41])
def test_a_line_that_is_no_term_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        parse_terms(f"好\n{line}", "own")
    assert str(caught.value) in line


def test_lists_take_turns_so_that_each_is_in_a_prompt() -> None:
    terms = [term.text for term in preset_terms(["party", "epidemic"])]
    assert terms[:2] == ["中国共产党", "新冠肺炎"]
    assert len(terms) == len(set(terms)) >= 280


def test_a_slip_is_never_a_term_itself() -> None:
    terms = preset_terms(["general", "party", "epidemic"])
    written = {term.text for term in terms}
    assert not written & {wrong for term in terms for wrong in term.wrong}


def test_the_first_origin_and_every_slip_stay() -> None:
    assert merged([Term("甲乙", ("假乙",), "own"), Term("甲乙", ("甲已",))]) == (Term("甲乙", ("假乙", "甲已"), "own"),)


@pytest.mark.parametrize("name", ["nobody", "../seu-2020", ""])
def test_an_unknown_list_is_refused_by_name(name: str) -> None:
    with pytest.raises(TermsFileError):
        preset_terms([name])


@pytest.mark.parametrize("name", preset_ids())
def test_the_lists_of_every_preset_are_there(name: str) -> None:
    assert preset_terms(load_preset(name).recognition.terms)
