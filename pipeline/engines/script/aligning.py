"""A script put on a speech: words with the script's text and the speech's time, and where the two differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.engines.script.acoustics import Answer, Question
from pipeline.engines.script.anchors import Window
from pipeline.engines.script.edges import CLAUSE_NATS, SENTENCE_NATS, settle
from pipeline.engines.script.heard import Heard, Sound, hear
from pipeline.engines.script.matching import Matching, equal_pairs, match
from pipeline.engines.script.passages import LEAST, Detour, Passage, find_detours, is_speakers
from pipeline.engines.script.places import Tempo
from pipeline.engines.script.reading import Aside, Script
from pipeline.engines.script.slips import find_slips
from pipeline.engines.script.sounds import NEAR
from pipeline.engines.script.units import Unit, units_of
from pipeline.engines.script.verdicts import Verdict, divide, judge, measure_clock
from pipeline.engines.script.weave import Doubt, Weaver
from pipeline.errors import ForeignScriptError
from pipeline.records import Deviation, ScriptMatch, Span, Word

FOREIGN_SHARE = 0.15
"""Below this share of equal syllables, in the script and in the speech, the script is another lecture's: two lectures
share a few hundredths, and a recogniser that errs in every second syllable still meets half of the right script."""
_SETTLED = 0.02
"""A probability this near to 0 or 1 needs no further evidence."""
_LOST_MIN = 6
"""Script syllables of which the recogniser lost most, so that the sound is asked when they were said."""
_CONTEXT = 8
"""Syllables on either side that are given to the sound with a question."""
_QUESTIONS_MAX = 40
"""Bounds the time that a poor recogniser's many lapses would take."""
_ASIDE_HEARD = 0.5
"""Share of an aside's syllables that must be heard for it to count as spoken."""


Ask = Callable[[Question], Answer]


@dataclass(frozen=True, slots=True)
class Alignment:
    """A script put on a speech."""

    lines: tuple[tuple[Word, ...], ...]
    """A sentence of the script, or a passage of the speaker's own, each; in order of time."""
    match: ScriptMatch
    unspoken: tuple[Aside, ...]
    """Stage directions, labels and headings that were not spoken and are not shown."""


def align_script(script: Script, words: Sequence[Word], speech: Sequence[Span], ask: Ask | None = None) -> Alignment:
    """Return a script put on the recognised words of its lecture.

    Args:
        script: of the lecture.
        words: everything that was recognised, in order of time.
        speech: where somebody speaks.
        ask: asks the sound where the recognised text leaves it open who erred.

    Raises:
        ForeignScriptError: the speech follows next to nothing of the script.
    """
    heard = hear(words)
    text = _Text(script.text)
    matching = _matched(text, heard)
    _require_own(script, matching, heard)
    unspoken = _unspoken(script.asides, text, matching)
    if unspoken:
        text = _Text(_without(script.text, unspoken))
        matching = _matched(text, heard)
    clock = measure_clock(matching, heard.sounds, speech)
    sentences = {n for n, worth in text.boundaries.items() if worth == SENTENCE_NATS}
    matching = divide(matching, heard.sounds, clock, sentences)
    verdicts = judge(matching, heard.sounds, clock)
    answers = _asked(verdicts, matching, text, heard, ask) if ask is not None else {}
    verdicts = tuple(replace(v, departed=answers[v.window].departed) if v.window in answers else v for v in verdicts)
    own = [verdict for verdict in verdicts if is_speakers(verdict)]
    matching, windows = settle(matching, [verdict.window for verdict in own], heard.sounds, text.boundaries)
    own = [replace(verdict, window=window) for verdict, window in zip(own, windows, strict=True)]
    slips = find_slips(matching, heard.sounds, text.unit_of, verdicts)
    own = sorted([*own, *slips], key=lambda verdict: (verdict.window[2], verdict.window[0]))
    detours = find_detours(matching, heard.sounds, own)
    doubts = [
        Doubt(v.window[0], v.window[1], 1 - v.departed, answers[v.window].times if v.window in answers else ())
        for v in verdicts
        if not is_speakers(v)
    ]
    tempo = Tempo(clock.syllable_ms, tuple(speech))
    lines = Weaver(text.text, text.units, heard, matching, tempo).lines(detours, doubts)
    deviations = [_deviation(passage, text, heard) for detour in detours for passage in detour.passages]
    found = ScriptMatch(
        path=script.path,
        sha256=script.sha256,
        encoding=script.encoding,
        characters=script.characters,
        followed=round(_followed(text, detours), 4),
        deviations=tuple(sorted(deviations, key=lambda deviation: deviation.span)),
    )
    return Alignment(lines, found, unspoken)


