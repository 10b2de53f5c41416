import pytest

from pipeline.engines.alignment import Piece, require_room, words_of


def test_marks_join_their_words() -> None:
    pieces = [Piece("《", 0.0, 0.1, 0.9), Piece("矛盾", 0.1, 0.4, 0.5), Piece("论", 0.4, 0.6, 0.7)]
    pieces += [
        Piece("》", 0.6, 0.6, 0.9),
        Piece("。", 0.6, 2.5, 0.9),
        Piece("“", 2.5, 2.5, 0.9),
        Piece("好", 2.5, 3.2, 0.4),
    ]
    words = words_of(pieces, 3000)
    assert [(w.text, w.start_ms, w.end_ms, w.probability) for w in words] == [
        ("《矛盾", 100, 400, 0.5),
        ("论》。", 400, 600, 0.7),
        ("“好", 2500, 3000, 0.4),
    ]


@pytest.mark.parametrize("text", ["。", "“", "……"])
def test_marks_alone_are_kept(text: str) -> None:
    assert [word.text for word in words_of([Piece(text, 0, 1, 0.5)], 1000)] == [text]


def test_nothing_gives_nothing() -> None:
    assert words_of([], 1000) == ()


def test_a_text_that_is_too_long_is_refused() -> None:
    require_room([1, 2], 2)
    with pytest.raises(ValueError, match="3 tokens"):
        require_room([1, 2, 3], 2)
