"""The finished picture, looked at by its groups: every head, and in full the groups in which something may be wrong.

The head of a group is its key frame and what follows it for a quarter of a second. What is found so, and what is not,
as against a pass over every frame (``measure``):

- Black and freeze of the preset's length: all, timed to the frame. Such black holds a key frame, such a freeze heads
  that do not differ, and those groups are decoded in full.
- Flashes: more than three a second, kept up for the longest group and a head (``PictureFacts.sure_s``), change the
  picture every sixth of a second and so within some head. Shorter ones are found only where they meet a head.
- Bars: dark in every head rather than in every frame.
- Damage: in what is decoded, and in how each other packet is built.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.media.measuring.close_look import CloseLook
from pipeline.media.measuring.heads import HEAD_S, Head, see_heads
from pipeline.media.measuring.measure import BAR_LUMA, PictureFacts, Progress, exact_bars, find_bars
from pipeline.media.measuring.stretches import FREEZE_NOISE
from pipeline.media.probing.gop import Group, PacketWalk
from pipeline.presets import Limits
from pipeline.records import Recording
from pipeline.store import Store

_STILL_LEVELS = FREEZE_NOISE * 256 * 1.5 * 1.01
"""Mean difference of two outlines of one still picture at most: averages differ by no more than what they are made of,
which is luma alone here, two thirds of all samples; the hundredth is for rounding."""


def can_look_by_groups(recording: Recording, walk: PacketWalk, limits: Limits) -> bool:
    """Tell whether no black or freeze of ``limits`` is missed: plain H.264 in closed groups no longer than a black."""
    video = recording.video
    if video is None or walk.gop is None or not walk.groups:
        return False
    is_plain = (video.codec, video.pixel_format, video.rotation) == ("h264", "yuv420p", 0)
    is_plain = is_plain and not (video.is_full_range or video.is_mirrored or video.is_interlaced)
    rate = float(video.frame_rate)
    longest_s = walk.gop.longest_s - 0.5 / max(rate, 1.0)
    is_short = longest_s <= min(limits.black_min_s, limits.freeze_min_s / 2)
    return is_plain and video.is_constant_rate and rate > 23 and is_short


def look_by_groups(
    recording: Recording, walk: PacketWalk, limits: Limits, store: Store, on_progress: Progress
) -> PictureFacts:
    """Return the facts of a picture for which ``can_look_by_groups``.

    Args:
        recording: the probe of the file.
        walk: its packets.
        limits: the shortest black and freeze that count, and the flashes allowed.
        store: keeps what was seen.
        on_progress: called with the seconds done.
    """
    assert walk.gop is not None
    groups = walk.groups
    seen, brightest = see_heads(recording, groups, store, on_progress)
    whole = _suspects(groups, seen, limits)
    close = CloseLook(recording, groups, limits, store)
    faults = close.look(whole)
    errors = sum(max(head.errors, close.errors.get(n, 0), groups[n].broken) for n, head in enumerate(seen))
    frames = sum(len(group.times_s) if n in whole else seen[n].frames for n, group in enumerate(groups))
    total = max(1, sum(len(group.times_s) for group in groups))
    return PictureFacts(
        black=tuple(span for found in faults for span in found.black),
        frozen=tuple(span for found in faults for span in found.frozen),
        flashes=tuple(span for found in faults for span in found.flashes),
        bars=exact_bars(recording, find_bars(brightest, BAR_LUMA), walk.key_times_s),
        decode_errors=errors,
        frames=frames,
        share=round(frames / total, 3),
        sure_s=round(walk.gop.longest_s + HEAD_S, 2),
    )


def _suspects(groups: Sequence[Group], seen: Sequence[Head], limits: Limits) -> set[int]:
    """Return the numbers of the groups to be decoded in full."""
    whole: set[int] = set()
    for number, (group, head) in enumerate(zip(groups, seen, strict=True)):
        if head.is_black:
            whole |= {number - 1, number}
        if head.flickers or head.errors or group.broken:
            whole |= {number - 1, number, number + 1}
    for first, last in _still_runs(seen):
        begin_s = groups[max(0, first - 1)].times_s[0]
        end_s = groups[last + 1].times_s[0] + HEAD_S if last + 1 < len(groups) else max(groups[last].times_s) + 1
        if end_s - begin_s >= limits.freeze_min_s:
            whole |= set(range(first - 1, last + 2))
    return whole & set(range(len(groups)))


def _still_runs(seen: Sequence[Head]) -> list[tuple[int, int]]:
    """Return the first and last numbers of neighbouring groups that may all show one still picture."""
    runs: list[tuple[int, int]] = []
    first: int | None = None
    for number, head in enumerate(seen):
        if first is not None and (head.moves or not _may_be_still(seen[first], head)):
            runs.append((first, number - 1))
            first = None
        if first is None and not head.moves:
            first = number
    return [*runs, (first, len(seen) - 1)] if first is not None else runs


def _may_be_still(one: Head, other: Head) -> bool:
    """Tell whether two groups may begin with the same picture; ``False`` is certain."""
    return bool(np.abs(one.outline - other.outline).mean() <= _STILL_LEVELS)
