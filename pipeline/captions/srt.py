"""SubRip files: written in UTF-8 with full punctuation, read in whatever encoding they come, with every cue counted."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.captions.decoding import decoded
from pipeline.captions.entries import Entry, as_cue, problems_of
from pipeline.errors import SubtitleFileError
from pipeline.records import Cue
from pipeline.texts import Message, _

_STAMP = r"(\d{1,3}:\d{1,2}:\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?$")
_LIKE_TIMES = re.compile(r"-->|^\s*\d+:\d+.*[-=>→].*\d+:\d+")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")


def write_srt(cues: Sequence[Cue], path: Path) -> None:
    """Write cues as SRT: UTF-8 without BOM, LF, full punctuation, counted from 1, on the disk when this returns."""
    import pysrt

    items = [pysrt.SubRipItem(number, cue.start_ms, cue.end_ms, cue.text.strip()) for number, cue in enumerate(cues, 1)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        pysrt.SubRipFile(items, eol="\n").write_into(file)
        file.flush()
        os.fsync(file.fileno())


def read_srt(path: Path) -> tuple[tuple[Cue, ...], tuple[Message, ...]]:
    """Return the cues of an SRT file in the order of the file, and what is wrong with it.

    Raises:
        InputError: no regular file, or one that is empty or unreadable.
        SubtitleFileError: it is no text, or no SRT.
    """
    text, encoding = decoded(path)
    entries = parse_srt(text)
    if not entries:
        raise SubtitleFileError(path, reason=_("no line of times such as 00:00:01,000 --> 00:00:03,000 is in it"))
    return tuple(entry.cue for entry in entries if entry.cue is not None), problems_of(entries, encoding)


def parse_srt(text: str) -> tuple[Entry, ...]:
    """Return the entries of an SRT text in its order. Formatting tags are taken out.

    The text is cut at its lines of times by ourselves, so that every cue in it either comes out or is named among the
    problems: pysrt by itself drops broken cues and takes unreadable digits for zero.
    """
    blocks = _blocks(text.splitlines())
    return tuple(Entry(number, "\n".join(block), _cue(block)) for number, block in enumerate(blocks, 1))


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Cut lines into cues: each begins with its line of times, and with the number above that if there is one."""
    heads = [n for n, line in enumerate(lines) if _LIKE_TIMES.search(line)]
    begins = [n - 1 if n and lines[n - 1].strip().isdigit() else n for n in heads]
    return [
        [line.rstrip() for line in lines[begin:end]]
        for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True)
    ]


def _cue(block: list[str]) -> Cue | None:
    """Return a block as a cue, ``None`` when its times or its text cannot be read."""
    import pysrt

    times = next(line for line in block if _LIKE_TIMES.search(line))
    text = "\n".join(line for line in block[block.index(times) + 1 :] if line.strip())
    text = _TAGS.sub("", text).strip()
    match = _TIMES.match(times)
    if match is None or not text:
        return None
    start, start_ms, end, end_ms = match.groups()
    # pysrt takes the digits after the comma for milliseconds, however few they are.
    item = pysrt.SubRipItem.from_lines([f"{start},{start_ms:0<3} --> {end},{end_ms:0<3}", text])
    return as_cue(item.start.ordinal, item.end.ordinal, text)
