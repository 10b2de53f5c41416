import numpy as np
import pytest

from pipeline.engines.base import Samples
from pipeline.engines.script.acoustics import Judge, Question, weigh
from pipeline.records import Span, Word

QUESTION = Question("前面的话，", "讲稿原文", "听错的字", "别处的话", "后面的话。", Span(10_000, 14_000), 0.5)


def judge(likely: str, longest_ms: int = 30_000) -> Judge:
    """A judge with a model that takes one text for what is said."""

    def align(samples: Samples, text: str) -> tuple[Word, ...]:
        return tuple(Word(sign, 100 * n, 100 * n + 100, 0.9 if likely in text else 0.02) for n, sign in enumerate(text))

    return Judge(align, lambda span: np.zeros(16 * span.duration_ms, np.float32), longest_ms)


def test_a_script_that_is_likelier_than_any_other_text_was_followed() -> None:
    answer = judge("讲稿原文").ask(QUESTION)
    assert answer.departed < 0.05
    assert [time.start_ms for time in answer.times] == [9850 + 500, 9850 + 600, 9850 + 700, 9850 + 800]


def test_a_script_as_unlikely_as_any_text_was_not_followed() -> None:
    assert judge("听错的字").ask(QUESTION).departed > 0.95


def test_texts_that_are_all_alike_leave_it_open() -> None:
    assert judge("没有的").ask(QUESTION).departed == pytest.approx(0.5)
    assert weigh(-3.0, -3.1, -3.2) == 0.0


def test_what_is_too_long_to_be_asked_is_left_open() -> None:
    answer = judge("讲稿原文", longest_ms=3000).ask(QUESTION)
    assert (answer.departed, answer.times) == (0.5, ())
