"""Whether a recording can be sought so exactly that its picture may be cut into segments: tried, not believed."""

from bisect import bisect_right
from pathlib import Path
from typing import Any

import av

from pipeline.media.probing.boxes import Mp4Layout
from pipeline.media.probing.packets import Track
from pipeline.media.sources import open_container

_INDEXED = ("mov,", "matroska,")
"""Demuxers whose index leads to a key frame by its timestamp; the others search, guess or count bytes."""
_TRIES = 4
_PICTURES_READ = 60


def lands_on_keys(path: Path, container: str, layout: Mp4Layout | None, track: Track) -> bool:
    """Return whether a seek to any frame lands on a key frame at or before it.

    Timestamps must be there, distinct, and of a container with an index; then several seeks are made and what they
    reach is read and decoded.
    """
    if not container.startswith(_INDEXED) or (layout is not None and layout.edit_list == "cut"):
        return False
    if track.untimed or track.corrupt or not track.keys or len(set(track.pts)) != len(track.pts):
        return False
    last = len(track.pts) - 1
    targets = sorted({track.pts[last * number // _TRIES] for number in range(1, _TRIES + 1)})
    try:
        with open_container(path) as again:
            stream: Any = again.streams[track.stream.index]
            return all(_reaches(again, stream, track, target) for target in targets)
    except (av.error.FFmpegError, OSError, ValueError):
        return False


def _reaches(container: Any, stream: Any, track: Track, target: int) -> bool:
    """Return whether a seek to ``target`` yields the key frame before it, which decodes as a whole picture."""
    container.seek(target, stream=stream, backward=True, any_frame=False)
    expected = track.keys[max(0, bisect_right(track.keys, target) - 1)]
    for number, packet in enumerate(container.demux(stream)):
        if number == 0 and not (packet.is_keyframe and packet.pts is not None and packet.pts <= max(target, expected)):
            return False
        for frame in packet.decode():
            if frame.pts is not None and frame.pts >= expected:
                return frame.pts == expected and not frame.is_corrupt
        if number > _PICTURES_READ:
            break
    return False
