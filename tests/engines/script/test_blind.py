from statistics import median

from pipeline.engines.script.blind import PROBABILITY, share_out
from pipeline.records import Span
from tests.engines.script.lectures import SENTENCES, script_of, tell

ALL = list(SENTENCES)


def test_sentences_go_to_the_stretches_of_speech_in_which_they_were_said() -> None:
    told = tell(ALL)
    lines = share_out(script_of(ALL), told.speech)
    assert ["".join(word.text for word in line) for line in lines] == ALL
    errors = sorted(abs(line[0].start_ms - true) for line, true in zip(lines, told.starts_ms, strict=True))
    assert median(errors) <= 200
    assert all(word.probability == PROBABILITY and word.is_from_script for line in lines for word in line)


def test_speech_without_pauses_is_shared_out_by_length() -> None:
    lines = share_out(script_of(ALL[:4]), (Span(1000, 21_000),))
    assert (lines[0][0].start_ms, lines[-1][-1].end_ms) == (1000, 21_000)
    lengths = [sum(sign.isalnum() for sign in sentence) for sentence in ALL[:4]]
    for n, line in enumerate(lines):
        assert abs(line[0].start_ms - 1000 - 20_000 * sum(lengths[:n]) / sum(lengths)) <= 100


def test_without_speech_there_are_no_words() -> None:
    assert share_out(script_of(ALL), ()) == ()


def test_more_stretches_than_clauses_lose_nothing() -> None:
    speech = tuple(Span(n * 2000, n * 2000 + 1000) for n in range(40))
    lines = share_out(script_of(ALL[:3]), speech)
    assert "".join(word.text for line in lines for word in line) == "".join(ALL[:3])
