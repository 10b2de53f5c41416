"""The cut list: a delivery is a sequence of takes, each a run of frames of one source. Everything else follows from it.

Parts of a lecture, trimmed ends, shortened pauses and an opening card are all the same thing here. Sources are numbered
from 0 and each has its own frames, counted from its own zero at the delivery's rate; nothing is ever shown between two
frames, so all mapping is integer arithmetic.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from pipeline.timing import FrameGrid, to_ms

Frames = tuple[int, int]
"""Frames ``[first, after)``."""


@dataclass(frozen=True, slots=True)
class Take:
    """A run of frames of one source, shown as it is."""

    source: int
    first: int
    after: int
    """Frame of the source after the last one that is shown."""

    @property
    def count(self) -> int:
        """Frames shown."""
        return self.after - self.first


@dataclass(frozen=True, slots=True)
class Placed:
    """A take and where it stands in the delivery."""

    take: Take
    begin: int
    """First frame of the delivery that shows it."""

    @property
    def end(self) -> int:
        """Frame of the delivery after its last."""
        return self.begin + self.take.count

    @property
    def frames(self) -> Frames:
        """Frames of the source that are shown."""
        return self.take.first, self.take.after

    @property
    def shift(self) -> int:
        """By how many frames the delivery shows the source later than on its own clock."""
        return self.begin - self.take.first


@dataclass(frozen=True, slots=True)
class Cut:
    """Frames of a source that are not delivered."""

    source: int
    first: int
    after: int
    at: int
    """Frame of the delivery before which they were."""


@dataclass(frozen=True, slots=True)
class CutList:
    """A whole delivery."""

    rate: Fraction
    """Frames a second, of the delivery and of every source's frames."""
    takes: tuple[Take, ...]

    @property
    def grid(self) -> FrameGrid:
        """The delivery's frames."""
        return FrameGrid(self.rate, sum(take.count for take in self.takes))

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The takes in their places."""
        begins = accumulate((take.count for take in self.takes), initial=0)
        return tuple(Placed(take, begin) for take, begin in zip(self.takes, begins, strict=False))

    def at(self, frame: int) -> Placed:
        """Return the take that is on the screen at ``frame``, from 0 to the delivery's last."""
        begins = [placed.begin for placed in self.placed]
        return self.placed[max(0, bisect_right(begins, frame) - 1)]

    def source_of(self, frame: int) -> tuple[int, int]:
        """Return the source and its frame that the delivery shows at ``frame``."""
        placed = self.at(frame)
        return placed.take.source, placed.take.first + frame - placed.begin

    def shown_at(self, source: int, frame: int) -> int | None:
        """Return the first frame of the delivery that shows ``frame`` of a source; ``None`` when none does."""
        for placed in self.placed:
            if placed.take.source == source and placed.take.first <= frame < placed.take.after:
                return placed.begin + frame - placed.take.first
        return None

    def source_ms(self, time_ms: int) -> tuple[int, int]:
        """Return the source on the screen at a time of the delivery, and its own time, in milliseconds."""
        frame = self.grid.frame_at(time_ms)
        source, own = self.source_of(frame)
        return source, time_ms + to_ms((own - frame) / self.rate)

    def cuts(self, counts: Sequence[int]) -> tuple[Cut, ...]:
        """Return what is not delivered of each source, in order, given how many frames each has."""
        found = []
        for source, count in enumerate(counts):
            mine = sorted((p for p in self.placed if p.take.source == source), key=lambda p: p.take.first)
            edges = [(0, 0), *((p.take.first, p.take.after) for p in mine), (count, count)]
            for number, ((_, before), (following, _)) in enumerate(pairwise(edges)):
                if following > before and mine:
                    at = mine[number].begin if number < len(mine) else mine[-1].end
                    found.append(Cut(source, before, following, at))
        return tuple(found)


def whole(rate: Fraction, counts: Iterable[int]) -> CutList:
    """Return the cut list that shows every source whole, one after the other."""
    return CutList(rate, tuple(Take(source, 0, count) for source, count in enumerate(counts)))


def without(takes: Iterable[Take], removed: Sequence[tuple[int, Frames]]) -> tuple[Take, ...]:
    """Return the takes without some frames of their sources, given as pairs (source, frames); none is left empty."""
    kept: list[Take] = []
    for take in takes:
        first = take.first
        for begin, end in sorted(frames for source, frames in removed if source == take.source):
            if begin > first:
                kept.append(Take(take.source, first, min(begin, take.after)))
            first = max(first, end)
            if first >= take.after:
                break
        if first < take.after:
            kept.append(Take(take.source, first, take.after))
    return tuple(take for take in kept if take.count > 0)


def shortened(pauses: Sequence[tuple[int, Frames]], excess: int) -> tuple[tuple[int, Frames], ...]:
    """Return what to remove of pauses so that at least ``excess`` frames go, or all that may.

    The longest pauses are cut down to one common length, each in its middle, so that no pause is shortened while a
    longer one stands.

    Args:
        pauses: pairs (source, frames that may be removed).
        excess: frames that are too many; none for 0 or less.
    """
    lengths = sorted((end - begin for _, (begin, end) in pauses), reverse=True)
    if excess <= 0 or not lengths:
        return ()
    low, high = 0, lengths[0]
    while low < high:
        middle = (low + high + 1) // 2
        if sum(max(0, length - middle) for length in lengths) >= excess:
            low = middle
        else:
            high = middle - 1
    removed = []
    for source, (begin, end) in pauses:
        surplus = end - begin - low
        if surplus > 0:
            start = begin + low // 2
            removed.append((source, (start, start + surplus)))
    return tuple(removed)
