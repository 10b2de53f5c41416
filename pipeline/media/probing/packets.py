"""One walk over a container's packets: every timestamp, and the first frames of each stream, decoded.

Demuxing without decoding tells frame counts, gaps and key frames of a whole lecture in a second; the few frames that
are decoded tell what headers lie about: interlacing, rotation, colour, whether anything decodes at all.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import median_low
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

FRAMES_WANTED = 12
"""Frames that are decoded of each stream."""
_PACKETS_TRIED = 600
"""Packets that are offered to a decoder before it is given up, about 20 seconds of picture."""
RASTER_MAX_PX = 16384
"""Largest width or height that is decoded."""
_LEAP_S = 10
_BACK_S = Fraction(1, 10)
"""Decoding times grow; past these steps ffmpeg, too, takes them for a break (``-dts_delta_threshold``)."""
_GAP_S = Fraction(1, 10)
"""A hole in the sound from this length on is named."""
TIMED_BY_DECODING = "avi"
"""Demuxer of the format that has one time for each frame, in the order of decoding."""
RAW_STREAMS = frozenset({"h264", "hevc", "m4v", "mpegvideo", "obu"})
"""Demuxers of bare pictures: what times they give are made up, and differ from one ffmpeg to the next."""
_LONE_FRAME_S = Fraction(1, 10)
"""How long the last of so few frames that no usual distance is known is shown, if the file does not say."""
_FEW_FRAMES = 3
_STALLED = Fraction(3, 2)
_MATRIX = struct.Struct("=9i")


@dataclass(frozen=True, slots=True)
class Picture:
    """What a decoded video frame says about itself; codes are ffmpeg's own numbers."""

    tick: int | None
    width: int
    height: int
    pixel_format: str
    bit_depth: int
    colour_range: int
    primaries: int
    transfer: int
    matrix: int
    is_interlaced: bool
    display_matrix: tuple[int, ...] | None
    """Nine numbers in 16.16 fixed point."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a decoded audio frame says about itself."""

    tick: int | None
    sample_rate_hz: int
    channels: int
    layout: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The steps above in ticks of one stream: whole numbers, as every packet is held to them."""

    leap: int
    back: int
    gap: int


@dataclass(slots=True)
class Track:
    """What the walk learnt about one stream."""

    stream: Any
    """The PyAV stream."""
    limits: Limits
    is_timed_by_decoding: bool = False
    """The container stores when frames are decoded and nothing else; counted off in order, they are shown then."""
    is_raw: bool = False
    """The stream has no container, hence no times."""
    pts: list[int] = field(default_factory=list)
    """Presentation times in ticks of ``time_base``, as they came; ascending after the walk."""
    keys: list[int] = field(default_factory=list)
    """Those of the key frames, ascending after the walk."""
    size_bytes: int = 0
    untimed: int = 0
    """Packets without a presentation time; their decoding time, if any, stands in for it."""
    packets: int = 0
    corrupt: int = 0
    encrypted: int = 0
    length: int = 0
    """Durations of all packets, added up, in ticks."""
    last_duration: int = 0
    """Of the packet that is shown last, in ticks; 0 when unknown."""
    last_trim: int = 0
    """Samples that the decoder drops at the very end."""
    frames: list[Any] = field(default_factory=list)
    """The first decoded frames, as ``Picture`` or ``Sound``."""
    tried: int = 0
    dts: int | None = None
    """Decoding time of the latest packet."""
    leaps: int = 0
    """Decoding times far ahead of the one before."""
    returns: int = 0
    """Decoding times before the one before."""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Sound only: where the next packet comes later than the last one ended, (end, next start) in ticks."""

    @property
    def time_base(self) -> Fraction:
        """Seconds a tick."""
        return self.stream.time_base or Fraction(1, 1000)

    @property
    def decodes(self) -> bool:
        """At least one frame came out."""
        return bool(self.frames)

    @property
    def step(self) -> int:
        """The usual distance between timestamps in ticks; 0 when unknown."""
        return median_low([b - a for a, b in pairwise(self.pts)]) if len(self.pts) > 1 else 0

    @property
    def start(self) -> int:
        """First tick that is seen or heard: a decoder drops what comes before the first key frame, and priming."""
        first = self.pts[0] if self.pts else 0
        if self.is_timed_by_decoding:
            return self.keys[0] if self.keys else first
        shown = [frame.tick for frame in self.frames if frame.tick is not None]
        return max(first, min(shown)) if shown and self.untimed < self.packets else first

    @property
    def delay(self) -> int:
        """By how many ticks a decoder stamps frames too late, as it puts them in order and has decoding times alone."""
        stamps = [frame.tick for frame in self.frames if frame.tick is not None]
        return max(0, min(stamps) - self.start) if self.is_timed_by_decoding and stamps else 0

    @property
    def end(self) -> int:
        """The tick at which the last frame ends."""
        if not self.pts:
            return self.start
        if self.is_stalled:
            return self.start + self.length
        usual = min(self.step, int((1 if len(self.pts) >= _FEW_FRAMES else _LONE_FRAME_S) / self.time_base))
        end = max(self.start, self.pts[-1] + (self.last_duration or usual))
        said = self._announced_end
        return said if said is not None and self.pts[-1] < said < end else end

    @property
    def is_stalled(self) -> bool:
        """The packets of an AVI's sound last far longer than their times reach: only their order can be believed."""
        if self.stream.type != "audio" or self.stream.container.format.name != TIMED_BY_DECODING or not self.pts:
            return False
        return self.length > (max(self.pts) - min(self.pts) + self.last_duration) * _STALLED

    @property
    def _announced_end(self) -> int | None:
        """The tick at which the container says that the stream ends; ``None`` where its packets know better."""
        if not self.stream.duration or (self.stream.type == "audio" and self.last_duration):
            return None
        return int((self.stream.start_time or 0) + self.stream.duration)


