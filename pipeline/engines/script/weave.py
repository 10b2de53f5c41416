"""The words of a lecture with a script: the script's text where it is followed, else what was recognised."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.engines.script.heard import Heard
from pipeline.engines.script.matching import Matching
from pipeline.engines.script.passages import LEAST, Detour
from pipeline.engines.script.places import Tempo, Timed, in_order, place
from pipeline.engines.script.sounds import EQUAL, HALF, NEAR
from pipeline.engines.script.units import Unit, pieces_of
from pipeline.records import Word

_WORTH = {EQUAL: 1.0, NEAR: 0.8, HALF: 0.4}
_ROUND = 5
"""Syllables on either side that share in the confidence of one."""
_SLACK_MS = 200
"""Times of two kinds may disagree by this."""
_LINE_ENDS = "。？！；…?!;"
_CLAUSE_ENDS = _LINE_ENDS + "，：、,:"
_CLOSERS = "”’」』》）)] "

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Script syllables from, to, in which it is open whether the speaker followed."""

    start: int
    end: int
    followed: float
    """Probability that they did."""
    times: tuple[Timed, ...] = ()
    """Of each syllable, where the sound told them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the speech that shows the script's text, or (without ``pairs``) what was recognised."""

    said: tuple[int, int]
    heard: tuple[int, int]
    pairs: Pairs | None


