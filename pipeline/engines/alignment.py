"""A known text's words where they sound: what both engines make of the times and probabilities of its tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records import Word

OPENERS = "\"'“‘¿([{-《〈「『（【"
CLOSERS = "\"'.。,，!！?？:：;；”’)]}、》〉」』）】…—"
"""Marks that belong to the word after them, and to the word before them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an aligned text, as the tokenizer cuts it."""

    text: str
    start_s: float
    end_s: float
    probability: float


def words_of(pieces: Iterable[Piece], duration_ms: int) -> tuple[Word, ...]:
    """Return the words of an aligned text; their texts join to the text that was given.

    A mark has no sound: it joins the word it belongs to, whose time and probability stay as they are.

    Args:
        pieces: of one clip, in the order of the text; seconds from the clip's start.
        duration_ms: length of the clip, which no word leaves.
    """
    words: list[Word] = []
    waiting = ""
    for piece in pieces:
        start, end = (min(duration_ms, max(0, round(1000 * time))) for time in (piece.start_s, piece.end_s))
        if any(sign.isalnum() for sign in piece.text):
            probability = round(min(1.0, max(0.0, piece.probability)), 6)
            words.append(Word(waiting + piece.text, start, max(start, end), probability))
            waiting = ""
        elif words and piece.text.strip() not in OPENERS:
            words[-1] = _with_text(words[-1], words[-1].text + waiting + piece.text)
            waiting = ""
        else:
            waiting += piece.text
    return _closed(words, waiting, duration_ms)


def require_room(tokens: Sequence[int], room: int) -> None:
    """Refuse a text that the model cannot take in at once.

    Raises:
        ValueError: it has more tokens than ``room``.
    """
    if len(tokens) > room:
        raise ValueError(f"the text has {len(tokens)} tokens, and the model aligns at most {room} at once")


def _closed(words: list[Word], waiting: str, duration_ms: int) -> tuple[Word, ...]:
    if waiting and words:
        words[-1] = _with_text(words[-1], words[-1].text + waiting)
    elif waiting:
        words = [Word(waiting, 0, duration_ms, 0.0)]
    return tuple(words)


def _with_text(word: Word, text: str) -> Word:
    return Word(text, word.start_ms, word.end_ms, word.probability)
