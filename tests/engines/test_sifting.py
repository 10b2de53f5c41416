from pipeline.engines.sifting import long_silences, sift
from pipeline.records import Span, SpeechSegment, Word

SPEECH = (Span(1000, 4000), Span(4500, 7000), Span(12_000, 15_000))


def segment(text: str, start_ms: int, char_ms: int = 200) -> SpeechSegment:
    words = tuple(Word(sign, start_ms + n * char_ms, start_ms + (n + 1) * char_ms, 0.9) for n, sign in enumerate(text))
    return SpeechSegment(text, start_ms, words[-1].end_ms, words, -0.2, 0.1, 1.2)


def pieces(*segments: SpeechSegment) -> list[str]:
    return [piece.text for piece in sift(segments, SPEECH, 16_500)]


def test_long_silences_are_two_seconds_and_more() -> None:
    assert long_silences(SPEECH, 16_500) == (Span(7000, 12_000),)
    assert long_silences((), 5000) == (Span(0, 5000),)


def test_words_over_a_long_silence_stand_alone() -> None:
    assert pieces(segment("同学们好谢谢观看", 6000, 250)) == ["同学们好", "谢谢观看"]


def test_a_last_character_that_trails_off_stays_with_its_words() -> None:
    assert pieces(segment("同学们好了。", 6000, 250)) == ["同学们好了。"]


def test_what_a_loop_repeats_stands_alone() -> None:
    said = "今天我们一起学习新的知识和方法" + "慢" * 16 + "，下课。"
    parts = pieces(segment(said, 1000, 80))
    assert parts == ["今天我们一起学习新的知识和方法慢", "慢" * 15, "，下课。"]
    assert "".join(parts) == said


def test_nothing_is_lost_or_moved() -> None:
    whole = segment("同学们好谢谢观看", 6000, 250)
    parts = sift((whole,), SPEECH, 16_500)
    assert tuple(word for part in parts for word in part.words) == whole.words
    assert [(part.start_ms, part.end_ms) for part in parts] == [(6000, 7000), (7000, 8000)]


def test_a_segment_whose_words_are_not_its_text_stays_whole() -> None:
    odd = SpeechSegment("同学们好！", 8000, 9000, segment("同学们好", 8000).words, -0.2, 0.1, 1.2)
    assert sift((odd,), SPEECH, 16_500) == (odd,)
