"""Subtitle tracks that a recording brings along: told apart, and taken out as SRT for a person to burn in.

Only text can be taken out. Tracks that hold pictures (DVD, Blu-ray, DVB) are refused by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg
from av.stream import Disposition

from pipeline.errors import NoSubtitlesGivenError, NoSubtitleTrackError, PictureSubtitlesError, SubtitleChoiceError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.probing.oddities import TEXT_SUBTITLES
from pipeline.media.probing.probe import codec_name
from pipeline.media.sources import ffmpeg_input, open_container
from pipeline.records import Recording


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
        return self.codec in TEXT_SUBTITLES


def list_tracks(path: Path) -> tuple[SubtitleTrack, ...]:
    """Return the subtitle tracks of the recording at ``path``, in the container's order.

    Raises:
        InputError: the file is no longer the recording that it was.
    """
    with open_container(path) as container:
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


def find_track(path: Path, number: int) -> SubtitleTrack:
    """Return the subtitle track of that number, counted from 1.

    Raises:
        NoSubtitleTrackError: there is none.
    """
    tracks = list_tracks(path)
    if not 1 <= number <= len(tracks):
        raise NoSubtitleTrackError(path, number=number, count=len(tracks))
    return tracks[number - 1]


def choose(raw: Path, file: Path | None, number: int | None) -> Path | SubtitleTrack:
    """Return what is to be burned in: a person's file, or a text track of the recording at ``raw``.

    Raises:
        SubtitleChoiceError, NoSubtitlesGivenError: not exactly one of the two was given.
        NoSubtitleTrackError, PictureSubtitlesError: there is no such track, or it is no text.
        InputError: the recording cannot be opened.
    """
    if file is not None and number is not None:
        raise SubtitleChoiceError(raw)
    if file is not None:
        return file
    if number is None:
        texts = "; ".join(_described(track) for track in list_tracks(raw) if track.is_text)
        raise NoSubtitlesGivenError(raw, tracks=texts or "–")
    track = find_track(raw, number)
    if not track.is_text:
        raise PictureSubtitlesError(raw, number=number, codec=track.codec)
    return track


def _described(track: SubtitleTrack) -> str:
    facts = (track.language, track.codec, track.title)
    return f"{track.number} ({', '.join(fact for fact in facts if fact)})"


@contextmanager
def as_file(recording: Recording, chosen: Path | SubtitleTrack) -> Iterator[Path]:
    """Give the chosen subtitles as a file, for the length of the block where they are a track.

    Raises:
        MediaToolError: ffmpeg failed.
    """
    if isinstance(chosen, Path):
        yield chosen
        return
    with TemporaryDirectory(prefix="weike-subtitles-") as folder:
        yield extract(recording, chosen, Path(folder) / f"track-{chosen.number}.srt")


def extract(recording: Recording, track: SubtitleTrack, out: Path) -> Path:
    """Write a text track to ``out`` as SRT in UTF-8, on the delivery's clock, and return ``out``.

    Marks of style go, words and line breaks stay.

    Raises:
        PictureSubtitlesError: the track holds pictures.
        MediaToolError: ffmpeg failed.
    """
    if not track.is_text:
        raise PictureSubtitlesError(recording.path, number=track.number, codec=track.codec)
    given = recording.original or recording.path
    source = ffmpeg_input(given, copyts=None)[str(track.index)]
    node = ffmpeg.output(
        source,
        str(out),
        format="srt",
        scodec="text",
        output_ts_offset=f"{round(-recording.origin_s * 1_000_000)}us",
    )
    run_ffmpeg(compile_args(node), subject=given)
    return out
