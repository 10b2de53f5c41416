"""The heads of a picture's groups: each key frame and what follows it for a quarter of a second.

What is seen is kept under the packets it was seen in, by runs of groups, so that a lecture in which two subtitles were
corrected is looked at where it changed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pipeline.media.measuring.flash import Floats, fills_field, is_change
from pipeline.media.measuring.groups import HEIGHT, WIDTH, GroupDecoder, Planes
from pipeline.media.measuring.measure import luminance_cells
from pipeline.media.measuring.stretches import is_black, is_still
from pipeline.media.probing.gop import Group, runs
from pipeline.records import Recording
from pipeline.store import Store, key_of

VERSION = 1
"""Raised when the same packets would be seen differently."""
KIND = "heads"
HEAD_S = 0.25
"""More than three flashes a second are a change every sixth of a second: a head holds one at any frame rate from 24."""
_BLOCK = 10
"""Pixels of the low resolution that a block of the outline is wide and high."""
_OUTLINE = (HEIGHT // _BLOCK, WIDTH // _BLOCK)

Luma = NDArray[np.uint8]
"""``(HEIGHT, WIDTH)`` uint8, limited range."""


@dataclass(slots=True)
class Head:
    """What was seen in the head of a group."""

    errors: int = 0
    """Packets that did not decode, and frames that did not come out."""
    frames: int = 0
    is_black: bool = False
    """The key frame is."""
    moves: bool = True
    """Some frame differs from the key frame by more than coding noise."""
    flickers: bool = True
    """The light changes as a flash does, over an area that counts."""
    outline: Floats = field(default_factory=lambda: np.zeros(_OUTLINE, np.float32))
    """The key frame's luma in blocks."""


@dataclass(slots=True)
class _Run:
    """Neighbouring groups that are kept together."""

    first: int
    groups: Sequence[Group]
    heads: list[Head]
    brightest: Luma
    """Each pixel's brightest luma in all its heads."""

    @property
    def key(self) -> str:
        """Every byte that is decoded, and which frames of it belong to a head."""
        parts = [(group.digest, [_is_in_head(group, time_s) for time_s in group.times_s]) for group in self.groups]
        return key_of(KIND, VERSION, parts)


def see_heads(
    recording: Recording, groups: Sequence[Group], store: Store, on_progress: Callable[[float], None]
) -> tuple[list[Head], Luma]:
    """Return what the head of each group shows, and each pixel's brightest luma in all of them.

    Args:
        recording: the probe of the file.
        groups: its groups.
        store: keeps what was seen.
        on_progress: called with the seconds done.
    """
    taken = list(_runs(groups))
    new = [run for run in taken if not _take_kept(run, store)]
    _decode(recording, groups, new, on_progress)
    for run in new:
        _keep(run, store)
    brightest = np.max([run.brightest for run in taken], axis=0)
    return [head for run in taken for head in run.heads], brightest


def _runs(groups: Sequence[Group]) -> Iterator[_Run]:
    for first, after in runs(groups):
        taken = groups[first:after]
        yield _Run(first, taken, [Head() for _ in taken], np.zeros((HEIGHT, WIDTH), np.uint8))


def _decode(
    recording: Recording, groups: Sequence[Group], wanted: Sequence[_Run], on_progress: Callable[[float], None]
) -> None:
    """Look at the heads of the runs that are ``wanted``, and at no other."""
    place = {run.first + n: (run, head) for run in wanted for n, head in enumerate(run.heads)}
    decoder = GroupDecoder(recording, groups)
    counts = [_head_packets(group) if number in place else 0 for number, group in enumerate(groups)]
    pictures: list[Planes] = []
    last: int | None = None
    for number, time_s, frame in decoder.frames(counts) if wanted else ():
        if number != last:
            if last is not None:
                _note(place[last][1], pictures)
            pictures, last = [], number
            on_progress(time_s)
        run, head = place[number]
        if _is_in_head(groups[number], time_s):
            pictures.append(decoder.small(frame))
            np.maximum(run.brightest, pictures[-1][:HEIGHT], out=run.brightest)
        head.frames += 1
    if last is not None:
        _note(place[last][1], pictures)
    for number, (_, head) in place.items():
        head.errors = decoder.errors[number]


def _head_packets(group: Group) -> int:
    """Return how many packets of a group, in decoding order, its head takes."""
    return 1 + max(place for place, time_s in enumerate(group.times_s) if _is_in_head(group, time_s))


def _is_in_head(group: Group, time_s: float) -> bool:
    return time_s < group.times_s[0] + HEAD_S - 1e-6


def _note(head: Head, pictures: Sequence[Planes]) -> None:
    """Note what a group's head shows; ``pictures`` are its frames in order, the key frame first."""
    if not pictures:
        return
    key = pictures[0]
    light = np.stack([luminance_cells(picture[:HEIGHT]) for picture in pictures])
    head.is_black = is_black(key)
    head.moves = not all(is_still(key, picture) for picture in pictures[1:])
    head.flickers = fills_field(is_change(light.min(0), light.max(0)))
    luma = key[:HEIGHT].astype(np.float32)
    head.outline = luma.reshape(_OUTLINE[0], _BLOCK, _OUTLINE[1], _BLOCK).mean((1, 3))


def _keep(run: _Run, store: Store) -> None:
    """Keep a run, unless something did not decode: the next look shall see for itself."""
    if any(head.errors or not head.frames for head in run.heads):
        return

    def write(path: Path) -> None:
        flags = [(head.is_black, head.moves, head.flickers) for head in run.heads]
        np.savez_compressed(
            path,
            frames=[head.frames for head in run.heads],
            flags=flags,
            outlines=np.stack([head.outline for head in run.heads]),
            brightest=run.brightest,
        )

    store.file(KIND, run.key, ".npz", write)


def _take_kept(run: _Run, store: Store) -> bool:
    """Fill a run with what was seen earlier in the same packets; ``False`` when nothing was, or it is damaged."""
    path = store.path(KIND, run.key, ".npz")
    with suppress(OSError, ValueError, KeyError, BadZipFile), path.open("rb") as file, np.load(file) as kept:
        frames, flags, outlines = kept["frames"], kept["flags"], kept["outlines"]
        heads = [
            Head(0, count, is_black, moves, flickers, outline)
            for count, (is_black, moves, flickers), outline in zip(
                frames.tolist(), flags.tolist(), outlines, strict=True
            )
        ]
        if len(heads) == len(run.heads):
            run.heads, run.brightest = heads, kept["brightest"]
            return True
    path.unlink(missing_ok=True)
    return False
