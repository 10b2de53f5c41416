"""A person's subtitle file, in any of the usual forms and encodings: told by its content, never by its name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.captions.ass_lines import is_ass, parse_ass
from pipeline.captions.decoding import decoded
from pipeline.captions.entries import Entry, problems_of
from pipeline.captions.srt import parse_srt
from pipeline.captions.vtt import is_vtt, parse_vtt
from pipeline.errors import NoCueError
from pipeline.texts import Message


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """What stands in a subtitle file; every entry of it is here, readable or not."""

    path: Path
    form: Literal["srt", "vtt", "ass"]
    """``ass`` also stands for SSA."""
    encoding: str
    entries: tuple[Entry, ...]
    """In the order of the file."""
    problems: tuple[Message, ...]
    """What is wrong with it: encoding, broken cues, order, overlap."""


def read_subtitles(path: Path) -> SubtitleFile:
    """Return what stands in an SRT, WebVTT, ASS or SSA file in UTF-8, UTF-16, GB 18030 or Big5.

    Raises:
        InputError: no regular file, or one that is empty or unreadable.
        SubtitleFileError: it is no text, or holds no times.
        NoCueError: no cue in it can be read.
    """
    text, encoding = decoded(path)
    form: Literal["srt", "vtt", "ass"] = "vtt" if is_vtt(text) else "ass" if is_ass(text) else "srt"
    entries = {"srt": parse_srt, "vtt": parse_vtt, "ass": parse_ass}[form](text)
    if all(entry.cue is None for entry in entries):
        raise NoCueError(path, found=len(entries))
    return SubtitleFile(path, form, encoding, entries, problems_of(entries, encoding))
