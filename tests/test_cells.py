import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cells import CHARACTERS_MAX, LEADS, meant, neutral


@pytest.mark.parametrize("lead", LEADS)
def test_no_lead_begins_a_cell(lead: str) -> None:
    assert neutral(f"{lead}1+1") == f"'{lead}1+1"


def test_ordinary_text_stays() -> None:
    assert neutral("疫情大考中的责任与担当") == "疫情大考中的责任与担当"
    assert neutral("a=b") == "a=b"
    assert neutral("") == ""


def test_what_no_cell_may_hold_is_made_visible() -> None:
    assert neutral("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert len(neutral("=" * 40_000)) == CHARACTERS_MAX


@given(st.text(max_size=40).filter(lambda text: neutral(text) in {text, f"'{text}"}))
def test_what_was_meant_comes_back(text: str) -> None:
    guarded = neutral(text)
    assert not guarded.startswith(tuple(LEADS))
    if not text.startswith("'"):
        assert meant(guarded) == text