def walk(container: InputContainer, streams: Sequence[Stream]) -> tuple[dict[int, Track], str]:
    """Return a track for each of ``streams`` by index, and what stopped the reading early (empty when nothing did)."""
    by_decoding, is_raw = container.format.name == TIMED_BY_DECODING, container.format.name in RAW_STREAMS
    tracks = {
        stream.index: Track(stream, _limits(stream), by_decoding and stream.type == "video", is_raw)
        for stream in streams
    }
    for track in tracks.values():
        _limit_decoder(track)
    stopped = ""
    try:
        for packet in container.demux(*streams) if streams else ():
            if packet.size:
                _note(tracks[packet.stream_index], packet)
    except (av.error.FFmpegError, OSError) as error:
        stopped = str(error)
    for track in tracks.values():
        if not track.decodes and track.tried < _PACKETS_TRIED and track.packets:
            _decode(track, None)
        track.pts.sort()
        track.keys.sort()
    return tracks, stopped


def _limits(stream: Stream) -> Limits:
    time_base = stream.time_base or Fraction(1, 1000)
    return Limits(*(int(seconds / time_base) for seconds in (_LEAP_S, _BACK_S, _GAP_S)))


def _note(track: Track, packet: "Packet[Any]") -> None:
    """Add a packet to its track; decode it while frames are wanted."""
    track.packets += 1
    track.size_bytes += packet.size
    track.corrupt += packet.is_corrupt
    track.encrypted += packet.has_sidedata("encryption_info")
    track.length += packet.duration or 0
    if len(track.frames) < FRAMES_WANTED and track.tried < _PACKETS_TRIED:
        _decode(track, packet)
    if track.is_raw or is_hidden(track.stream.codec_context, packet):
        track.untimed += track.is_raw
        return
    _note_order(track, packet.dts)
    time = packet.dts if track.is_timed_by_decoding else packet.pts
    if time is None:
        track.untimed += 1
        time = packet.dts
    if time is None or packet.is_discard:
        return
    duration = packet.duration or 0
    if track.stream.type == "audio":
        _note_gap(track, time)
    if not track.pts or time >= max(track.pts[-1], track.pts[0]):
        track.last_duration = duration
        track.last_trim = _trim(packet) if track.stream.type == "audio" else 0
    track.pts.append(time)
    if packet.is_keyframe:
        track.keys.append(time)


