"""Cues read back earlier in the very same packets: a corrected lecture is read where it changed.

Readings are kept by runs of groups of pictures, as what was seen in their heads is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from pipeline.media.measuring.reading_plan import moment_ms
from pipeline.media.probing.gop import PacketWalk, runs
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, ReadBack
from pipeline.store import Store, key_of

VERSION = 1
"""Raised when the same picture would be read differently."""
KIND = "readings"
_SAME_MS = 1e-6
"""Times this near to each other are one: a moment at a key frame shows that frame."""
Read = Callable[[Sequence[int]], Sequence[ReadBack]]
"""Reads the cues of some numbers, counted from 1, and returns them in their order."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The cues that are read in one run of groups."""

    key: str
    numbers: tuple[int, ...]


def read_or_kept(
    cues: Sequence[Cue],
    numbers: Sequence[int],
    walk: PacketWalk,
    asked: tuple[CaptionSettings, float],
    store: Store,
    read: Read,
) -> tuple[ReadBack, ...]:
    """Return the readings of ``numbers``, in their order; ``read`` is asked only for those that are not kept.

    Only runs in which every cue was read well are kept: whatever is doubtful is looked at each time.

    Args:
        cues: all cues of the lecture.
        numbers: which of them to read, counted from 1.
        walk: the packets of the picture.
        asked: where cues stand, and the similarity that is enough.
        store: keeps readings.
        read: reads cues.
    """
    pages = _pages(cues, numbers, walk, asked)
    found: dict[int, ReadBack] = {}
    for page in pages:
        kept = store.find_record(KIND, page.key, tuple[ReadBack, ...])
        if kept is not None and all(one.thumbnail is not None and one.thumbnail.exists() for one in kept):
            found |= {number: replace(one, cue_number=number) for number, one in zip(page.numbers, kept, strict=True)}
    missing = [number for number in numbers if number not in found]
    found |= dict(zip(missing, read(missing), strict=True)) if missing else {}
    for page in pages:
        readings = tuple(found[number] for number in page.numbers)
        if not set(page.numbers).isdisjoint(missing) and all(one.similarity >= asked[1] for one in readings):
            store.put_record(KIND, page.key, tuple[ReadBack, ...], readings)
    return tuple(found[number] for number in numbers)


def _pages(
    cues: Sequence[Cue], numbers: Sequence[int], walk: PacketWalk, asked: tuple[CaptionSettings, float]
) -> list[_Page]:
    """Return the cues of each run of groups that lies whole around their moments; other cues are on no page."""
    pages: list[_Page] = []
    at_ms = {number: moment_ms(cues[number - 1], walk.key_times_s) for number in numbers}
    for first, after in runs(walk.groups):
        groups = walk.groups[first:after]
        begin_ms = groups[0].times_s[0] * 1000
        end_ms = walk.groups[after].times_s[0] * 1000 if after < len(walk.groups) else float("inf")
        here = tuple(number for number, time in at_ms.items() if begin_ms <= time + _SAME_MS < end_ms)
        texts = [(at_ms[number], cues[number - 1].text) for number in here]
        key = key_of(KIND, VERSION, version("rapidocr"), [group.digest for group in groups], texts, *asked)
        if here:
            pages.append(_Page(key, here))
    return pages
