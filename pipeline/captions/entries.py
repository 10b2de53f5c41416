"""What a subtitle file holds, entry by entry, so that none is lost: each is a cue or is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.captions.decoding import BROKEN
from pipeline.captions.screen import on_screen
from pipeline.records import Cue
from pipeline.texts import N_, Message

NAMED_MAX = 20
"""Problems of one kind that are named one by one; the rest are counted."""
_QUOTED_MAX = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue of a subtitle file as it stands there."""

    number: int
    """Its place in the file, counted from 1."""
    raw: str
    """Its lines, for naming it."""
    cue: Cue | None
    """``None`` when its times or its text cannot be read."""


def as_cue(start_ms: int, end_ms: int, text: str) -> Cue:
    """Return a person's cue: lines as they were written, on-screen punctuation by the layout's table."""
    return Cue(start_ms, end_ms, text, "\n".join(on_screen(line) for line in text.split("\n")), None)


def problems_of(entries: Sequence[Entry], encoding: str) -> tuple[Message, ...]:
    """Return what is wrong with a subtitle file, each entry by its number in the file and the beginning of its text."""
    cannot = N_("Cue {number} cannot be read: {text}")
    damaged = N_("Cue {number} holds bytes that are no text: {text}")
    ends = N_("Cue {number} ends before it begins: {text}")
    order = N_("Cue {number} begins before the one above it: {text}")
    overlap = N_("Cue {number} begins before the one above it has ended: {text}")
    read = [(entry, entry.cue) for entry in entries if entry.cue is not None]
    pairs = [(b, cue_a, cue_b) for (_a, cue_a), (b, cue_b) in pairwise(read)]
    kinds = (
        (cannot, [entry for entry in entries if entry.cue is None]),
        (damaged, [entry for entry, cue in read if BROKEN in cue.text]),
        (ends, [entry for entry, cue in read if cue.end_ms <= cue.start_ms]),
        (order, [entry for entry, above, cue in pairs if cue.start_ms < above.start_ms]),
        (overlap, [entry for entry, above, cue in pairs if above.start_ms <= cue.start_ms < above.end_ms]),
    )
    return (
        *_encoding_problem(encoding),
        *(message for text, named in kinds for message in bounded(Message(text, quoted(entry)) for entry in named)),
    )


def quoted(entry: Entry) -> dict[str, str]:
    """Return an entry's number and the beginning of its text, as the values of a message."""
    text = " ".join((entry.cue.text if entry.cue else entry.raw).split())
    return {
        "number": str(entry.number),
        "text": text if len(text) <= _QUOTED_MAX else f"{text[: _QUOTED_MAX - 1]}…",
    }


def bounded(messages: Iterable[Message]) -> list[Message]:
    """Return the messages, the last of very many as a count."""
    named = list(messages)
    more = len(named) - NAMED_MAX
    if more <= 0:
        return named
    rest = Message(N_("… and {count} more like this."), {"count": str(more)})
    return [*named[:NAMED_MAX], rest]


def _encoding_problem(encoding: str) -> list[Message]:
    if encoding == "utf-8":
        return []
    return [Message(N_("The file is in {encoding}, not in UTF-8."), {"encoding": encoding.upper()})]
