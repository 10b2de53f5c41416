"""Groups of pictures, from packets alone: nothing is decoded."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import av

from pipeline.media.sources import open_container
from pipeline.records import GopStructure, Recording

_IDR, _SLICE = 5, 1


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
        length = _length_size(stream.codec_context.name, stream.codec_context.extradata)
        base, origin = stream.time_base or Fraction(1, 1000), recording.origin_s
        with suppress(av.error.FFmpegError):  # a file that breaks off is judged by what it holds
            for packet in container.demux(stream):
                if packet.pts is None or not packet.size or packet.is_discard:
                    continue
                is_idr = None
                if packet.is_keyframe and length is not None:
                    is_idr = _IDR in set(_nal_types(bytes(packet), length))
                walker.add(float(packet.pts * base - origin), packet.is_keyframe, is_idr)
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


def _length_size(codec: str, extradata: bytes | None) -> int | None:
    """Return the bytes of a NAL unit's length, 0 for start codes, ``None`` when the codec is not H.264."""
    if codec != "h264":
        return None
    return (extradata[4] & 3) + 1 if extradata and len(extradata) > 6 and extradata[0] == 1 else 0


def _nal_types(data: bytes, length: int) -> Iterator[int]:
    """Yield the NAL unit types of a packet until its first slice. Source: ITU-T H.264, table 7-1, annex B."""
    position = 0
    while True:
        if length:
            size = int.from_bytes(data[position : position + length], "big")
            position += length
        else:
            start = data.find(b"\x00\x00\x01", position)
            position = start + 3 if start >= 0 else len(data)
            size = 0
        if position >= len(data):
            return
        kind = data[position] & 31
        yield kind
        if kind in (_IDR, _SLICE):
            return
        position += size
