"""Frames that repeat the one before, as slides do for minutes: left out of the work, and put back after it.

Screens and slides change a few times a minute. Scaling such a frame and drawing subtitles on it costs as much as on one
that is new, and gives what the frame before has given. Only frames that are alike to the last bit count as repeats, so
the picture is the same with and without.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pipeline.media.rendering.timeline import Timeline
from pipeline.records import VideoStream

_COMPARED = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p"})
"""Pixel formats that ``mpdecimate`` compares as they are."""
_MOST_FRESH = Fraction(1, 2)
"""With a larger share of frames that bring something new, looking for repeats costs more than it spares."""
_HEADERS_BYTES, _PIXELS_A_BYTE = 64, 16384
"""A packet of no more bytes than headers, and pixels ÷ this, says "as before" of the picture and hardly else."""
_EDGE = 128
"""Width of the strip that is put beside the picture while frames are compared.

``mpdecimate`` does not look at the first eight columns of a plane; and the strip leaves room for a mark.
"""
_MARK = 32
CHANGES_MAX = 1000
"""Most changes whose marks fit into a command line on every system."""
_BLOCK = 16
"""Frames are compared in blocks; whole ones fit into a size divisible by this."""


def are_many(video: VideoStream, timeline: Timeline) -> bool:
    """Tell from the packets alone whether most of the delivery's frames repeat the one before.

    A recording of few frames a second has them too: the others are filled in.
    """
    is_even = video.width % 2 == 0 and video.height % 2 == 0
    if video.pixel_format not in _COMPARED or video.is_interlaced or not is_even or not timeline.packet_bytes:
        return False
    tiny = _HEADERS_BYTES + video.width * video.height // _PIXELS_A_BYTE
    return sum(size > tiny for size in timeline.packet_bytes) <= _MOST_FRESH * timeline.grid.count


def left_out(stream: Any, size: tuple[int, int], changes: Sequence[int]) -> Any:
    """Return an ffmpeg-python stream without the frames that are alike, to the last bit, to the last one kept.

    Args:
        stream: frames numbered from 0.
        size: their width and height in pixels, both even.
        changes: frames that are kept whatever they show, for what will be drawn on them differs from the one before.
    """
    width, height = size
    whole = ((width + _EDGE + _BLOCK - 1) // _BLOCK * _BLOCK, (height + _BLOCK - 1) // _BLOCK * _BLOCK)
    stream = stream.filter("pad", *whole, _EDGE, 0)
    if edges := sorted(set(changes)):
        place = {"x": _MARK, "y": 0, "w": _MARK, "h": _MARK}
        stream = stream.filter("drawbox", **place, color="white", t="fill", enable=_alternating(edges))
    return stream.filter("mpdecimate", hi=0, lo=0, frac=0).filter("crop", width, height, _EDGE, 0)


def _alternating(edges: Sequence[int], before: int = 0) -> str:
    """Return ffmpeg's expression that is ``before`` (0 or 1) up to the first edge and changes over at each.

    It is a tree, halved at each level: ffmpeg reads no more than a hundred levels, and takes a sum for as many as it
    has terms.
    """
    if not edges:
        return str(before)
    middle = len(edges) // 2
    after = (before + middle + 1) % 2
    earlier, later = _alternating(edges[:middle], before), _alternating(edges[middle + 1 :], after)
    return f"if(lt(n,{edges[middle]}),{earlier},{later})"


def put_back(stream: Any, rate: Fraction) -> Any:
    """Return an ffmpeg-python stream with the frames again that ``left_out`` took before the last one it kept."""
    return stream.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", start_time=0, round="near")
