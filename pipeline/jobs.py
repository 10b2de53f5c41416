"""What is wanted of a recording, and the lecture before its picture is made."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.presets import Preset
from pipeline.records import Assembly, CueSheet, LectureInfo, Recording, Soundtrack, Transcript
from pipeline.timing import FrameGrid


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to work with, before the words."""

    recording: Recording
    """The first part."""
    grid: FrameGrid
    """The delivery's frames."""
    sound: Soundtrack
    assembly: Assembly | None = None
    """What the lecture is put together from; ``None``: it is the recording, whole."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What shall be done beside converting; ``None`` is what the preset says."""

    trim: bool | None = None
    """Cut silence and black away at both ends of every part."""
    tighten: bool | None = None
    """Shorten long pauses of a lecture that is over the preset's length."""
    card: bool | None = None
    """Put an opening card before it."""
    logo: Path | None = None
    """For the card and the cover."""
    cover: bool | None = None
    """Write a cover picture beside the video."""
    clean_master: bool | None = None
    """Write the video without subtitles and panels as well."""
    lower_third: bool | None = None
    """Name the speakers in the picture."""


@dataclass(frozen=True, slots=True)
class LectureJob:
    """What is wanted of one lecture."""

    raw: Path
    """The recording, or the first part of it."""
    out: Path
    """Folder in which the lecture's own folder, named ``info.name``, is made."""
    info: LectureInfo
    preset: Preset
    script: Path | None = None
    """The script (讲稿); ``None`` takes one that lies beside the recording under its name, if ``finds_script``."""
    finds_script: bool = True
    terms: Path | None = None
    """A person's own list of terms."""
    audio_track: int | None = None
    """The sound track to use, counted from 1 as a person counts; ``None``: the default one."""
    more: tuple[Path, ...] = ()
    """Further parts of the same lecture, in order."""
    edits: Edits = Edits()


@dataclass(frozen=True, slots=True)
class Draft:
    """A lecture with its subtitles, before its picture is made."""

    recording: Recording
    grid: FrameGrid
    sound: Soundtrack
    sheet: CueSheet
    transcript: Transcript | None
    """``None`` when the subtitles are a person's."""
    person_subtitles: Path | None = None
    """The subtitle file of a person."""
