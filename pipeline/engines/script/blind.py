"""A script without any recognition: its sentences shared out over the speech, by length and by the pauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.engines.script.places import in_order
from pipeline.engines.script.reading import Script
from pipeline.engines.script.units import pieces_of, units_of
from pipeline.records import Span, Word

PROBABILITY = 0.2
"""How surely a word stands where it was put without anybody having listened; every cue is marked for it."""
_CLAUSE_ENDS = "，。？！；：、…,?!;:"
_SENTENCE_ENDS = "。？！；…?!;"
_PAUSE_WORTH = 2.0
"""Syllables' worth of error that ending at a pause makes up for."""


@dataclass(frozen=True, slots=True)
class _Clause:
    pieces: tuple[str, ...]
    syllables: tuple[int, ...]
    is_end: bool
    """A sentence or a paragraph ends with it."""


def share_out(script: Script, speech: Sequence[Span]) -> tuple[tuple[Word, ...], ...]:
    """Return the script's sentences as words on the stretches of speech, a line for each sentence.

    Clauses go to the stretches of speech one after another, so that each stretch holds as many syllables as its share
    of the time, and rather ends with a sentence than within one. Asides that are not meant to be spoken are left out.

    Args:
        script: of the lecture.
        speech: where somebody speaks; without any there are no words.
    """
    clauses = _clauses(script)
    if not clauses or not speech:
        return ()
    lines: list[list[Word]] = [[]]
    for span, (begin, end) in zip(speech, _divided(clauses, speech), strict=True):
        own = clauses[begin:end]
        total = sum(sum(clause.syllables) for clause in own)
        done = 0
        for clause in own:
            for piece, count in zip(clause.pieces, clause.syllables, strict=True):
                start = span.start_ms + span.duration_ms * done // total
                done += count
                stop = span.start_ms + span.duration_ms * done // total
                lines[-1].append(Word(piece, start, stop, PROBABILITY, is_from_script=True))
            if clause.is_end:
                lines.append([])
    return in_order([line for line in lines if line])


def spoken_text(script: Script) -> str:
    """Return a script's text without what is not meant to be spoken: directions and labels; headings stay."""
    kept, place = "", 0
    for aside in script.asides:
        if aside.kind != "heading":
            kept, place = kept + script.text[place : aside.start], aside.end
    return kept + script.text[place:]


def _clauses(script: Script) -> list[_Clause]:
    text = spoken_text(script)
    units = units_of(text)
    clauses, begin = [], 0
    pieces = pieces_of(text, units)
    for number, unit in enumerate(units):
        after = units[number + 1].start if number + 1 < len(units) else len(text)
        between = text[unit.end : after]
        if number + 1 == len(units) or "\n" in between or any(sign in _CLAUSE_ENDS for sign in between):
            is_end = "\n" in between or any(sign in _SENTENCE_ENDS for sign in between)
            own = slice(begin, number + 1)
            clauses.append(_Clause(pieces[own], tuple(len(each.syllables) for each in units[own]), is_end))
            begin = number + 1
    return clauses


def _divided(clauses: Sequence[_Clause], speech: Sequence[Span]) -> list[tuple[int, int]]:
    """Return which clauses each stretch of speech gets, from and to.

    The division with the least error is found over all of them: the error of a cut is how far the syllables before it
    are from the share of the time before it, less what it is worth that a sentence ends there.
    """
    done = np.concatenate(([0], np.cumsum([sum(clause.syllables) for clause in clauses]))).astype(float)
    time = np.cumsum([span.duration_ms for span in speech]).astype(float)
    wanted = time / time[-1] * done[-1]
    bonus = np.array([_PAUSE_WORTH, *(_PAUSE_WORTH if clause.is_end else 0.0 for clause in clauses)])
    best = np.where(np.arange(len(done)) == 0, 0.0, np.inf)
    came_from = []
    for number, want in enumerate(wanted):
        source = np.minimum.accumulate(best)
        places = np.maximum.accumulate(np.where(best <= source, np.arange(len(done)), 0))
        cost = np.abs(done - want) - bonus
        if number + 1 == len(wanted):
            cost = np.where(np.arange(len(done)) == len(done) - 1, 0.0, np.inf)
        came_from.append(places)
        best = source + cost
    cuts = [len(done) - 1]
    for places in reversed(came_from):
        cuts.append(int(places[cuts[-1]]))
    cuts.reverse()
    return list(pairwise(cuts))
