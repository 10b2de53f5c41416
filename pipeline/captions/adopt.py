"""A person's cues on the delivery's clock: their words stay as they are, and whatever cannot stay is named.

What the words or the lines of a cue say is never changed. Only times are: a cue keeps to whole frames, ends with the
recording, and ends where the next one begins, since two cues drawn at once would lie on each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from pipeline.captions.ass import drawn_text
from pipeline.captions.entries import Entry, as_cue, bounded, quoted
from pipeline.records import Cue, Removal, Span
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid, to_ms


@dataclass(frozen=True, slots=True)
class Adopted:
    """A person's cues as they can be burned."""

    cues: tuple[Cue, ...]
    """Ordered, not overlapping, on the frame grid; without flags."""
    removals: tuple[Removal, ...]
    """Cues that cannot be shown, each with its reason."""
    changes: tuple[Message, ...]
    """Times that were changed, and cues that were put together."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """Text on frames ``[first, after)``."""

    entry: Entry
    first: int
    after: int
    text: str


def adopt(entries: Sequence[Entry], grid: FrameGrid) -> Adopted:
    """Return the readable entries of a subtitle file as cues of the lecture, in order of time."""
    read = [(entry, entry.cue) for entry in entries if entry.cue is not None]
    reasons = [(cue, _reason_against(cue, grid)) for _, cue in read]
    removals = [
        Removal(Span(cue.start_ms, max(cue.start_ms, cue.end_ms)), cue.text, reason)
        for cue, reason in reasons
        if reason is not None
    ]
    kept = [pair for pair, (_, reason) in zip(read, reasons, strict=True) if reason is None]
    placed = [_Placed(e, grid.nearest(cue.start_ms), grid.nearest(cue.end_ms), cue.text) for e, cue in kept]
    placed.sort(key=lambda item: (item.first, item.entry.number))
    together, joined = _joined(placed)
    apart, shortened = _apart(together)
    late = [entry for entry, cue in kept if cue.end_ms > grid.duration_ms]
    cut = N_("Cue {number} ends with the recording: {text}")
    cues = tuple(as_cue(to_ms(grid.time_s(i.first)), to_ms(grid.time_s(i.after)), i.text) for i in apart)
    return Adopted(cues, tuple(removals), (*bounded(Message(cut, quoted(e)) for e in late), *joined, *shortened))


def _reason_against(cue: Cue, grid: FrameGrid) -> Message | None:
    """Return why a cue cannot be shown; ``None`` when it can."""
    if cue.end_ms <= cue.start_ms:
        return Message(N_("It ends before it begins, so its time is unknown."))
    if cue.start_ms >= grid.duration_ms:
        return Message(N_("It begins after the recording has ended."))
    if grid.nearest(cue.start_ms) == grid.nearest(cue.end_ms):
        return Message(N_("It is shorter than one frame."))
    if not drawn_text(cue.screen):
        return Message(N_("Nothing in it can be drawn."))
    return None


def _joined(placed: Sequence[_Placed]) -> tuple[list[_Placed], list[Message]]:
    """Put texts that begin on the same frame into one cue, each on its own line, a text that repeats only once."""
    items, messages = [], []
    for _, same in groupby(placed, key=lambda item: item.first):
        group = list(same)
        text = "\n".join(dict.fromkeys(item.text for item in group))
        items.append(replace(group[0], after=max(item.after for item in group), text=text))
        messages += [
            Message(
                N_("Cue {number} begins together with cue {other} and is shown in one with it: {text}"),
                {**quoted(item.entry), "other": str(group[0].entry.number)},
            )
            for item in group[1:]
        ]
    return items, bounded(messages)


def _apart(items: Sequence[_Placed]) -> tuple[list[_Placed], list[Message]]:
    """End each cue where the next one begins, if it lasts longer."""
    text = N_("Cue {number} ends where the next one begins, since it overlaps it: {text}")
    overlapping = [a.entry for a, b in pairwise(items) if a.after > b.first]
    ends = [min(a.after, b.first) for a, b in pairwise(items)]
    apart = [replace(item, after=end) for item, end in zip(items, ends, strict=False)]
    return [*apart, *items[-1:]], bounded(Message(text, quoted(entry)) for entry in overlapping)
