"""Which frame of the recording is on the screen at each frame of the delivery, and from where to decode it.

All of it is integer arithmetic on ticks, the same here and in the filter graph, so that a frame's place in the
delivery never depends on where decoding began.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, lcm

from pipeline.media.probing.packets import RAW_STREAMS, TIMED_BY_DECODING, is_hidden
from pipeline.media.sources import open_container
from pipeline.records import Recording, VideoStream
from pipeline.timing import FrameGrid

PREROLL_FRAMES = 8
"""Frames that a deinterlacer, which looks at its neighbours, is given before the first one that is needed."""

_MAX_TICKS_PER_S = 2**31 - 1
_PHASE_MIN = Fraction(1, 10)
"""Share of a frame that must be free of time stamps for the cut between two frames to be moved there."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The recording's frames on the delivery's grid."""

    grid: FrameGrid
    ticks_per_s: int
    """Ticks a second in which time stamps are counted: exact for both the recording and the grid where that fits."""
    offset_ticks: int
    """A frame with time stamp ``t`` is first shown at grid frame ``(t - offset) // ticks_per_frame``."""
    pts_ticks: tuple[int, ...]
    """Time stamps of all frames in order of showing; empty when the container tells none."""
    keyframe_ticks: tuple[int, ...]
    """Time stamps at which decoding can begin."""
    is_seekable: bool
    delay_ticks: int = 0
    """How much later than here decoded frames are stamped (``VideoStream.decoder_delay_s``)."""
    is_untimed: bool = False
    """Not one packet has a time (a raw stream): frames are counted off at the recording's rate."""
    preroll_frames: int = PREROLL_FRAMES
    """Frames decoded before the first one that is needed."""
    packet_bytes: tuple[int, ...] = ()
    """Size of each frame's packet, in the order of ``pts_ticks``."""

    @property
    def ticks_per_frame(self) -> int:
        """Ticks from one frame of the delivery to the next; exact by the choice of ``ticks_per_s``."""
        return int(self.ticks_per_s / self.grid.rate)

    def frame_of(self, pts_ticks: int) -> int:
        """Return the grid frame, which may lie before 0, at which a frame with that time stamp is first shown."""
        return (pts_ticks - self.offset_ticks) // self.ticks_per_frame

    def shown_at(self, frame: int) -> int | None:
        """Return the time stamp of the frame on the screen at grid frame ``frame``; ``None`` before the first."""
        position = self._position(frame)
        return self.pts_ticks[position] if position >= 0 else None

    def seek_ticks(self, frame: int) -> int | None:
        """Return the time stamp to seek to for decoding grid frame ``frame`` and what follows; ``None``: no seek."""
        if not self.is_seekable:
            return None
        position = self._position(frame) - self.preroll_frames
        if position <= 0:
            return None
        key = bisect_right(self.keyframe_ticks, self.pts_ticks[position]) - 1
        return self.keyframe_ticks[key] if key > 0 else None

    def first_needed_ticks(self, frame: int) -> int | None:
        """Return the time stamp by which decoding must have begun for grid frame ``frame`` to be right."""
        position = self._position(frame) - self.preroll_frames
        return self.pts_ticks[position] if position > 0 else None

    @property
    def key_frames(self) -> tuple[int, ...]:
        """The grid frames at which frames that decoding can begin with are first shown."""
        return tuple(map(self.frame_of, self.keyframe_ticks))

    def bytes_after(self, frame: int, count: int) -> int:
        """Return the bytes of the recording's frames that are shown in the ``count`` grid frames after ``frame``."""
        if not self.packet_bytes:
            return 0
        return sum(self.packet_bytes[self._position(frame) + 1 : self._position(frame + count - 1) + 1])

    @property
    def last_frame(self) -> int | None:
        """The grid frame at which the last frame of the recording is first shown; ``None`` when nobody knows."""
        return self.frame_of(self.pts_ticks[-1]) if self.pts_ticks else None

    def held_frames(self) -> tuple[int, int]:
        """Return how many grid frames repeat the first and the last frame because the picture is shorter."""
        if not self.pts_ticks:
            return 0, 0
        head = max(0, self.frame_of(self.pts_ticks[0]))
        usual = self.ticks_per_frame
        if len(self.pts_ticks) > 1:
            usual = max(usual, (self.pts_ticks[-1] - self.pts_ticks[0]) // (len(self.pts_ticks) - 1))
        tail = max(0, self.grid.count - self.frame_of(self.pts_ticks[-1]) - ceil(usual / self.ticks_per_frame))
        return head, tail

    def _position(self, frame: int) -> int:
        """Return which of the frames is on the screen at grid frame ``frame``; −1 before the first."""
        return bisect_left(self.pts_ticks, self.offset_ticks + (frame + 1) * self.ticks_per_frame) - 1


def read_timeline(recording: Recording, video: VideoStream, grid: FrameGrid) -> Timeline:
    """Return the timeline of a recording's picture, from a walk over its packets; nothing is decoded."""
    rate = _ticks_per_s(video.time_base, grid.rate)
    shown: list[int] = []
    sizes: list[int] = []
    keys: list[int] = []
    is_complete = recording.container not in RAW_STREAMS
    with open_container(recording.path) as container:
        stream = container.streams[video.index]
        for packet in container.demux(stream) if is_complete else ():
            if packet.dts is None and packet.pts is None:
                is_complete = is_complete and packet.size == 0
                continue
            time = packet.dts if recording.container == TIMED_BY_DECODING else packet.pts
            if time is None:
                is_complete = False
                continue
            ticks = _to_ticks(time, video.time_base, rate)
            if packet.is_keyframe:
                keys.append(ticks)
            if not packet.is_discard and not (packet.size and is_hidden(stream.codec_context, packet)):
                shown.append(ticks)
                sizes.append(packet.size)
    origin = round(recording.origin_s * rate)
    frame = int(rate / grid.rate)
    offset = origin - frame // 2 - _phase(shown, origin, frame)
    return Timeline(
        grid=grid,
        ticks_per_s=rate,
        offset_ticks=offset,
        pts_ticks=tuple(sorted(shown)) if is_complete else (),
        packet_bytes=tuple(size for _, size in sorted(zip(shown, sizes, strict=True))) if is_complete else (),
        keyframe_ticks=tuple(sorted(keys)),
        is_seekable=video.is_seekable and is_complete and bool(shown),
        delay_ticks=round(video.decoder_delay_s * rate),
        is_untimed=not is_complete and not shown,
        preroll_frames=PREROLL_FRAMES if video.is_interlaced else 0,
    )


def ticks_of(pts: int, video: VideoStream, timeline: Timeline) -> int:
    """Return a time stamp of the container in the timeline's ticks."""
    return _to_ticks(pts, video.time_base, timeline.ticks_per_s)


def _ticks_per_s(time_base: Fraction, rate: Fraction) -> int:
    exact = lcm(time_base.denominator, rate.numerator)
    if exact <= _MAX_TICKS_PER_S:
        return exact
    return rate.numerator * (_MAX_TICKS_PER_S // rate.numerator)


def _to_ticks(pts: int, time_base: Fraction, ticks_per_s: int) -> int:
    """Return a time stamp in ticks, rounded as ffmpeg's ``settb`` rounds: to the nearest, halves away from zero."""
    exact = pts * time_base * ticks_per_s
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def _phase(shown: list[int], origin: int, frame: int) -> int:
    """Return by how many ticks the cut between two grid frames moves, at most half a frame.

    A constant-rate picture may lie half a frame off the grid (its sound began in between). Rounding would then toss
    each frame to one side or the other, by the noise of its time stamp, and motion would stutter. So the cut goes into
    the widest stretch of the frame that holds no time stamp; a picture without such a stretch is left alone.
    """
    places = sorted({(ticks - origin) % frame for ticks in shown})
    if not places:
        return 0
    gaps = [(after - before, before) for before, after in pairwise([*places, places[0] + frame])]
    widest = max(length for length, _ in gaps)
    if widest < _PHASE_MIN * frame:
        return 0
    half = frame // 2
    if all(abs(place - half) >= widest // 4 for place in places):
        return 0
    centres = [before + length // 2 for length, before in gaps if length >= widest * 9 // 10]
    return half - min((centre % frame for centre in centres), key=lambda centre: abs(centre - half))
