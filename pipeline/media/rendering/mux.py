"""Joining segments and sound into the finished MP4 by copying packets, and proving what was written.

Packets are copied one by one, so that every time stamp is exact by construction: frame ``n`` is shown at
``n / rate``, not at what rounded file durations add up to.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any

import av
import ffmpeg

from pipeline.errors import DiskFullError, FfmpegFailedError, InputError, VerificationError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.nal import length_size, nal_units
from pipeline.media.sources import open_container
from pipeline.records import LectureInfo
from pipeline.store import Store, key_of
from pipeline.timing import FrameGrid

LANGUAGE = "zho"
"""ISO 639-2/T."""

_SOUND_RATE_HZ = 48000
_SOUND_RATE_BPS = 160_000
_SOUND_CHANNELS = 2


def silence(grid: FrameGrid, store: Store) -> Path:
    """Return a silent AAC sound track as long as the picture, for a recording without sound."""
    samples = round(grid.duration_s * _SOUND_RATE_HZ)

    def make(path: Path) -> None:
        source = ffmpeg.input(f"anullsrc=channel_layout=stereo:sample_rate={_SOUND_RATE_HZ}", f="lavfi")
        node = source.filter("atrim", end_sample=samples).output(
            str(path), **{"c:a": "aac", "b:a": _SOUND_RATE_BPS, "ac": _SOUND_CHANNELS}
        )
        run_ffmpeg(compile_args(node), subject=path)

    return store.file("silence", key_of(samples, _SOUND_RATE_HZ, _SOUND_RATE_BPS), ".m4a", make)


@dataclass(frozen=True, slots=True)
class Sums:
    """Digests over the packets of picture and sound, in decoding order: what was joined, or what a file holds."""

    picture: str
    sound: str


def join(segments: Sequence[tuple[Path, int]], sound: Path, grid: FrameGrid, info: LectureInfo, out: Path) -> Sums:
    """Write the finished MP4 and return the sums of what went in: the segments in order, the sound, the index first.

    Args:
        segments: each file with the frame at which it begins.
        sound: AAC in an .m4a on the delivery's clock.
        grid: the delivery's frames.
        info: title and speaker, for the file's own description.
        out: file to write.

    Raises:
        VerificationError: segments that do not fit together.
        DiskFullError, FfmpegFailedError: it could not be written.
    """
    options = {"movflags": "+faststart", "use_editlist": "1"}
    try:
        with (
            open_container(segments[0][0]) as first,
            open_container(sound) as sound_file,
            av.open(f"file:{out.absolute()}", "w", format="mp4", options=options) as target,
        ):
            target.metadata.update(_description(info))
            picture_stream = target.add_stream_from_template(first.streams.video[0])
            picture_stream.time_base = Fraction(1, grid.rate.numerator)
            headers = bytes(first.streams.video[0].codec_context.extradata or b"")
            sound_stream = target.add_stream_from_template(sound_file.streams.audio[0])
            for stream in (picture_stream, sound_stream):
                stream.metadata["language"] = LANGUAGE
            picture = _picture_packets(segments, headers, grid.rate, picture_stream)
            packets = merge(picture, _sound_packets(sound_file, grid, sound_stream), key=lambda pair: pair[0])
            tally = {stream.index: _Tally() for stream in (picture_stream, sound_stream)}
            for _, packet in packets:
                tally[packet.stream_index].add(bytes(packet))
                target.mux(packet)
    except OSError as error:
        if error.errno == 28:
            raise DiskFullError(out.parent, needed="?", free="0 MB", log=str(error)) from None
        raise FfmpegFailedError(out, reason=error.strerror or str(error), log=str(error)) from None
    return Sums(tally[picture_stream.index].sum(), tally[sound_stream.index].sum())


def verify(out: Path, joined: Sums, grid: FrameGrid, size_max_bytes: int) -> None:
    """Refuse a finished file that is not what was planned, byte for byte and time for time; nothing is decoded.

    The file is read back packet by packet, and its packets must be those that were joined. That they decode is for
    the check of the finished file to prove.

    Args:
        out: the file.
        joined: what ``join`` returned.
        grid: the delivery's frames.
        size_max_bytes: its cap.

    Raises:
        VerificationError: with what is wrong.
    """
    try:
        problem = next(_problems(out, joined, grid, size_max_bytes), None)
    except (InputError, av.error.FFmpegError) as error:
        problem = str(error)
    if problem is not None:
        raise VerificationError(out, problem=problem)


def _problems(out: Path, joined: Sums, grid: FrameGrid, size_max_bytes: int) -> Iterator[str]:
    """Yield what headers, index, time stamps and packets of the finished file show to be wrong."""
    from pipeline.media.probing.probe import inspect

    size = out.stat().st_size
    if size > size_max_bytes:
        yield f"{size} bytes, {size_max_bytes} allowed"
    made = inspect(out)
    video, audio = made.video, made.audio
    if video is None or audio is None:
        yield "picture or sound is missing"
        return
    if not made.has_moov_first:
        yield "the index does not stand before the data"
    if video.codec != "h264" or video.frame_count != grid.count or video.rotation != 0 or video.sar != 1:
        yield f"{video.codec}, {video.frame_count} frames of {grid.count}, rotation {video.rotation}, SAR {video.sar}"
    frame = 1 / grid.rate
    if any(abs(time) > frame for time in (video.start_s - made.origin_s, audio.start_s - made.origin_s)):
        yield "picture and sound do not begin together"
    if abs(video.end_s - audio.end_s) > frame or abs(made.duration_s - grid.duration_s) > frame:
        yield f"picture ends at {float(video.end_s):.3f} s, sound at {float(audio.end_s):.3f} s"
    picture, sound = _read_through(out)
    times = sorted(picture.times)
    if len(times) != grid.count or any(time - times[0] != n / grid.rate for n, time in enumerate(times)):
        yield "the frames are not evenly spaced"
    if picture.broken or sound.broken:
        yield f"{picture.broken + sound.broken} damaged packets"
    if Sums(picture.sum(), sound.sum()) != joined:
        yield "the packets are not those that were joined"


def _description(info: LectureInfo) -> dict[str, str]:
    pairs = {"title": info.title or info.name, "artist": info.speaker, "album_artist": info.unit}
    return {name: value for name, value in pairs.items() if value}


def _picture_packets(
    segments: Sequence[tuple[Path, int]], headers: bytes, rate: Fraction, target: Any
) -> Iterator[tuple[Fraction, Any]]:
    """Yield (decoding time in seconds, packet) of all segments, moved to where each begins."""
    base = Fraction(1, rate.numerator)
    for path, begin in segments:
        with open_container(path) as container:
            stream = container.streams.video[0]
            if bytes(stream.codec_context.extradata or b"") != headers:
                raise VerificationError(path, problem="segments with different stream headers")
            for packet in container.demux(stream):
                if packet.pts is None or packet.dts is None or not packet.size:
                    continue
                _move(packet, packet.time_base, base, begin / rate)
                packet.duration = rate.denominator
                packet.stream = target
                yield packet.dts * base, packet


def _sound_packets(container: Any, grid: FrameGrid, target: Any) -> Iterator[tuple[Fraction, Any]]:
    """Yield (decoding time in seconds, packet) of the sound up to the end of the picture."""
    stream = container.streams.audio[0]
    base = stream.time_base
    end = int(grid.duration_s / base)
    for packet in container.demux(stream):
        if packet.pts is None or packet.dts is None or not packet.size or packet.pts >= end:
            continue
        if packet.duration and packet.pts + packet.duration > end:
            packet.duration = end - packet.pts
        packet.stream = target
        yield packet.dts * base, packet


def _move(packet: Any, old: Fraction, new: Fraction, by_s: Fraction) -> None:
    """Shift a packet's times by ``by_s`` seconds and count them in ``new``; both must come out whole."""
    assert packet.pts is not None
    assert packet.dts is not None
    packet.pts, packet.dts = (int((time * old + by_s) / new) for time in (packet.pts, packet.dts))
    packet.time_base = new


