"""Groups of pictures, from packets alone: nothing is decoded."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av

from pipeline.media.probing.nal import is_idr, length_size, nal_units
from pipeline.media.sources import open_container
from pipeline.records import GopStructure, Recording

RUN_GROUPS = 16
"""Groups that a run has on average."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pictures that can be decoded alone: the packets from one IDR picture to the next."""

    times_s: tuple[float, ...]
    """Presentation times of its pictures in decoding order, on the delivery's clock; the first is the key frame's."""
    broken: int
    """Packets that cannot be what an encoder wrote."""
    digest: str
    """Of all its bytes and of what the decoder is set up with, hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class PacketWalk:
    """What the picture's packets tell."""

    gop: GopStructure | None
    """``None`` without a key frame or without timestamps."""
    times_s: tuple[float, ...]
    """Presentation times on the delivery's clock, ascending."""
    key_times_s: tuple[float, ...]
    """Those of the key frames."""
    groups: tuple[Group, ...] = ()
    """H.264 that begins with an IDR picture and whose key frames are all such: its groups, in order."""


def runs(groups: Sequence[Group]) -> Iterator[tuple[int, int]]:
    """Yield runs of neighbouring groups, ``[a, b)`` by their numbers: a run ends where a group's own digest says so.

    A change in one group moves the ends of its own run at most.
    """
    first = 0
    for number, group in enumerate(groups):
        if int(group.digest, 16) % RUN_GROUPS == 0 or number == len(groups) - 1:
            yield first, number + 1
            first = number + 1


def walk_packets(recording: Recording) -> PacketWalk:
    """Return the structure of the picture's packets; empty for a recording without picture."""
    if recording.video is None:
        return PacketWalk(None, (), ())
    with open_container(recording.path) as container:
        stream: Any = container.streams[recording.video.index]
        extradata = stream.codec_context.extradata or b""
        length = length_size(stream.codec_context.name, extradata)
        walker = _Walker(extradata)
        base, origin = stream.time_base or Fraction(1, 1000), recording.origin_s
        with suppress(av.error.FFmpegError):  # a file that breaks off is judged by what it holds
            for packet in container.demux(stream):
                if packet.pts is None or not packet.size or packet.is_discard:
                    continue
                starts, is_whole, data = None, True, b""
                if length is not None:
                    data = bytes(packet)
                    starts = packet.is_keyframe and is_idr(data, length)
                    is_whole = not packet.is_corrupt and nal_units(data, length) is not None
                walker.add(float(packet.pts * base - origin), packet.is_keyframe, starts)
                walker.group(data, is_whole=is_whole)
    end_s = float(recording.video.end_s - recording.origin_s)
    return walker.finish(end_s)


@dataclass(slots=True)
class _Begun:
    """A group whose packets are still coming."""

    bytes: "hashlib.blake2b"
    times_s: list[float] = field(default_factory=list)
    broken: int = 0


class _Walker:
    """Follows packets in decoding order."""

    def __init__(self, extradata: bytes) -> None:
        self._extradata = extradata
        self.times: list[float] = []
        self.keys: list[float] = []
        self.latest = float("-inf")
        self.has_b = False
        self.is_open = False
        self._key_is_idr: bool | None = None
        self._groups: list[_Begun] | None = []

    def add(self, time_s: float, is_key: bool, is_idr: bool | None) -> None:
        if is_key:
            self.keys.append(time_s)
            self._key_is_idr = is_idr
        elif self.keys and time_s < self.keys[-1] and self._key_is_idr is not True and len(self.keys) > 1:
            self.is_open = True  # a picture shown before its key frame and sent after it leans on both sides
        self.has_b |= time_s < self.latest
        self.latest = max(self.latest, time_s)
        self.times.append(time_s)

    def group(self, data: bytes, *, is_whole: bool) -> None:
        """Put the packet that was just added to its group."""
        if self._groups is None:
            return
        time_s = self.times[-1]
        if self.keys and self.keys[-1] == time_s:
            self._groups.append(_Begun(hashlib.blake2b(self._extradata, digest_size=16)))
        if not self._groups or not self._key_is_idr:
            self._groups = None
            return
        begun = self._groups[-1]
        begun.times_s.append(time_s)
        begun.broken += not is_whole
        begun.bytes.update(data)

    def finish(self, end_s: float) -> PacketWalk:
        times, keys = tuple(sorted(self.times)), tuple(sorted(self.keys))
        if not keys:
            return PacketWalk(None, times, keys)
        longest = max((after - before for before, after in zip(keys, (*keys[1:], max(end_s, keys[-1])), strict=True)))
        groups = tuple(Group(tuple(g.times_s), g.broken, g.bytes.hexdigest()) for g in self._groups or ())
        return PacketWalk(GopStructure(longest, not self.is_open, self.has_b), times, keys, groups)
