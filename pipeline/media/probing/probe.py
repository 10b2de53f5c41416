"""What a media file is, from its content alone: containers and headers are asked, packets and frames are believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import atan2, degrees
from pathlib import Path
from typing import Any

from av.container import InputContainer
from av.stream import Disposition, Stream

from pipeline.errors import (
    AudioTrackError,
    DeadAudioTrackError,
    DolbyVisionError,
    EncryptedError,
    InputError,
    NoPictureError,
    NothingDecodesError,
    NotMediaError,
    TruncatedError,
)
from pipeline.media.probing.boxes import Mp4Layout, declared_bytes, mp4_layout
from pipeline.media.probing.oddities import name_oddities
from pipeline.media.probing.packets import Picture, Sound, Track, walk
from pipeline.media.probing.rates import find_rate
from pipeline.media.probing.seeking import lands_on_keys
from pipeline.media.sources import open_container
from pipeline.records import AudioStream, Recording, VideoStream
from pipeline.store import file_sha256

_FULL_RANGE = 2
_FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
"""ffmpeg's names of the code points of ITU-T H.273."""
_SAR_MAX = 16
"""A sample aspect ratio past this, or under its inverse, is taken for damage."""
_JUMPING = ("mpegts", "mpeg", "flv")
"""Demuxers of formats that are cut and joined as bytes."""
_KEPT_MIN = Fraction(1, 2)
"""A file that holds less of what its structure announces is refused as cut off."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which tracks are used."""

    video: Track | None
    audio: Track | None
    rest: tuple[Stream, ...]
    undecodable_sound: tuple[str, ...]
    audio_track: int | None
    """Number of the sound track, counted from 1."""


def inspect(path: Path, audio_track: int | None = None) -> Recording:
    """Return what the media file at ``path`` is; sound alone is allowed, ``video`` is then ``None``.

    Args:
        path: the file.
        audio_track: the sound track to use, counted from 1 as a person counts; ``None``: the default one.

    Raises:
        AudioTrackError, DeadAudioTrackError: that track is not there, or does not decode.
        InputError: not a regular file, not media, most of it missing, or nothing in it decodes.
    """
    path = path.absolute()
    with _opened(path) as container:
        tracks, stopped = walk(container, _candidates(container))
        name = container.format.name
        layout = mp4_layout(path) if name.startswith("mov,") else None
        choice = _choose(container, tracks, path, audio_track, layout)
        _require_most(path, container, choice, layout)
        video = _video_stream(choice.video, path, name, layout) if choice.video else None
        audio = _audio_stream(choice.audio) if choice.audio else None
        others = tuple(_describe(stream) for stream in choice.rest)
    used = [stream for stream in (video, audio) if stream is not None]
    origin = min(stream.start_s for stream in used)
    recording = Recording(
        path=path,
        sha256=file_sha256(path),
        size_bytes=path.stat().st_size,
        container=name,
        video=video,
        audio=audio,
        other_streams=others,
        origin_s=origin,
        duration_s=max(stream.end_s for stream in used) - origin,
        has_moov_first=None if layout is None else layout.has_moov_first,
        has_time_jumps=name in _JUMPING and _jumps([tracks[stream.index] for stream in used]),
        has_edit_list=layout is not None and layout.edit_list in {"shift", "cut"},
        audio_track=choice.audio_track,
    )
    return name_oddities(recording, tracks, choice.undecodable_sound, stopped, declared_bytes(path))


def _opened(path: Path) -> InputContainer:
    """Return the file opened; what ffmpeg cannot even open because it is encrypted is called by that name.

    Raises:
        EncryptedError: it is.
        InputError: it cannot be opened for another reason.
    """
    try:
        return open_container(path)
    except (TruncatedError, NotMediaError):
        layout = mp4_layout(path)
        if layout is not None and layout.is_encrypted:
            raise EncryptedError(path) from None
        raise


def _jumps(tracks: Sequence[Track]) -> bool:
    """Return whether the clock itself breaks: it runs backwards, or all tracks leap ahead together."""
    return any(track.returns for track in tracks) or all(track.leaps for track in tracks)


