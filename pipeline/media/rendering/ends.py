"""Where a recording's picture is not black any more, and from where on it is black again: to the very frame.

Only the ends are decoded: forward from the first frame, and from ever earlier places before the last one.
"""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from pipeline.media.probing.packets import TIMED_BY_DECODING
from pipeline.media.rendering.timeline import Timeline, ticks_of
from pipeline.media.sources import open_container
from pipeline.records import Recording

_BLACK_SHARE = 0.98
"""Share of dark pixels from which a picture is black. Source: ffmpeg's blackdetect, by default."""
_DARK = 32
"""Highest luma of a dark pixel, 8 bits."""
_TAIL_S = 20


def lit_frames(recording: Recording, timeline: Timeline) -> tuple[int, int]:
    """Return the delivery's frames ``[first, after)`` between a black beginning and a black end.

    A picture that is black throughout, or that does not decode, gives all frames.
    """
    everything = (0, timeline.grid.count)
    if recording.video is None or not timeline.pts_ticks or recording.container == TIMED_BY_DECODING:
        return everything
    try:
        first = next((ticks for ticks, is_black in _looks(recording, timeline, None) if not is_black), None)
        if first is None:
            return everything
        after = _last_lit(recording, timeline)
    except (av.error.FFmpegError, ValueError):
        return everything
    begin = 0 if first <= timeline.pts_ticks[0] else max(0, timeline.frame_of(first))
    return begin, timeline.grid.count if after is None else max(begin + 1, timeline.frame_of(after))


def _last_lit(recording: Recording, timeline: Timeline) -> int | None:
    """Return the time stamp of the first frame of the black end; ``None`` when the end is not black."""
    assert recording.video is not None
    begin_s, reach_s = float(recording.video.start_s), float(_TAIL_S)
    while True:
        start_s = float(recording.video.end_s) - reach_s
        is_all = start_s <= begin_s
        black_from, has_lit = None, False
        for ticks, is_black in _looks(recording, timeline, None if is_all else start_s):
            if not is_black:
                has_lit, black_from = True, None
            elif black_from is None:
                black_from = ticks
        if has_lit or is_all:
            return black_from
        reach_s *= 4


def _looks(recording: Recording, timeline: Timeline, from_s: float | None) -> Iterator[tuple[int, bool]]:
    """Yield the time stamp of each frame, in order, and whether it is black."""
    assert recording.video is not None
    with open_container(recording.path) as container:
        stream: Any = container.streams[recording.video.index]
        stream.thread_type = "AUTO"
        if from_s is not None:
            container.seek(int(from_s / stream.time_base), stream=stream, backward=True, any_frame=False)
        for frame in container.decode(stream):
            if frame.pts is not None:
                yield ticks_of(frame.pts, recording.video, timeline), _is_black(frame)


def _is_black(frame: Any) -> bool:
    luma = frame.reformat(format="gray").to_ndarray()[::2, ::2]
    return float(np.mean(luma <= _DARK)) >= _BLACK_SHARE
