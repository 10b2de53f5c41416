"""Which cues are read back from the picture, and at which moment.

Every cue is read where time allows: reading may take a tenth of the lecture's length. The count is worked out from one
figure that was measured once, not from a clock, so that the same lecture always gets the same cues read.
"""

from bisect import bisect_left
from collections.abc import Sequence

from pipeline.records import Cue

TIME_SHARE = 0.1
"""Part of the lecture's length that reading may take; our choice: it holds one cue every two seconds, so all cues of
a lecture at the usual pace are read, and checking stays far faster than watching."""
COST_S = 0.2
"""Seconds of processor time that one cue takes in anybody's file. Measured at 1080 lines: OCR and the look at the
glyphs 0.10 to 0.13 (10 cues, twice; 0.07 to 0.08 where our own lines stand), going to a key frame and decoding
it 0.05, the thumbnail 0.02."""
_EDGE_SHARE = 0.15
"""Part of a cue at its start and end in which no key frame is taken: its neighbour may still stand there."""


def sample(count: int, wanted: int) -> list[int]:
    """Return ``wanted`` of the numbers 0 to ``count`` − 1, evenly spread, the first and the last among them."""
    if count <= wanted:
        return list(range(count))
    if wanted <= 1:
        return [0][:wanted]
    return [round(place * (count - 1) / (wanted - 1)) for place in range(wanted)]


def chosen_cues(count: int, length_s: float, least: int, doubtful: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the numbers (from 1) of the cues to read, ascending.

    They are all ``count`` cues where time allows. Otherwise ``least`` cues spread over the whole lecture come first,
    then the doubtful ones, and what time is left goes to others, spread again.

    Args:
        count: cues of the lecture.
        length_s: its length, seconds.
        least: cues that are read however long it takes.
        doubtful: numbers (from 1) of cues with flags, the weightiest first.
    """
    most = min(count, max(least, int(length_s * TIME_SHARE / COST_S)))
    chosen = {place + 1 for place in sample(count, min(least, most))}
    for number in doubtful:
        if len(chosen) < most and 1 <= number <= count:
            chosen.add(number)
    rest = [number for number in range(1, count + 1) if number not in chosen]
    return tuple(sorted(chosen | {rest[place] for place in sample(len(rest), most - len(chosen))}))


def moment_ms(cue: Cue, key_times_s: Sequence[float] = ()) -> int:
    """Return when to look at a cue: the key frame nearest to its middle, or the middle where it has none.

    A key frame is decoded alone; any other frame needs all those since the key frame before it.
    """
    edge = _EDGE_SHARE * (cue.end_ms - cue.start_ms)
    middle = (cue.start_ms + cue.end_ms) / 2
    place = bisect_left(key_times_s, middle / 1000)
    near = [time * 1000 for time in key_times_s[max(0, place - 1) : place + 1]]
    inside = [time for time in near if cue.start_ms + edge <= time <= cue.end_ms - edge]
    nearest: float = min(inside, key=lambda time: abs(time - middle), default=middle)
    return round(nearest)
