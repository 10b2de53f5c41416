"""Subtitle tracks that a recording brings along: told apart, and taken out as SRT for a person to burn in.

Only text can be taken out. Tracks that hold pictures (DVD, Blu-ray, DVB) are refused by name.
"""

from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from av.stream import Disposition

from pipeline.errors import NoSubtitleTrackError, PictureSubtitlesError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.probe import codec_name
from pipeline.media.sources import ffmpeg_input, open_container
from pipeline.records import Recording

_TEXT_CODECS = frozenset(
    {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "microdvd", "mpl2", "subviewer", "sami", "ttml"}
)
"""ffmpeg's codecs of subtitles whose text a person can read and correct."""


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One subtitle track inside a recording."""

    number: int
    """Counted from 1 among the subtitle tracks, as a person counts."""
    index: int
    """Stream number in the container."""
    codec: str
    language: str | None
    title: str | None
    is_default: bool

    @property
    def is_text(self) -> bool:
        """The track can be taken out as text."""
        return self.codec in _TEXT_CODECS


def list_tracks(recording: Recording) -> tuple[SubtitleTrack, ...]:
    """Return the subtitle tracks of a recording, in the container's order.

    Raises:
        InputError: the file is no longer the recording that it was.
    """
    with open_container(recording.path) as container:
        streams = [stream for stream in container.streams if stream.type == "subtitle"]
        return tuple(
            SubtitleTrack(
                number=number,
                index=stream.index,
                codec=codec_name(stream),
                language=stream.language if stream.language not in {None, "und"} else None,
                title=stream.metadata.get("title"),
                is_default=bool(stream.disposition & Disposition.default),
            )
            for number, stream in enumerate(streams, start=1)
        )


def find_track(recording: Recording, number: int) -> SubtitleTrack:
    """Return the subtitle track of that number, counted from 1.

    Raises:
        NoSubtitleTrackError: there is none.
    """
    tracks = list_tracks(recording)
    if not 1 <= number <= len(tracks):
        raise NoSubtitleTrackError(recording.path, number=number, count=len(tracks))
    return tracks[number - 1]


def extract(recording: Recording, track: SubtitleTrack, out: Path) -> Path:
    """Write a text track to ``out`` as SRT in UTF-8, on the delivery's clock, and return ``out``.

    Marks of style go, words and line breaks stay.

    Raises:
        PictureSubtitlesError: the track holds pictures.
        MediaToolError: ffmpeg failed.
    """
    if not track.is_text:
        raise PictureSubtitlesError(recording.path, number=track.number, codec=track.codec)
    source = ffmpeg_input(recording.path, copyts=None)[str(track.index)]
    node = ffmpeg.output(
        source,
        str(out),
        format="srt",
        scodec="text",
        output_ts_offset=f"{round(-recording.origin_s * 1_000_000)}us",
    )
    run_ffmpeg(compile_args(node), subject=recording.path)
    return out
