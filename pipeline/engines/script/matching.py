"""Script against speech, syllable by syllable: what belongs together, and where the speech departs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from pipeline.engines.script.anchors import Window, find_anchors, windows_between
from pipeline.engines.script.sounds import EQUAL, FIRST_GUESS, Floats, Likeness, Noise, noise_of
from pipeline.engines.script.trellis import Costs, Way, find_way

DEPARTURE = log(1 / 400)
"""Log probability that a speaker leaves the script at a given syllable; a few times in a lecture."""
_CELLS_MAX = 40_000_000
"""A window larger than this (a script of another lecture, or hours of it) is not searched."""
_CHANCE_MEETING = 2


@dataclass(frozen=True, slots=True)
class Matching:
    """What of a script and a speech belongs together; places count syllables."""

    pairs: tuple[tuple[int, int], ...]
    """Script syllable, heard syllable; both rising."""
    departures: tuple[Window, ...]
    """Left in the script from, to; said instead from, to; ordered. What lies in none of them follows the script."""
    noise: Noise
    likeness: Likeness
    scores: Floats
    """Log odds of every two numbered syllables under ``noise``."""

    @property
    def costs(self) -> Costs:
        """The trellis's costs under the noise that was found."""
        return costs_of(self.noise)


def costs_of(noise: Noise) -> Costs:
    """Return the trellis's costs under a noise."""
    return Costs(log(noise.lost), log(noise.invented), DEPARTURE)


def match(said: Sequence[str], heard: Sequence[str]) -> Matching:
    """Return how a speech follows a script.

    Anchors are found first, then the windows between them are solved, twice: the first time with an assumed noise, the
    second with the noise that the first showed.

    Args:
        said: syllables of the script.
        heard: recognised syllables.
    """
    likeness = Likeness(said, heard)
    anchors = find_anchors(likeness)
    first = _matched(likeness, anchors, FIRST_GUESS)
    return _matched(likeness, anchors, measure_noise(first, len(said), len(heard)))


def measure_noise(matching: Matching, said: int, heard: int) -> Noise:
    """Return how the recogniser errs where the speech follows the script."""
    likeness = matching.likeness
    counts = [0.0, 0.0, 0.0, 0.0]
    for i, j in matching.pairs:
        counts[likeness.classes[likeness.said[i], likeness.heard[j]]] += 1
    left = sum(b - a for a, b, _c, _d in matching.departures)
    added = sum(d - c for _a, _b, c, d in matching.departures)
    paired = len(matching.pairs)
    return noise_of(counts, max(0, said - left - paired), max(0, heard - added - paired))


def search(matching: Matching, said: tuple[int, int], heard: tuple[int, int]) -> Way:
    """Return the likeliest meeting of a stretch of the script and one of the speech that stand in no known order."""
    scores = _window_scores(matching.likeness, matching.scores, (*said, *heard))
    if scores.size > _CELLS_MAX or not scores.size:
        return Way(0.0, (), ())
    way = find_way(scores, matching.costs, is_inside=False)
    pairs = tuple((i + said[0], j + heard[0]) for i, j in way.pairs)
    left = tuple((a + said[0], b + said[0], c + heard[0], d + heard[0]) for a, b, c, d in way.departures)
    return Way(way.score, pairs, left)


def equal_pairs(matching: Matching) -> int:
    """Return how many syllables were heard as the script has them."""
    likeness = matching.likeness
    kinds = (likeness.classes[likeness.said[i], likeness.heard[j]] for i, j in matching.pairs)
    return sum(kind == EQUAL for kind in kinds)


def _matched(likeness: Likeness, anchors: tuple[Window, ...], noise: Noise) -> Matching:
    scores, costs = likeness.scores(noise), costs_of(noise)
    pairs: list[tuple[int, int]] = []
    departures: list[Window] = []
    windows = windows_between(anchors, len(likeness.said), len(likeness.heard))
    for number, window in enumerate(windows):
        way = _solved(_window_scores(likeness, scores, window), costs)
        a, _b, c, _d = window
        pairs += [(i + a, j + c) for i, j in way.pairs]
        departures += [(e + a, f + a, g + c, h + c) for e, f, g, h in way.departures]
        if number < len(anchors):
            begin, end, heard, _ = anchors[number]
            pairs += [(i, heard + i - begin) for i in range(begin + 1, end - 1)]
    return Matching(tuple(pairs), _joined(departures), noise, likeness, scores)


def _solved(scores: Floats, costs: Costs) -> Way:
    n, m = scores.shape
    if n * m > _CELLS_MAX:
        return Way(costs.departure, (), ((0, n, 0, m),))
    return find_way(scores, costs)


def _window_scores(likeness: Likeness, scores: Floats, window: Window) -> Floats:
    a, b, c, d = window
    found: Floats = scores[likeness.said[a:b][:, None], likeness.heard[c:d][None, :]]
    return found


def _joined(departures: Sequence[Window]) -> tuple[Window, ...]:
    """Return departures with those as one that only a syllable or two divides: chance meetings inside a passage."""
    joined: list[Window] = []
    for window in departures:
        last = joined[-1] if joined else None
        if last and 0 <= window[0] - last[1] <= _CHANCE_MEETING and 0 <= window[2] - last[3] <= _CHANCE_MEETING:
            joined[-1] = (last[0], window[1], last[2], window[3])
        else:
            joined.append(window)
    return tuple(joined)