class Weaver:
    """Puts the words of one lecture together."""

    def __init__(self, text: str, units: Sequence[Unit], heard: Heard, matching: Matching, tempo: Tempo) -> None:
        """Hold the script, the speech, how they match, and how fast and where somebody speaks."""
        self._text, self._units, self._pieces = text, units, pieces_of(text, units)
        self._heard, self._matching, self._tempo = heard, matching, tempo
        self._unit_of = [number for number, unit in enumerate(units) for _ in unit.syllables]
        self._is_first = [n == 0 for unit in units for n in range(len(unit.syllables))]

    def lines(self, detours: Sequence[Detour], doubts: Sequence[Doubt]) -> tuple[tuple[Word, ...], ...]:
        """Return the words in order of time, without overlap, a line for each sentence or passage.

        Args:
            detours: where the speaker left the script.
            doubts: where that is open.
        """
        lines: list[list[Word]] = []
        was_brief = False
        for part in self._parts(detours):
            own = self._speech_lines(part) if part.pairs is None else self._script_lines(part, doubts)
            # A word or two of the speaker's own stand within a sentence; longer passages stand by themselves.
            is_brief = part.pairs is None and part.heard[1] - part.heard[0] < LEAST
            if lines and not lines[-1] and own:
                lines.pop()
            elif lines and lines[-1] and own and (is_brief or was_brief):
                own = [[*lines.pop(), *own[0]], *own[1:]]
            lines, was_brief = [*lines, *own], is_brief
        return in_order([line for line in lines if line])

    def _parts(self, detours: Sequence[Detour]) -> list[_Part]:
        parts: list[_Part] = []
        said = heard = 0
        for detour in detours:
            a, b, c, d = detour.window
            parts.append(_Part((said, a), (heard, c), self._pairs_between(heard, c)))
            for passage in detour.passages:
                if passage.shows_script:
                    parts.append(_Part(passage.said, passage.heard, passage.pairs))
                elif passage.heard[0] < passage.heard[1]:
                    parts.append(_Part(passage.said, passage.heard, None))
            said, heard = b, d
        end = len(self._heard.sounds)
        parts.append(_Part((said, len(self._unit_of)), (heard, end), self._pairs_between(heard, end)))
        return parts

    def _pairs_between(self, begin: int, end: int) -> Pairs:
        return tuple(pair for pair in self._matching.pairs if begin <= pair[1] < end)

    def _script_lines(self, part: _Part, doubts: Sequence[Doubt]) -> list[list[Word]]:
        a, b = part.said
        sounds, pairs = self._heard.sounds, part.pairs or ()
        paired = {j for _i, j in pairs}
        known = {i: Timed(sounds[j].start_ms, sounds[j].end_ms) for i, j in pairs if a <= i < b}
        for doubt in doubts:
            if a <= doubt.start and doubt.end <= b and _fits(doubt, known):
                known.update(zip(range(doubt.start, doubt.end), doubt.times, strict=False))
        times = place(
            (a, b),
            known=known,
            loose=[Timed(sounds[j].start_ms, sounds[j].end_ms) for j in range(*part.heard) if j not in paired],
            room=self._room(part.heard),
            stops={n for n in range(a, b) if self._ends_clause(n)},
            tempo=self._tempo,
        )
        trust = self._trust(part)
        lines: list[list[Word]] = [[]]
        for first in (n for n in range(a, b) if self._is_first[n]):
            number = self._unit_of[first]
            syllables = range(first, min(b, first + len(self._units[number].syllables)))
            probability = min(trust[n] for n in syllables)
            probability *= min((d.followed for d in doubts if d.start <= first < d.end), default=1.0)
            start, end = times[first].start_ms, times[syllables[-1]].end_ms
            lines[-1].append(Word(self._pieces[number], start, end, round(probability, 4), is_from_script=True))
            if self._ends_line(number):
                lines.append([])
        return lines

    def _speech_lines(self, part: _Part) -> list[list[Word]]:
        numbers = sorted({sound.piece for sound in self._heard.sounds[slice(*part.heard)]})
        pieces = [self._heard.pieces[number] for number in numbers]
        shown = sorted({self._unit_of[n] for n in range(*part.said)})
        if len(shown) == len(pieces) < LEAST:
            pieces = [_marked_like(piece, self._pieces[number]) for piece, number in zip(pieces, shown, strict=True)]
        lines: list[list[Word]] = [[]]
        for piece in pieces:
            lines[-1].append(piece)
            if piece.text.rstrip(_CLOSERS)[-1:] in tuple(_LINE_ENDS):
                lines.append([])
        return lines

    def _room(self, heard: tuple[int, int]) -> Timed:
        """Return the time in which a part may lie: between the sounds before and after it."""
        sounds, whole = self._heard.sounds, self._tempo.whole
        begin = sounds[heard[0] - 1].end_ms if heard[0] else min(whole.start_ms, *(s.start_ms for s in sounds[:1]))
        end = (
            sounds[heard[1]].start_ms if heard[1] < len(sounds) else max(whole.end_ms, *(s.end_ms for s in sounds[-1:]))
        )
        return Timed(begin, max(begin, end))

    def _trust(self, part: _Part) -> dict[int, float]:
        """Return for each script syllable how much of what stands round it was heard as it stands there, 0 to 1."""
        a, b = part.said
        likeness = self._matching.likeness
        worth = [0.0] * (b - a)
        for i, j in part.pairs or ():
            if a <= i < b:
                worth[i - a] = _WORTH.get(int(likeness.classes[likeness.said[i], likeness.heard[j]]), 0.0)
        sums = [0.0]
        for each in worth:
            sums.append(sums[-1] + each)
        trust = {}
        for n in range(b - a):
            low, high = max(0, n - _ROUND), min(b - a, n + _ROUND + 1)
            trust[a + n] = (sums[high] - sums[low]) / (high - low)
        return trust

    def _ends_clause(self, syllable: int) -> bool:
        is_last = syllable + 1 == len(self._unit_of) or self._is_first[syllable + 1]
        return is_last and any(sign in _CLAUSE_ENDS for sign in self._pieces[self._unit_of[syllable]])

    def _ends_line(self, number: int) -> bool:
        if self._pieces[number].rstrip(_CLOSERS)[-1:] in tuple(_LINE_ENDS):
            return True
        after = self._units[number + 1].start if number + 1 < len(self._units) else len(self._text)
        return "\n" in self._text[self._units[number].end : after]


def _fits(doubt: Doubt, known: Mapping[int, Timed]) -> bool:
    """Tell whether the times that the sound told lie between those of the syllables round them."""
    if not doubt.times:
        return False
    before = max((time.end_ms for n, time in known.items() if n < doubt.start), default=0)
    after = min((time.start_ms for n, time in known.items() if n >= doubt.end), default=doubt.times[-1].end_ms)
    return before - _SLACK_MS <= doubt.times[0].start_ms and doubt.times[-1].end_ms <= after + _SLACK_MS


def _marked_like(piece: Word, model: str) -> Word:
    """Return a recognised word with the punctuation of the script's word in whose place it stands."""
    core = re.search(r"\w(?:.*\w)?", piece.text)
    return replace(piece, text=re.sub(r"\w(?:.*\w)?", lambda _found: core.group() if core else "", model, count=1))
