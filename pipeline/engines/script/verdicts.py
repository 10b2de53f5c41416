"""Whether a departure in the trellis is one of the speaker or one of the recogniser.

A weak recogniser loses its way for half a sentence and writes something else. Three things tell that from a speaker who
says something else: how sure the recogniser was, whether the time fits what the script has or what was heard, and how
often either happens in this lecture. What they leave open, the sound itself has to decide (``acoustics``).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import exp, hypot, log
from operator import itemgetter
from statistics import fmean, median

from pipeline.engines.script.anchors import Window
from pipeline.engines.script.heard import Sound
from pipeline.engines.script.matching import Matching
from pipeline.records import Span

_ROUNDS = 6
_FIRST_RATE = 1 / 1000
"""Of either, at a syllable, before anything is known."""
_USUAL_LEFT, _USUAL_LOST = 15.0, 4.0
"""Syllables that a speaker's departure and a recogniser's lapse usually last; each lecture shows its own."""
_CASES = 10
"""How many cases those usual lengths stand for, so that one long departure does not make all long ones usual."""
_CONTEXT = 6
"""Syllables on either side whose time is measured too: single syllables' times are rough."""
_LUCKY_SHARE = 0.15
"""Share of a lost recogniser's syllables that are right all the same."""
_CLEAR_NATS = 0.5
"""Evidence before and after, one way and the other, that divides a departure in two; each is judged by itself."""
_SKIP_NATS = 2.0
"""By how much a skipped sentence beside a lapse must fit the time better than either alone."""
PAUSE_MS = 250
_TIME_FLOOR = -10.0
_TEMPO_SPREAD = 0.25
"""Standard deviation of the speed of a short passage against the whole lecture's, as a share."""
_DEPENDENCE = 0.5
"""Neighbouring syllables are recognised well or badly together: each counts only so much as evidence."""


class Speech:
    """Where somebody speaks; everywhere, when nothing is known."""

    def __init__(self, spans: Sequence[Span]) -> None:
        """Take the stretches of speech, in order."""
        self._starts = [span.start_ms for span in spans]
        self._ends = [span.end_ms for span in spans]
        self._before = [0, *accumulate(span.duration_ms for span in spans)]
        self.start_ms = self._starts[0] if spans else 0
        self.end_ms = self._ends[-1] if spans else 0

    def within(self, start_ms: int, end_ms: int) -> int:
        """Return how long somebody speaks within a stretch of time, milliseconds."""
        if not self._starts:
            return max(0, end_ms - start_ms)
        return max(0, self._upto(end_ms) - self._upto(start_ms))

    def _upto(self, time_ms: int) -> int:
        number = bisect_right(self._starts, time_ms)
        return self._before[number] - (max(0, self._ends[number - 1] - time_ms) if number else 0)


@dataclass(frozen=True, slots=True)
class Clock:
    """How fast this speaker speaks."""

    syllable_ms: float
    """Median time of a syllable within speech."""
    spread_ms: float
    """How far recognised times stray over a dozen syllables."""
    speech: Speech


@dataclass(frozen=True, slots=True)
class _Habit:
    """How often something happens at a syllable, and how many syllables it then lasts."""

    rate: float
    length: float

    @classmethod
    def of(cls, lengths: Sequence[int], shares: Sequence[float], said: int, *, usual_length: float) -> "_Habit":
        count = sum(shares)
        total = sum(length * share for length, share in zip(lengths, shares, strict=True))
        return cls((count + said * _FIRST_RATE) / (2 * said), (total + _CASES * usual_length) / (count + _CASES))

    def log_likelihood(self, length: int) -> float:
        return log(self.rate) - log(self.length) - length / self.length


@dataclass(frozen=True, slots=True)
class Verdict:
    """A departure with the probability that the speaker made it."""

    window: Window
    departed: float


def judge(matching: Matching, sounds: Sequence[Sound], clock: Clock) -> tuple[Verdict, ...]:
    """Return a verdict on each departure of a matching.

    How often the recogniser gets lost, and how often the speaker leaves the script, is learnt from the departures
    themselves in a few rounds.
    """
    if not matching.departures:
        return ()
    usual = _usual(matching, sounds)
    odds = [_odds(matching, window, sounds, clock, usual) for window in matching.departures]
    lengths = [max(b - a, d - c) for a, b, c, d in matching.departures]
    said = max(1, len(matching.likeness.said))
    departed = [0.5] * len(odds)
    for _round in range(_ROUNDS):
        left = _Habit.of(lengths, departed, said, usual_length=_USUAL_LEFT)
        lost = _Habit.of(lengths, [1 - share for share in departed], said, usual_length=_USUAL_LOST)
        departed = [
            _logistic(each + left.log_likelihood(length) - lost.log_likelihood(length))
            for each, length in zip(odds, lengths, strict=True)
        ]
    return tuple(Verdict(window, share) for window, share in zip(matching.departures, departed, strict=True))


def divide(matching: Matching, sounds: Sequence[Sound], clock: Clock, starts: Collection[int]) -> Matching:
    """Return a matching in which a departure of the speaker and a lapse of the recogniser beside it are two.

    They are divided where a sentence of the script begins and the speech pauses, when the evidence points one way
    before and the other way after.

    Args:
        matching: of script and speech.
        sounds: the recognised syllables.
        clock: how fast and where somebody speaks.
        starts: script syllables with which sentences begin.
    """
    usual = _usual(matching, sounds)
    windows: list[Window] = []
    for window in matching.departures:
        best: tuple[float, tuple[Window, ...]] = (_CLEAR_NATS, (window,))
        for parts in _divisions(window, sounds, starts):
            before, after = (_odds(matching, part, sounds, clock, usual) for part in parts)
            if before * after < 0:
                best = max(best, (min(abs(before), abs(after)), parts))
        windows += best[1] if len(best[1]) > 1 else _without_skip(matching, window, sounds, clock, usual, starts)
    return replace(matching, departures=tuple(windows))


