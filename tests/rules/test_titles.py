from dataclasses import replace

from pipeline.records import Finding
from tests.rules.examples import GOOD, OPENING, finding


def _with(*similarities: float, last_ms: int | None = 1000) -> Finding:
    texts = tuple(replace(text, similarity=s) for text, s in zip(OPENING.texts, similarities, strict=True))
    return finding("title.card", replace(GOOD, opening=replace(OPENING, texts=texts, last_ms=last_ms)))


def test_all_that_is_registered_must_be_read() -> None:
    good = finding("title.card", GOOD)
    assert (good.kind, good.level, good.measured, good.expected) == ("pass", "advised", "3/3", "3/3, ≤ 10 s")
    absent = _with(1.0, 0.2, 1.0)
    assert (absent.kind, absent.measured) == ("fail", "2/3")
    assert "张三" in absent.detail.show()


def test_a_slip_of_the_reader_goes_to_a_person() -> None:
    assert _with(0.85, 1.0, 1.0).kind == "review"
    assert _with(0.9, 1.0, 1.0).kind == "pass"


def test_an_opening_that_stands_on_goes_to_a_person() -> None:
    assert _with(1.0, 1.0, 1.0, last_ms=10_500).kind == "review"
    assert _with(1.0, 1.0, 1.0, last_ms=None).kind == "pass"


def test_nothing_registered_nothing_asked() -> None:
    assert finding("title.card", replace(GOOD, opening=None)).kind == "notApplicable"
