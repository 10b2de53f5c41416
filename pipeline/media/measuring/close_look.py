"""A close look: some groups of the finished picture decoded in full, each row of neighbours by itself.

What is found is kept under the packets it was found in, like what the heads of groups show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.media.measuring.flash import FlashCounter
from pipeline.media.measuring.groups import HEIGHT, GroupDecoder, Planes
from pipeline.media.measuring.measure import luminance_cells
from pipeline.media.measuring.stretches import BlackCounter, FreezeCounter
from pipeline.media.probing.gop import Group
from pipeline.presets import Limits
from pipeline.records import Recording, Span
from pipeline.store import Store, key_of

VERSION = 1
"""Raised when the same packets would be judged differently."""
KIND = "close"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong in neighbouring groups, timed to the frame."""

    black: tuple[Span, ...]
    frozen: tuple[Span, ...]
    flashes: tuple[Span, ...]


class _Counters:
    """Follows the frames of neighbouring groups."""

    def __init__(self, limits: Limits) -> None:
        self._black, self._frozen = BlackCounter(limits.black_min_s), FreezeCounter(limits.freeze_min_s)
        self._flash = FlashCounter(limits.flashes_per_s)

    def add(self, time_s: float, picture: Planes) -> None:
        self._black.add(time_s, picture)
        self._frozen.add(time_s, picture)
        self._flash.add(time_s, luminance_cells(picture[:HEIGHT]))

    def end(self, time_s: float) -> Faults:
        """Return what was found; what follows ``time_s`` is not looked at."""
        self._black.end(time_s)
        self._frozen.end(time_s)
        return Faults(tuple(self._black.spans), tuple(self._frozen.spans), tuple(self._flash.spans))


class CloseLook:
    """A close look at some groups, each row of neighbours by itself; kept under their packets like the heads."""

    def __init__(self, recording: Recording, groups: Sequence[Group], limits: Limits, store: Store) -> None:
        assert recording.video is not None
        self._decoder = GroupDecoder(recording, groups)
        self._groups, self._limits, self._store = groups, limits, store
        end_s = float(recording.video.end_s - recording.origin_s)
        self._ends = [*(after.times_s[0] for _, after in pairwise(groups)), end_s]
        self.errors = self._decoder.errors
        """By number of the group."""

    def look(self, whole: set[int]) -> list[Faults]:
        """Return what is wrong in the groups in ``whole``; those that were not looked at before are decoded."""
        rows = _rows(sorted(whole))
        found = {row.start: self._store.find_record(KIND, self._key(row), Faults) for row in rows}
        new = [row for row in rows if found[row.start] is None]
        for row, faults in zip(new, self._seen(new), strict=True):
            found[row.start] = faults
            if not any(self.errors[number] or self._groups[number].broken for number in row):
                self._store.put_record(KIND, self._key(row), Faults, faults)
        return [faults for faults in found.values() if faults is not None]

    def _seen(self, rows: Sequence[range]) -> list[Faults]:
        """Decode the groups of the rows, in one pass over the file."""
        row_of = {number: place for place, row in enumerate(rows) for number in row}
        counters = [_Counters(self._limits) for _ in rows]
        counts = [len(group.times_s) if number in row_of else 0 for number, group in enumerate(self._groups)]
        for number, time_s, frame in self._decoder.frames(counts) if rows else ():
            counters[row_of[number]].add(time_s, self._decoder.small(frame))
        return [counter.end(self._ends[row[-1]]) for counter, row in zip(counters, rows, strict=True)]

    def _key(self, row: range) -> str:
        """Every byte that is decoded, its times, and what counts as a fault."""
        limits, taken = self._limits, self._groups[row[0] : row[-1] + 1]
        shown = [(group.digest, group.times_s) for group in taken]
        return key_of(
            KIND, VERSION, shown, self._ends[row[-1]], limits.black_min_s, limits.freeze_min_s, limits.flashes_per_s
        )


def _rows(numbers: Sequence[int]) -> list[range]:
    """Return the numbers, in order, as rows of neighbours."""
    rows: list[range] = []
    for number in numbers:
        if rows and rows[-1].stop == number:
            rows[-1] = range(rows[-1].start, number + 1)
        else:
            rows.append(range(number, number + 1))
    return rows
