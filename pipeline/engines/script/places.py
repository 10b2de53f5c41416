"""When the script's syllables were said: at the sounds they were heard as, and in between by what time there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.engines.times import WORD_MIN_MS
from pipeline.records import Span, Word

_WIDE = 1.6
"""A gap this many times as long as its syllables need holds a pause as well."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A stretch of time, milliseconds."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast and where somebody speaks."""

    syllable_ms: float
    speech: tuple[Span, ...]
    """Ordered; empty when unknown."""

    @property
    def whole(self) -> Timed:
        """From the first speech to the end of the last."""
        return Timed(self.speech[0].start_ms, self.speech[-1].end_ms) if self.speech else Timed(0, 0)

    def spoken(self, room: Timed) -> list[Timed]:
        """Return the parts of a stretch in which somebody speaks."""
        if not self.speech:
            return [room]
        parts = (Timed(max(s.start_ms, room.start_ms), min(s.end_ms, room.end_ms)) for s in self.speech)
        return [part for part in parts if part.end_ms > part.start_ms]


def place(
    said: tuple[int, int],
    *,
    known: Mapping[int, Timed],
    loose: Sequence[Timed],
    room: Timed,
    stops: set[int],
    tempo: Tempo,
) -> dict[int, Timed]:
    """Return the time of every syllable of a stretch of script.

    Args:
        said: script syllables from, to.
        known: syllables that were heard, with their sounds' times.
        loose: sounds that belong to no syllable: noise, but somebody spoke then.
        room: the time in which the stretch lies.
        stops: syllables at which a clause ends; pauses are likely after them.
        tempo: how fast and where somebody speaks.
    """
    times = dict(known)
    begin, low = said[0], room.start_ms
    for n in (*sorted(known), said[1]):
        high = known[n].start_ms if n in known else room.end_ms
        if n > begin:
            gap = Timed(low, max(low, high))
            sounds = [sound for sound in loose if gap.start_ms <= sound.start_ms and sound.end_ms <= gap.end_ms]
            is_open = (begin == said[0], n == said[1])
            times.update(_shared(range(begin, n), gap, sounds, stops, tempo, is_open))
        if n in known:
            begin, low = n + 1, known[n].end_ms
    return times


def in_order(lines: Sequence[Sequence[Word]]) -> tuple[tuple[Word, ...], ...]:
    """Return lines of words that follow each other without overlap, each word at least 20 ms long."""
    ordered, clock = [], 0
    for line in lines:
        words = []
        for word in line:
            start = max(clock, word.start_ms)
            clock = max(start + WORD_MIN_MS, word.end_ms)
            words.append(replace(word, start_ms=start, end_ms=clock))
        ordered.append(tuple(words))
    return tuple(ordered)


def _shared(
    syllables: range, gap: Timed, sounds: Sequence[Timed], stops: set[int], tempo: Tempo, is_open: tuple[bool, bool]
) -> dict[int, Timed]:
    """Share a gap's time out among the syllables in it.

    What was heard there, if only as noise, tells when somebody spoke. Otherwise it is the speech in the gap; when that
    is far more than the syllables need, they go to the side that they belong to by the script's punctuation.
    """
    needed = len(syllables) * tempo.syllable_ms
    if len(sounds) * 2 >= len(syllables):
        return _spread(syllables, sounds)
    spoken = tempo.spoken(gap)
    total = sum(part.end_ms - part.start_ms for part in spoken)
    if total <= needed * _WIDE:
        return _spread(syllables, spoken or [gap])
    left = _belonging_left(syllables, stops, is_open)
    middle = syllables.start + left
    first = _cut(spoken, round(left * tempo.syllable_ms), is_left=True)
    second = _cut(spoken, round((len(syllables) - left) * tempo.syllable_ms), is_left=False)
    return {**_spread(range(syllables.start, middle), first), **_spread(range(middle, syllables.stop), second)}


def _belonging_left(syllables: range, stops: set[int], is_open: tuple[bool, bool]) -> int:
    """Return how many of a gap's syllables belong to what is before it: those up to the last stop."""
    if is_open[0] and not is_open[1]:
        return 0
    if is_open[1] and not is_open[0]:
        return len(syllables)
    last = max((n for n in syllables if n in stops), default=None)
    if last is not None:
        return last + 1 - syllables.start
    return 0 if syllables.start - 1 in stops else len(syllables)


def _cut(parts: Sequence[Timed], length_ms: int, *, is_left: bool) -> list[Timed]:
    """Return the first, or the last, ``length_ms`` of some stretches."""
    kept: list[Timed] = []
    for part in parts if is_left else reversed(parts):
        take = min(length_ms, part.end_ms - part.start_ms)
        if take > 0:
            kept.append(
                Timed(part.start_ms, part.start_ms + take) if is_left else Timed(part.end_ms - take, part.end_ms)
            )
        length_ms -= take
    return kept if is_left else kept[::-1]


def _spread(syllables: range, parts: Sequence[Timed]) -> dict[int, Timed]:
    """Put syllables evenly on stretches of time, one after the other."""
    if not syllables:
        return {}
    total = sum(part.end_ms - part.start_ms for part in parts)
    edges = [_along(parts, total * n / len(syllables)) for n in range(len(syllables))]
    end = parts[-1].end_ms if parts else 0
    ends = [*edges[1:], end]
    return {n: Timed(a, max(a, b)) for n, a, b in zip(syllables, edges, ends, strict=True)}


def _along(parts: Sequence[Timed], way_ms: float) -> int:
    for part in parts:
        length = part.end_ms - part.start_ms
        if way_ms < length or part is parts[-1]:
            return part.start_ms + round(min(way_ms, length))
        way_ms -= length
    return 0
