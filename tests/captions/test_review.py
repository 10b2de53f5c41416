from pathlib import Path

import pytest

from pipeline.captions.review import LOW_CONFIDENCE, review
from pipeline.records import Cue, Deviation, DeviationKind, Flag, ScriptMatch, Span, Word
from pipeline.terms import Term
from pipeline.texts import Message


def cue(number: int, text: str = "我们一起学习", confidence: float | None = 0.9) -> Cue:
    """Return a cue of 3 s that begins every 4 s, the first at 4 s."""
    return Cue(4000 * number, 4000 * number + 3000, text, text, confidence)


CUES = (cue(1), cue(2), cue(3))
COVERED = (Span(4000, 7000), Span(8000, 11_000), Span(12_000, 15_000))


def kinds(cues: tuple[Cue, ...]) -> list[list[str]]:
    return [[flag.kind for flag in cue.flags] for cue in cues]


def test_sure_cues_with_all_speech_covered_have_no_flag() -> None:
    assert review(CUES, COVERED).cues == CUES
    assert review(CUES, COVERED).notices == ()
    assert review((), ()).cues == ()


def test_the_least_likely_words_weigh_most() -> None:
    cues = tuple(cue(n, confidence=0.02 if n == 3 else 0.25 if n == 7 else 0.9) for n in range(20))
    words = [Word("学习", 12_100, 12_500, 0.02), Word("一起，", 28_100, 28_500, 0.25)]
    flagged = {n: c.flags[0] for n, c in enumerate(review(cues, (), words=words).cues) if c.flags}
    assert set(flagged) == {3, 7}
    assert flagged[3].weight > 0.8 > flagged[7].weight
    assert (flagged[3].found, flagged[7].found) == ("学习", "一起")
    assert "2%" in flagged[3].message.show()


def test_a_model_that_doubts_everything_is_ranked_and_named() -> None:
    cues = tuple(cue(n, confidence=0.01 + 0.002 * n) for n in range(100))
    reviewed = review(cues, ())
    weights = [flag.weight for c in reviewed.cues for flag in c.flags]
    assert len(weights) == 100, "nothing is hidden"
    assert sum(weight > 0.1 for weight in weights) == 10
    assert weights == sorted(weights, reverse=True)
    assert reviewed.notices[0].values == {"count": "100", "total": "100"}


def test_words_of_the_script_are_unsure_of_their_place() -> None:
    words = [Word("学习", 4100, 4600, 0.1, is_from_script=True)]
    (flag,) = review((cue(1, confidence=0.1),), (), words=words).cues[0].flags
    assert "script" in flag.message.text


def test_a_persons_cues_have_no_confidence_to_doubt() -> None:
    assert kinds(review((cue(1, confidence=None),), ()).cues) == [[]]
    assert LOW_CONFIDENCE < 0.9


def test_homophones_are_flagged_and_the_text_stays() -> None:
    cues = (cue(1, "参观方仓医院"),)
    reviewed = review(cues, (), (Term("方舱医院"),)).cues
    assert kinds(reviewed) == [["homophone"]]
    assert reviewed[0].text == "参观方仓医院"


def script(kind: DeviationKind, span: Span, said: str = "一起", written: str = "共同") -> ScriptMatch:
    return ScriptMatch(Path("a.txt"), "0", "utf-8", 100, 0.9, (Deviation(kind, span, written, said, 0.8),))


@pytest.mark.parametrize("kind", ["added", "changed", "repeated", "moved"])
def test_a_deviation_is_on_every_cue_that_it_overlaps(kind: DeviationKind) -> None:
    cues = review(CUES, (), script=script(kind, Span(6000, 9000))).cues
    assert kinds(cues) == [["deviation"], ["deviation"], []]
    flag = cues[0].flags[0]
    assert (flag.found, flag.confidence) == ("一起", 0.8)
    assert flag.suggestion == ("共同" if kind == "changed" else "")


@pytest.mark.parametrize(("at_ms", "number"), [(0, 0), (7500, 0), (8500, 1), (60_000, 2)])
def test_a_skipped_passage_is_on_the_cue_that_was_shown_last(at_ms: int, number: int) -> None:
    long = "这一段很长，" * 20
    cues = review(CUES, (), script=script("skipped", Span(at_ms, at_ms), "", long)).cues
    assert [bool(c.flags) for c in cues] == [n == number for n in range(3)]
    assert len(cues[number].flags[0].message.show()) < 120


def test_speech_without_a_cue_is_on_the_cue_before_it_or_the_first() -> None:
    speech = (Span(500, 3000), *COVERED, Span(20_000, 26_000))
    cues = review(CUES, speech).cues
    assert kinds(cues) == [["missing-speech"], [], ["missing-speech"]]
    assert "0:20" in cues[2].flags[0].message.show()
    assert cues[2].flags[0].weight > cues[0].flags[0].weight


@pytest.mark.parametrize(
    ("speech", "missing"),
    [
        ((Span(3200, 15_300),), False),
        ((Span(16_000, 16_900),), False),
        ((Span(16_000, 17_000),), True),
        ((Span(14_000, 16_400),), True),
    ],
)
def test_only_a_second_or_more_counts(speech: tuple[Span, ...], missing: bool) -> None:
    assert any(c.flags for c in review(CUES, speech).cues) == missing


def test_speech_without_any_cue_is_a_notice() -> None:
    reviewed = review((), (Span(1000, 5000),))
    assert reviewed.notices[0].values == {"time": "0:01", "seconds": "4.0"}


def test_characters_that_nothing_can_show_are_counted() -> None:
    words = [Word("中\ufffd国\ue000", 4100, 5000, 0.9)]
    (flag,) = review(CUES, (), words=words).cues[0].flags
    assert (flag.kind, flag.message.values["count"]) == ("script-form", "2")


def test_flags_of_a_cue_are_sorted_by_weight() -> None:
    own = Flag("fast", Message("x"), 0.4)
    marked = Cue(4000, 7000, "方仓医院", "方仓医院", 0.01, (own,))
    weights = [flag.weight for flag in review((marked,), (), (Term("方舱医院"),)).cues[0].flags]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == 3
