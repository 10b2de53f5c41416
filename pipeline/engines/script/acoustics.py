"""What the sound itself says where the recognised text leaves open who erred, the speaker or the recogniser.

Three texts are put on the same sound: the script's, the recognised one, and one that nobody said there. Where the
script's is far likelier than the last, the speaker followed it, whatever the recogniser wrote.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, log
from statistics import fmean

from pipeline.engines.base import Samples
from pipeline.engines.script.heard import hear
from pipeline.engines.script.places import Timed
from pipeline.engines.script.units import units_of
from pipeline.records import Span, Word

_PADDING_MS = 150
_TEXT_MAX = 120
"""Characters of a text that any model takes in at once."""
_LEAST_PROBABILITY = 1e-6
_APART = 0.4
"""Mean log probabilities of texts that are nearer than this say nothing."""
_STEEPNESS, _WEIGHT_MAX = 8.0, 4.0

Align = Callable[[Samples, str], tuple[Word, ...]]
"""Puts a text on the sound of one clip; times from the clip's start."""


@dataclass(frozen=True, slots=True)
class Question:
    """A departure with what stands on either side of it."""

    before: str
    script: str
    spoken: str
    control: str
    """As long, from another place of the script."""
    after: str
    span: Span
    departed: float
    """Probability that the speaker left the script, as far as the recognised text tells."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sound made of it."""

    departed: float
    times: tuple[Timed, ...] = ()
    """Of the script's syllables there; empty when they could not be told."""


class Judge:
    """Asks the sound of one lecture."""

    def __init__(self, align: Align, read: Callable[[Span], Samples], longest_ms: int) -> None:
        """Take what puts texts on sounds, what reads a stretch of the recording, and how long one may be."""
        self._align, self._read, self._longest_ms = align, read, longest_ms

    def ask(self, question: Question) -> Answer:
        """Return the answer, or the question's own probability where the sound cannot be asked."""
        clip = Span(max(0, question.span.start_ms - _PADDING_MS), question.span.end_ms + _PADDING_MS)
        texts = [
            question.before + middle + question.after for middle in (question.script, question.spoken, question.control)
        ]
        if clip.duration_ms > self._longest_ms or max(map(len, texts)) > _TEXT_MAX or not all(texts):
            return Answer(question.departed)
        samples = self._read(clip)
        try:
            script, spoken, control = (self._align(samples, text) for text in texts)
        except ValueError:
            return Answer(question.departed)
        weight = weigh(_likelihood(script), _likelihood(spoken), _likelihood(control))
        odds = log(max(1e-9, question.departed)) - log(max(1e-9, 1 - question.departed)) + weight
        return Answer(1 / (1 + exp(-odds)), _times(script, question, clip))


def weigh(script: float, spoken: float, control: float) -> float:
    """Return the log odds that the script was not followed.

    Args:
        script: mean log probability of the script's text on the sound.
        spoken: of the recognised text.
        control: of a text that nobody said there.
    """
    room = max(script, spoken) - control
    if room < _APART:
        return 0.0
    share = (script - control) / room
    return min(_WEIGHT_MAX, max(-_WEIGHT_MAX, _STEEPNESS * (0.5 - share)))


def _likelihood(words: tuple[Word, ...]) -> float:
    return fmean(log(max(_LEAST_PROBABILITY, word.probability)) for word in words) if words else log(_LEAST_PROBABILITY)


def _times(words: tuple[Word, ...], question: Question, clip: Span) -> tuple[Timed, ...]:
    """Return the times of the script's syllables on the lecture's clock."""
    sounds = hear([replace(w, start_ms=w.start_ms + clip.start_ms, end_ms=w.end_ms + clip.start_ms) for w in words])
    first = _syllables(question.before)
    count = _syllables(question.script)
    if len(sounds.sounds) != first + count + _syllables(question.after):
        return ()
    return tuple(Timed(sound.start_ms, sound.end_ms) for sound in sounds.sounds[first : first + count])


def _syllables(text: str) -> int:
    return sum(len(unit.syllables) for unit in units_of(text))
