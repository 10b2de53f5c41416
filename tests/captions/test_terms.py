from pathlib import Path

import pytest

from pipeline.captions.terms import (
    PROMPT_MAX_CHARS,
    Term,
    homophone_flags,
    load_terms,
    prompt_with_terms,
    terms_of_script,
)
from pipeline.errors import InputError, TermsFileError
from pipeline.presets import load_preset
from pipeline.records import Cue

SAMPLES = Path(__file__).parent.parent.parent / "samples"
PROMPT = load_preset().recognition.prompt


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_persons_list_comes_first(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("# 我的\n自家术语\n钟南山\n", encoding)
    terms = load_terms(["epidemic"], path)
    assert [term.text for term in terms[:3]] == ["自家术语", "钟南山", "新冠肺炎"]
    assert [term.origin for term in terms[:3]] == ["own", "own", "preset"]


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"a=b=c\n", b"x" * 1_000_001])
def test_a_list_that_cannot_be_used_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "terms.txt"
    path.write_bytes(content)
    with pytest.raises(TermsFileError) as caught:
        load_terms([], path)
    assert caught.value.exit_code == 3
    assert "terms.txt" in caught.value.message.show()


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_terms([], tmp_path)


def test_a_prompt_holds_the_persons_terms_first_and_keeps_within_its_room() -> None:
    terms = (Term("红船精神"), Term("李文清", origin="script"), Term("自家术语", origin="own"), *load_terms(["party"]))
    prompt = prompt_with_terms(PROMPT, terms)
    assert prompt.startswith(PROMPT + "自家术语、李文清、红船精神、")
    assert prompt.endswith("。")
    assert len(prompt) <= PROMPT_MAX_CHARS


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # whisper leaves its vocabulary open
def test_a_full_prompt_fits_whispers_window() -> None:
    from whisper.tokenizer import get_tokenizer

    prompt = prompt_with_terms(PROMPT, load_terms(["party", "epidemic", "general"]))
    assert len(get_tokenizer(multilingual=True).encode(" " + prompt)) <= 223


def test_a_prompt_without_terms_or_room_stays_as_it_is() -> None:
    assert prompt_with_terms(PROMPT, ()) == PROMPT
    assert prompt_with_terms("长" * 100, (Term("术语"),)) == "长" * 100


def test_the_scripts_own_words_are_its_titles_names_and_repeated_nouns() -> None:
    words = [term.text for term in terms_of_script((SAMPLES / "raw-lecture.txt").read_text("utf-8"))]
    assert {"共产党宣言", "李文清", "武汉", "医护人员", "传染源"} <= set(words)
    assert not {"谢谢", "明白", "我们"} & set(words)


def test_a_suspected_homophone_is_a_flag_with_what_may_be_meant() -> None:
    (flag,) = homophone_flags(Cue(0, 1000, "方仓医院建成了。", "方仓医院建成了", None), load_terms(["epidemic"]))
    assert (flag.kind, flag.found, flag.suggestion, flag.confidence) == ("homophone", "方仓医院", "方舱医院", 0.9)
    assert "方舱医院" in flag.message.show()