@dataclass(slots=True)
class _Tally:
    """What the packets of one stream add up to."""

    times: list[Fraction] = field(default_factory=list)
    """Presentation times in seconds."""
    broken: int = 0
    """Packets that were cut off, or whose NAL units cannot be what an encoder wrote."""
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, data: bytes) -> None:
        """Take the content of a packet."""
        self._digest.update(len(data).to_bytes(8, "big"))
        self._digest.update(data)

    def sum(self) -> str:
        """Return the digest over the packets so far."""
        return str(self._digest.hexdigest())


def _read_through(path: Path) -> tuple[_Tally, _Tally]:
    """Return what the packets of picture and sound add up to, from one walk over the file."""
    with open_container(path) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        tally = {stream.index: _Tally() for stream in (picture, sound)}
        size = length_size("h264", picture.codec_context.extradata)
        assert picture.time_base is not None
        for packet in container.demux(picture, sound):
            if packet.pts is None or not packet.size:
                continue
            data, seen = bytes(packet), tally[packet.stream_index]
            seen.add(data)
            seen.broken += packet.is_corrupt
            if packet.stream_index == picture.index:
                seen.times.append(packet.pts * picture.time_base)
                seen.broken += nal_units(data, size or 0) is None
        return tally[picture.index], tally[sound.index]
