"""Groups of pictures, from packets alone: nothing is decoded."""

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import av

from pipeline.media.probing.nal import is_idr, length_size
from pipeline.media.sources import open_container
from pipeline.records import GopStructure, Recording


@dataclass(frozen=True, slots=True)
class PacketWalk:
    """What the picture's packets tell."""

    gop: GopStructure | None
    """``None`` without a key frame or without timestamps."""
    times_s: tuple[float, ...]
    """Presentation times on the delivery's clock, ascending."""
    key_times_s: tuple[float, ...]
    """Those of the key frames."""


def walk_packets(recording: Recording) -> PacketWalk:
    """Return the structure of the picture's packets; empty for a recording without picture."""
    if recording.video is None:
        return PacketWalk(None, (), ())
    walker = _Walker()
    with open_container(recording.path) as container:
        stream = container.streams[recording.video.index]
        length = length_size(stream.codec_context.name, stream.codec_context.extradata)
        base, origin = stream.time_base or Fraction(1, 1000), recording.origin_s
        with suppress(av.error.FFmpegError):  # a file that breaks off is judged by what it holds
            for packet in container.demux(stream):
                if packet.pts is None or not packet.size or packet.is_discard:
                    continue
                starts = None
                if packet.is_keyframe and length is not None:
                    starts = is_idr(bytes(packet), length)
                walker.add(float(packet.pts * base - origin), packet.is_keyframe, starts)
    end_s = float(recording.video.end_s - recording.origin_s)
    return walker.finish(end_s)


class _Walker:
    """Follows packets in decoding order."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.keys: list[float] = []
        self.latest = float("-inf")
        self.has_b = False
        self.is_open = False
        self.is_known = True
        self._key_is_idr: bool | None = None

    def add(self, time_s: float, is_key: bool, is_idr: bool | None) -> None:
        if is_key:
            self.keys.append(time_s)
            self._key_is_idr = is_idr
        elif self.keys and time_s < self.keys[-1] and self._key_is_idr is not True and len(self.keys) > 1:
            self.is_open = True  # a picture shown before its key frame and sent after it leans on both sides
        self.has_b |= time_s < self.latest
        self.latest = max(self.latest, time_s)
        self.times.append(time_s)

    def finish(self, end_s: float) -> PacketWalk:
        times, keys = tuple(sorted(self.times)), tuple(sorted(self.keys))
        if not keys:
            return PacketWalk(None, times, keys)
        longest = max((after - before for before, after in zip(keys, (*keys[1:], max(end_s, keys[-1])), strict=True)))
        return PacketWalk(GopStructure(longest, not self.is_open, self.has_b), times, keys)