def _without_skip(
    matching: Matching, window: Window, sounds: Sequence[Sound], clock: Clock, usual: float, starts: Collection[int]
) -> tuple[Window, ...]:
    """Return a window in two, a lapse and sentences that were skipped before or after it, where that fits the time."""
    a, b, c, d = window
    if a == b or c == d:
        return (window,)
    spoken_ms = _time_of(matching, window, sounds, clock)
    sure = _sureness(sounds[c:d], matching.noise.error_rate, usual)
    syllable_ms = clock.syllable_ms
    whole = max(_fit(spoken_ms, (b - a) * syllable_ms, clock), _fit(spoken_ms, (d - c) * syllable_ms, clock) + sure)
    best: tuple[float, tuple[Window, ...]] = (whole + _SKIP_NATS, (window,))
    for n in range(a + 1, b):
        if n in starts:
            best = max(
                best,
                (_fit(spoken_ms, (n - a) * syllable_ms, clock), ((a, n, c, d), (n, b, d, d))),
                (_fit(spoken_ms, (b - n) * syllable_ms, clock), ((a, n, c, c), (n, b, c, d))),
            )
    return best[1]


def _divisions(window: Window, sounds: Sequence[Sound], starts: Collection[int]) -> list[tuple[Window, ...]]:
    a, b, c, d = window
    pauses = [j for j in range(c + 1, d) if sounds[j].start_ms - sounds[j - 1].end_ms >= PAUSE_MS]
    inside = [n for n in range(a + 1, b) if n in starts]
    return [((a, i, c, j), (i, b, j, d)) for i in inside for j in pauses]


def measure_clock(matching: Matching, sounds: Sequence[Sound], speech: Sequence[Span]) -> Clock:
    """Return the speaker's speed where the speech follows the script."""
    step = 2 * _CONTEXT
    spoken = Speech(speech)
    times = []
    for (i, j), (k, m) in zip(matching.pairs, matching.pairs[step:], strict=False):
        if k - i <= step + 2 and m > j:
            times.append(spoken.within(sounds[j].start_ms, sounds[m].start_ms) / (k - i))
    if not times:
        return Clock(250.0, 500.0, spoken)
    middle = median(times)
    spread = 1.5 * median(abs(time - middle) for time in times) * step
    return Clock(middle, max(150.0, spread), spoken)


def _odds(
    matching: Matching,
    window: Window,
    sounds: Sequence[Sound],
    clock: Clock,
    usual: float,
) -> float:
    """Return the log odds that the speaker, rather than the recogniser, left the script, before their rates."""
    a, b, c, d = window
    spoken_ms = _time_of(matching, window, sounds, clock)
    followed = _fit(spoken_ms, (b - a) * clock.syllable_ms, clock)
    departed = _fit(spoken_ms, (d - c) / (1 - matching.noise.lost) * clock.syllable_ms, clock)
    return departed - followed + _sureness(sounds[c:d], matching.noise.error_rate, usual)


def _usual(matching: Matching, sounds: Sequence[Sound]) -> float:
    """Return how sure the recogniser is where the speech follows the script."""
    mean = fmean(sounds[j].probability for _i, j in matching.pairs) if matching.pairs else 0.5
    return min(0.95, max(0.3, mean))


def _sureness(heard: Sequence[Sound], error_rate: float, usual: float) -> float:
    """Return the log odds that what was heard was said, from the recogniser's own probabilities."""
    error = max(0.02, error_rate)
    total = 0.0
    for sound in heard:
        sure = min(0.98, max(0.02, sound.probability))
        ratio = sure / (1 - sure) * (1 - usual) / usual
        total += log(((1 - error) * ratio + error) / (_LUCKY_SHARE * ratio + 1 - _LUCKY_SHARE))
    return _DEPENDENCE * total


def _time_of(matching: Matching, window: Window, sounds: Sequence[Sound], clock: Clock) -> float:
    """Return the time in which somebody spoke inside a departure, its neighbourhood's own time taken away."""
    _a, _b, c, d = window
    upto = bisect_left(matching.pairs, c, key=itemgetter(1))
    beyond = bisect_left(matching.pairs, d, key=itemgetter(1))
    before = matching.pairs[max(0, upto - _CONTEXT) : upto]
    after = matching.pairs[beyond : beyond + _CONTEXT]
    start = sounds[before[0][1]].start_ms if before else min(clock.speech.start_ms, sounds[0].start_ms)
    end = sounds[after[-1][1]].end_ms if after else max(clock.speech.end_ms, sounds[-1].end_ms)
    around = (window[0] - before[0][0] if before else 0) + (after[-1][0] + 1 - window[1] if after else 0)
    skipped = [w for w in matching.departures if w[2] == w[3] and w != window]
    low, high = (before[0][0] if before else window[0]), (after[-1][0] if after else window[1])
    around -= sum(w[1] - w[0] for w in skipped if low <= w[0] and w[1] <= high and not _overlap(w, window))
    return clock.speech.within(start, end) - around * clock.syllable_ms


def _fit(spoken_ms: float, needed_ms: float, clock: Clock) -> float:
    spread = hypot(clock.spread_ms, _TEMPO_SPREAD * needed_ms)
    return max(_TIME_FLOOR, -(((spoken_ms - needed_ms) / spread) ** 2) / 2)


def _overlap(one: Window, other: Window) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(50.0, odds))))
