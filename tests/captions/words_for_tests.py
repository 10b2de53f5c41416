"""Words as an engine would give them, from a text: five characters a second, pauses after marks."""

from pipeline.records import Word

PAUSES_MS = {"，": 250, "。": 700, "？": 700, "！": 700, "、": 120, "；": 400, "：": 300}
OPENERS = "《“（"


def words_of(text: str, begin_ms: int = 400, char_ms: int = 200, *, marks: bool = True) -> list[Word]:
    """Return one word a character, marks attached to the word before, openers to the word after."""
    words: list[Word] = []
    clock, opened = begin_ms, ""
    for sign in text:
        if sign in OPENERS:
            opened += sign
        elif sign.isalnum():
            words.append(Word(opened + sign, clock, clock + char_ms, 0.9))
            clock, opened = clock + char_ms, ""
        else:
            clock += PAUSES_MS.get(sign, 0)
            if words and (marks or sign not in PAUSES_MS):
                last = words.pop()
                words.append(Word(last.text + sign, last.start_ms, last.end_ms, last.probability))
    return words
