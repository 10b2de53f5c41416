"""What is wanted of a recording, and the lecture before its picture is made."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.presets import Preset
from pipeline.records import CueSheet, LectureInfo, Recording, Soundtrack, Transcript
from pipeline.timing import FrameGrid

Seen = tuple[Recording, FrameGrid, Soundtrack]
"""What a recording is, the frames of its delivery, and its sound."""


@dataclass(frozen=True, slots=True)
class LectureJob:
    """What is wanted of one recording."""

    raw: Path
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