def is_hidden(context: Any, packet: "Packet[Any]") -> bool:
    """Return whether a VP8 or VP9 packet holds nothing but a frame that is only leant on and never shown.

    Source: RFC 6386, 9.1; VP9 bitstream specification, 6.2 and annex B.
    """
    if context is None or context.name not in {"vp8", "libvpx", "vp9", "libvpx-vp9"}:
        return False
    data = memoryview(packet)
    if context.name in {"vp8", "libvpx"}:
        return not data[0] & 0x10
    if data[-1] & 0xE0 == 0xC0:  # several frames in one packet, the last of which is shown
        return False
    flags = data[0] if data[0] & 0x30 != 0x30 else data[0] << 1  # profile 3 has one bit more
    return not flags & 0x08 and not flags & 0x02


def _note_order(track: Track, dts: int | None) -> None:
    if dts is None:
        return
    if track.dts is not None:
        ahead = dts - track.dts
        track.returns += ahead < -track.limits.back
        track.leaps += ahead > track.limits.leap
    track.dts = dts


def _note_gap(track: Track, time: int) -> None:
    if track.pts and track.last_duration > 0:
        end = track.pts[-1] + track.last_duration
        if time - end > track.limits.gap:
            track.gaps.append((end, time))


def _trim(packet: "Packet[Any]") -> int:
    """Return the samples that the decoder drops at the end of this packet."""
    if not packet.has_sidedata("skip_samples"):
        return 0
    data = bytes(packet.get_sidedata("skip_samples"))
    return int.from_bytes(data[4:8], "little") if len(data) >= 8 else 0


def _limit_decoder(track: Track) -> None:
    """Keep a decoder from rasters that no lecture has and that would fill the memory."""
    context = track.stream.codec_context
    if context is None:
        track.tried = _PACKETS_TRIED
    elif track.stream.type == "video":
        context.options = {"max_pixels": str(RASTER_MAX_PX * RASTER_MAX_PX // 2)}
        if max(context.width, context.height) > RASTER_MAX_PX:
            track.tried = _PACKETS_TRIED


def _decode(track: Track, packet: "Packet[Any] | None") -> None:
    """Offer a packet (``None``: the end) to the stream's decoder; a decoder that refuses gets the next one."""
    track.tried += 1
    if packet is not None and packet.has_sidedata("encryption_info"):
        return
    try:
        frames = packet.decode() if packet is not None else track.stream.codec_context.decode(None)
    except (av.error.FFmpegError, ValueError, RuntimeError, MemoryError):
        return
    for frame in frames:
        if frame.is_corrupt:
            continue
        if isinstance(frame, VideoFrame):
            track.frames.append(_picture(frame, track))
        elif isinstance(frame, AudioFrame) and frame.samples:
            layout = frame.layout
            track.frames.append(Sound(_tick(frame, track), frame.sample_rate, layout.nb_channels, layout.name))


def _picture(frame: VideoFrame, track: Track) -> Picture:
    matrix = None
    side_data: Any = frame.side_data
    for data in side_data:
        if data.type.name == "DISPLAYMATRIX" and data.buffer_size == _MATRIX.size:
            matrix = _MATRIX.unpack(bytes(data))
    depth = max((component.bits for component in frame.format.components), default=8)
    return Picture(
        tick=_tick(frame, track),
        width=frame.width,
        height=frame.height,
        pixel_format=frame.format.name,
        bit_depth=depth,
        colour_range=int(frame.color_range),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        matrix=int(frame.colorspace),
        is_interlaced=frame.interlaced_frame,
        display_matrix=matrix,
    )


def _tick(frame: VideoFrame | AudioFrame, track: Track) -> int | None:
    """Return the frame's time in ticks of the track, as ffmpeg's own decoding stamps it."""
    time = frame.dts if track.is_timed_by_decoding else frame.pts
    if time is None or frame.time_base is None or frame.time_base == track.time_base:
        return time
    return round(time * frame.time_base / track.time_base)
