"""The recognised words as sounds on the lecture's clock, one for each syllable."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engines.script.units import Unit, pieces_of, units_of
from pipeline.records import Word


@dataclass(frozen=True, slots=True)
class Sound:
    """One recognised syllable."""

    syllable: str
    start_ms: int
    end_ms: int
    probability: float
    piece: int
    """Number of the piece of text that it belongs to."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised, cut as finely as it can be put at a time."""

    pieces: tuple[Word, ...]
    """One for each character, number or foreign word, with its marks."""
    sounds: tuple[Sound, ...]


def hear(words: Sequence[Word]) -> Heard:
    """Return recognised words as pieces and sounds; a word's time is shared out among its syllables."""
    text = "".join(word.text for word in words)
    owners = [number for number, word in enumerate(words) for _ in word.text]
    units = units_of(text)
    clocks = _clocks(words, units, owners)
    pieces, sounds = [], []
    for number, (unit, piece, times) in enumerate(zip(units, pieces_of(text, units), clocks, strict=True)):
        probability = words[owners[unit.start]].probability
        pieces.append(Word(piece, times[0], times[-1], probability))
        sounds += [
            Sound(syllable, times[n], times[n + 1], probability, number) for n, syllable in enumerate(unit.syllables)
        ]
    return Heard(tuple(pieces), tuple(sounds))


def _clocks(words: Sequence[Word], units: Sequence[Unit], owners: Sequence[int]) -> list[list[int]]:
    """Return for every unit the times at which its syllables begin, and the time at which the last one ends."""
    shares = [0] * len(words)
    for unit in units:
        shares[owners[unit.start]] += len(unit.syllables)
    done = [0] * len(words)
    clocks = []
    for unit in units:
        first, last = owners[unit.start], owners[unit.end - 1]
        word = words[first]
        length = word.end_ms - word.start_ms
        times = [word.start_ms + length * (done[first] + n) // shares[first] for n in range(len(unit.syllables) + 1)]
        done[first] += len(unit.syllables)
        if last != first:
            end = words[last].end_ms
            times = [times[0] + (end - times[0]) * n // len(unit.syllables) for n in range(len(unit.syllables) + 1)]
        clocks.append(times)
    return clocks
