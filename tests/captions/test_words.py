from pipeline.captions.words import master_signs, split_runs
from pipeline.records import Word
from tests.captions.words_for_tests import words_of


def text_of(words: list[Word]) -> str:
    return "".join(sign.text for sign in master_signs(words))


def test_marks_become_full_width_after_chinese_only() -> None:
    words = [Word("好,", 0, 100, 1), Word("3.5%", 100, 300, 1), Word("a,b", 300, 400, 1), Word("吗?", 400, 500, 1)]
    assert text_of(words) == "好，3.5%a,b吗？"


def test_brackets_become_full_width_in_pairs() -> None:
    assert text_of([Word("我们用(Python)写f(x)", 0, 100, 1)]) == "我们用（Python）写f(x)"
    assert text_of([Word("代价J(θ)很小", 0, 100, 1)]) == "代价J(θ)很小"


def test_no_space_follows_a_full_width_mark() -> None:
    assert text_of([Word("好。", 0, 100, 1), Word(" 我们", 100, 200, 1)]) == "好。我们"


def test_what_cannot_be_shown_goes() -> None:
    assert text_of([Word("中\ufffd国\u200b\u202e人\n", 0, 300, 1), Word("\x07民", 300, 400, 1)]) == "中国人 民"


def test_spaces_become_one_and_stand_before_no_mark() -> None:
    assert (
        text_of([Word(" 我们", 0, 1, 1), Word("  用 Go ", 1, 2, 1), Word(" ，", 2, 3, 1), Word("好 ", 3, 4, 1)])
        == "我们 用 Go，好"
    )


def test_a_word_shares_its_time_out_by_width() -> None:
    signs = master_signs([Word("中ab，", 0, 400, 0.5)])
    assert [(s.text, s.start_ms, s.end_ms) for s in signs] == [
        ("中", 0, 200),
        ("a", 200, 300),
        ("b", 300, 400),
        ("，", 400, 400),
    ]
    assert {s.probability for s in signs} == {0.5}


def test_long_pauses_divide_runs_but_not_titles() -> None:
    words = [Word("前", 0, 200, 1), Word("后", 1700, 1900, 1), Word("《书", 1900, 2000, 1), Word("名》", 5000, 5200, 1)]
    assert [len(run) for run in split_runs(words)] == [1, 3]
    assert split_runs([]) == ()
    unclosed = [Word("《前", 0, 200, 1), Word("后", 1700, 1900, 1)]
    assert [len(run) for run in split_runs(unclosed)] == [1, 1]
    assert len(split_runs(words_of("一口气说完"))) == 1