def _candidates(container: InputContainer) -> list[Stream]:
    """Return the streams that could be the lecture's picture or sound."""
    return [stream for stream in container.streams if stream.type in {"video", "audio"} and not _is_cover(stream)]


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _choose(
    container: InputContainer, tracks: dict[int, Track], path: Path, audio_track: int | None, layout: Mp4Layout | None
) -> _Choice:
    """Return the tracks to use: of those that decode, the default one, else the first; the sound that was asked for.

    Raises:
        AudioTrackError, DeadAudioTrackError: that sound cannot be had.
        InputError: there is nothing to use, with the reason.
    """
    videos = [track for track in tracks.values() if track.stream.type == "video"]
    audios = [track for track in tracks.values() if track.stream.type == "audio"]
    video = _best(videos)
    audio = _best(audios) if audio_track is None else _asked_for(audios, audio_track, path)
    if video is None and (audio is None or any(track.packets for track in videos)):
        raise _reason(videos, audios, path, layout)
    if video is not None:
        _require_plain(video, path, layout)
    used = {track.stream.index for track in (video, audio) if track}
    rest = tuple(stream for stream in container.streams if stream.index not in used)
    silent = tuple(codec_name(track.stream) for track in audios if track.packets and not track.decodes)
    return _Choice(video, audio, rest, silent, audios.index(audio) + 1 if audio else None)


def _reason(videos: Sequence[Track], audios: Sequence[Track], path: Path, layout: Mp4Layout | None) -> InputError:
    """Return why nothing of a recording can be used."""
    if any(track.encrypted for track in (*videos, *audios)) or (layout is not None and layout.is_encrypted):
        return EncryptedError(path)
    if not videos:
        return NoPictureError(path)
    if _is_cut_off(path) or not any(track.packets for track in videos):
        return TruncatedError(path)
    return NothingDecodesError(path, codec=codec_name(videos[0].stream))


def _require_plain(video: Track, path: Path, layout: Mp4Layout | None) -> None:
    """Refuse a picture that decodes and yet cannot be shown.

    Raises:
        EncryptedError: all but its beginning is encrypted.
        DolbyVisionError: its colours mean something else than any other video's.
    """
    if video.encrypted * 2 > video.packets:
        raise EncryptedError(path)
    if layout is not None and layout.dolby_vision is not None and layout.dolby_vision.has_no_base:
        raise DolbyVisionError(path, profile=layout.dolby_vision.profile)


def _is_cut_off(path: Path) -> bool:
    """Return whether the greater part of what the file's structure announces is missing."""
    declared = declared_bytes(path)
    return declared is not None and path.stat().st_size < declared * _KEPT_MIN


def _asked_for(audios: Sequence[Track], number: int, path: Path) -> Track:
    if not 1 <= number <= len(audios):
        raise AudioTrackError(path, number=number, count=len(audios))
    track = audios[number - 1]
    if not track.decodes:
        raise DeadAudioTrackError(path, number=number, codec=codec_name(track.stream))
    return track


def _best(tracks: Sequence[Track]) -> Track | None:
    usable = [track for track in tracks if track.decodes]
    moving = [track for track in usable if len(track.pts) > 1 or track.untimed > 1] or usable
    return min(moving, key=lambda track: not track.stream.disposition & Disposition.default, default=None)


def _require_most(path: Path, container: InputContainer, choice: _Choice, layout: Mp4Layout | None) -> None:
    """Refuse a file of which the greater part is missing.

    Raises:
        TruncatedError: it is.
    """
    is_short = _is_cut_off(path)
    if container.format.name.startswith("mov,") and choice.video is not None:
        is_short = choice.video.packets < choice.video.stream.frames * _KEPT_MIN
    if is_short or (layout is not None and not layout.is_moov_whole):
        raise TruncatedError(path)


def _video_stream(track: Track, path: Path, container: str, layout: Mp4Layout | None) -> VideoStream:
    """Return the record of the picture."""
    stream, context = track.stream, track.stream.codec_context
    frames: list[Picture] = track.frames
    first = frames[0]
    pts, end, field_pairs = _frame_times(track)
    nominal = [stream.base_rate, stream.average_rate, stream.guessed_rate, context.framerate]
    rate, is_constant = find_rate(pts, track.time_base, [None if r is None else Fraction(r) for r in nominal],
                                  track.last_duration * (2 if field_pairs else 1))  # fmt: skip
    is_interlaced = sum(frame.is_interlaced for frame in frames) * 2 > len(frames)
    order = _FIELD_ORDERS.get(int(context.field_order), "unknown")
    rotation, is_mirrored = orientation(first.display_matrix)
    start_s = pts[0] * track.time_base
    end_s = max(end * track.time_base, start_s + 1 / rate)
    keys = [key for key in track.keys if key >= pts[0]]
    intervals = [b - a for a, b in pairwise(keys)]
    return VideoStream(
        index=stream.index,
        codec=codec_name(stream),
        profile=context.profile,
        level=context.level if context.level and context.level > 0 else None,
        width=first.width,
        height=first.height,
        sar=_sar(stream.sample_aspect_ratio or context.sample_aspect_ratio),
        rotation=rotation,
        is_mirrored=is_mirrored,
        pixel_format=first.pixel_format,
        bit_depth=first.bit_depth,
        is_full_range=first.colour_range == _FULL_RANGE or first.pixel_format.startswith("yuvj"),
        primaries=_PRIMARIES.get(first.primaries) or _PRIMARIES.get(int(context.color_primaries)),
        transfer=_TRANSFERS.get(first.transfer) or _TRANSFERS.get(int(context.color_trc)),
        matrix=_MATRICES.get(first.matrix) or _MATRICES.get(int(context.colorspace)),
        is_interlaced=is_interlaced,
        field_order=_field_order(is_interlaced, order),  # type: ignore[arg-type]
        frame_rate=rate,
        is_constant_rate=is_constant,
        frame_count=len(pts),
        start_s=start_s,
        end_s=end_s,
        time_base=track.time_base,
        bit_rate_bps=_bit_rate(track, end_s - start_s),
        keyframe_interval_max_s=max(intervals) * track.time_base if intervals else None,
        is_seekable=lands_on_keys(path, container, layout, track),
        decoder_delay_s=track.delay * track.time_base,
    )