class _Text:
    """A script's text with its units and syllables."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.units: tuple[Unit, ...] = units_of(text)
        self.syllables = [syllable for unit in self.units for syllable in unit.syllables]
        self._owner = [unit for unit in self.units for _ in unit.syllables]
        self.unit_of = [number for number, unit in enumerate(self.units) for _ in unit.syllables]
        self.boundaries = self._boundaries()

    def between(self, start: int, end: int) -> str:
        """Return the text of the syllables from ``start`` to ``end``, with the marks inside and after it."""
        if end <= start:
            return ""
        stop = self._owner[end].start if end < len(self._owner) else len(self.text)
        return " ".join(self.text[self._owner[start].start : stop].split()).rstrip("《〈“‘（「『【〔([")

    def _boundaries(self) -> dict[int, float]:
        """Return the syllables with which sentences and clauses begin, with what that is worth at an edge."""
        worth = {0: SENTENCE_NATS, len(self._owner): SENTENCE_NATS}
        for n in range(1, len(self._owner)):
            between = self.text[self._owner[n - 1].end : self._owner[n].start]
            if any(sign in "。？！；…?!;\n" for sign in between):
                worth[n] = SENTENCE_NATS
            elif any(sign in "，、：,:" for sign in between):
                worth[n] = CLAUSE_NATS
        return worth

    def syllables_in(self, start: int, end: int) -> list[int]:
        """Return the syllables of the characters from ``start`` to ``end``."""
        return [n for n, unit in enumerate(self._owner) if start <= unit.start < end]


def _matched(text: _Text, heard: Heard) -> Matching:
    return match(text.syllables, [sound.syllable for sound in heard.sounds])


def _require_own(script: Script, matching: Matching, heard: Heard) -> None:
    equal = equal_pairs(matching)
    share = equal / max(1, len(heard.sounds))
    if max(share, equal / max(1, len(matching.likeness.said))) < FOREIGN_SHARE:
        raise ForeignScriptError(script.path, share=f"{share:.0%}")


def _unspoken(asides: Sequence[Aside], text: _Text, matching: Matching) -> tuple[Aside, ...]:
    """Return the asides that were not heard."""
    likeness = matching.likeness
    heard = {i for i, j in matching.pairs if likeness.classes[likeness.said[i], likeness.heard[j]] <= NEAR}
    silent = []
    for aside in asides:
        syllables = text.syllables_in(aside.start, aside.end)
        if sum(n in heard for n in syllables) < _ASIDE_HEARD * len(syllables) or not syllables:
            silent.append(aside)
    return tuple(silent)


def _without(text: str, asides: Sequence[Aside]) -> str:
    kept, place = "", 0
    for aside in asides:
        kept += text[place : aside.start]
        place = aside.end
    return "\n".join(line for line in (kept + text[place:]).split("\n") if line.strip())


def _asked(
    verdicts: Sequence[Verdict], matching: Matching, text: _Text, heard: Heard, ask: Ask
) -> dict[Window, Answer]:
    """Return what the sound says about the departures that are worth asking about, the most open ones first."""
    worth = sorted((v for v in verdicts if _is_open(v)), key=lambda verdict: abs(verdict.departed - 0.5))
    return {v.window: ask(_question(v, matching, text, heard)) for v in worth[:_QUESTIONS_MAX]}


def _is_open(verdict: Verdict) -> bool:
    a, b, c, d = verdict.window
    is_open = _SETTLED < verdict.departed < 1 - _SETTLED and max(b - a, d - c) >= LEAST
    return is_open or (verdict.departed <= _SETTLED and b - a >= _LOST_MIN and 2 * (d - c) < b - a)


def _question(verdict: Verdict, matching: Matching, text: _Text, heard: Heard) -> Question:
    a, b, c, d = verdict.window
    sounds = heard.sounds
    before = [pair for pair in matching.pairs if pair[1] < c and pair[0] < a][-_CONTEXT:]
    after = [pair for pair in matching.pairs if pair[1] >= d and pair[0] >= b][:_CONTEXT]
    i, j = before[0] if before else (a, c)
    k, m = after[-1] if after else (b - 1, d - 1)
    length = max(b - a, d - c)
    # Halfway round the script is far from here, and the same in every run.
    other = (a + len(text.syllables) // 2) % max(1, len(text.syllables) - length)
    return Question(
        before=text.between(i, a),
        script=text.between(a, b),
        spoken=_spoken(heard, c, d),
        control=text.between(other, other + length),
        after=text.between(b, k + 1),
        span=_span(sounds, j, m + 1),
        departed=verdict.departed,
    )


def _deviation(passage: Passage, text: _Text, heard: Heard) -> Deviation:
    script = "" if passage.kind == "added" else text.between(*passage.said)
    spoken = _spoken(heard, *passage.heard)
    return Deviation(passage.kind, _span(heard.sounds, *passage.heard), script, spoken, passage.confidence)


def _spoken(heard: Heard, start: int, end: int) -> str:
    numbers = sorted({sound.piece for sound in heard.sounds[start:end]})
    return "".join(heard.pieces[number].text for number in numbers).strip()


def _span(sounds: Sequence[Sound], start: int, end: int) -> Span:
    """Return the time of some sounds; for none, the moment between their neighbours."""
    if end > start:
        return Span(sounds[start].start_ms, sounds[end - 1].end_ms)
    moment = sounds[start].start_ms if start < len(sounds) else (sounds[-1].end_ms if sounds else 0)
    return Span(moment, moment)


def _followed(text: _Text, detours: Sequence[Detour]) -> float:
    """Return the share of the script's syllables that were said, at their place or at another."""
    missing = sum(
        passage.said[1] - passage.said[0]
        for detour in detours
        for passage in detour.passages
        if passage.kind in {"skipped", "changed"}
    )
    return 1 - missing / max(1, len(text.syllables))