def _frame_times(track: Track) -> tuple[list[int], int, bool]:
    """Return the times of the frames in ticks, ascending, their end, and whether each frame came as two packets.

    Packets without any time (a raw stream) are counted off at the nominal rate.
    """
    pts = [time for time in track.pts if time >= track.start]
    if len(pts) < track.packets // 2 or not pts:
        rate = track.stream.guessed_rate or track.stream.average_rate or Fraction(25)
        times = [round(number / (Fraction(rate) * track.time_base)) for number in range(max(1, track.packets) + 1)]
        return times[:-1], times[-1], False
    ticks = sorted(frame.tick for frame in track.frames if frame.tick is not None)
    steps = sorted(b - a for a, b in pairwise(ticks))
    if steps and track.step > 0 and abs(steps[len(steps) // 2] - 2 * track.step) <= 1 and track.frames[0].is_interlaced:
        return pts[0::2], track.end, True
    return pts, track.end, False


def _field_order(is_interlaced: bool, header: str) -> str:
    """Return the field order; the frames decide between progressive and interlaced, the header on the order."""
    if not is_interlaced:
        return "progressive"
    return header if header != "progressive" else "unknown"


def _audio_stream(track: Track) -> AudioStream:
    """Return the record of a sound track."""
    stream, context = track.stream, track.stream.codec_context
    first: Sound = track.frames[0]
    start_s = track.start * track.time_base
    end_s = track.end * track.time_base - Fraction(track.last_trim, first.sample_rate_hz)
    if track.untimed == track.packets and stream.duration:
        end_s = start_s + stream.duration * track.time_base
    end_s = max(end_s, start_s + Fraction(1, 1000))
    return AudioStream(
        index=stream.index,
        codec=codec_name(stream),
        profile=context.profile,
        sample_rate_hz=first.sample_rate_hz,
        channels=first.channels,
        channel_layout=first.layout or None,
        start_s=start_s,
        end_s=end_s,
        bit_rate_bps=_bit_rate(track, end_s - start_s),
        language=stream.language if stream.language not in {None, "und"} else None,
        is_default=bool(stream.disposition & Disposition.default),
        is_counted_off=track.is_stalled,
    )


def orientation(matrix: tuple[int, ...] | None) -> tuple[int, bool]:
    """Return (degrees clockwise, mirrored) of a display matrix of nine fixed-point numbers.

    The picture is first mirrored left to right, when it is mirrored, and then turned. Turns are rounded to a quarter.
    """
    if matrix is None:
        return 0, False
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    determinant = a * d - b * c
    if determinant == 0:
        return 0, False
    return round(degrees(atan2(-c, d)) / 90) % 4 * 90, determinant < 0


def codec_name(stream: Any) -> str:
    """Return ffmpeg's codec name of a PyAV stream, ``unknown`` when ffmpeg has none."""
    context = stream.codec_context
    return "unknown" if context is None else str(context.codec.canonical_name)


def _describe(stream: Stream) -> str:
    """Return an unused stream in a few words."""
    text = f"{stream.type}:{codec_name(stream)}"
    if stream.language not in {None, "und"}:
        text += f" [{stream.language}]"
    return f"{text} (cover)" if _is_cover(stream) else text


def _sar(value: Fraction | None) -> Fraction:
    if value is None or value <= 0 or not Fraction(1, _SAR_MAX) <= value <= _SAR_MAX:
        return Fraction(1)
    return Fraction(value)


def _bit_rate(track: Track, duration_s: Fraction) -> int | None:
    """Return the bits a second that the packets really take."""
    return round(track.size_bytes * 8 / duration_s) if duration_s > 0 else None
