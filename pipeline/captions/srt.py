"""SubRip files: written in UTF-8 with full punctuation, read in whatever encoding they come, with every cue counted."""

import codecs
import os
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.captions.screen import on_screen
from pipeline.errors import SubtitleFileError
from pipeline.media.sources import require_regular_file
from pipeline.records import Cue
from pipeline.texts import N_, Message, _

SIZE_MAX_BYTES = 20_000_000
"""A subtitle file has a few hundred kilobytes; what is far larger is something else."""
NAMED_MAX = 20
"""Problems of one kind that are named one by one; the rest are counted."""
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

    The file is cut at its lines of times by ourselves, so that every cue in it either comes out or is named among the
    problems: pysrt by itself drops broken cues and takes unreadable digits for zero. Formatting tags are taken out.

    Raises:
        InputError: no regular file, or one that is empty or unreadable.
        SubtitleFileError: it is no text, or no SRT.
    """
    if require_regular_file(path).st_size > SIZE_MAX_BYTES:
        raise SubtitleFileError(path, reason=_("it is far too large for subtitles"))
    text, encoding = _decoded(path)
    blocks = _blocks(text.splitlines())
    if not blocks:
        raise SubtitleFileError(path, reason=_("no line of times such as 00:00:01,000 --> 00:00:03,000 is in it"))
    read = [_cue(block) for block in blocks]
    cues = tuple(cue for cue in read if cue is not None)
    broken = [(n, block) for n, (block, cue) in enumerate(zip(blocks, read, strict=True), 1) if cue is None]
    problems = [
        *_encoding_problem(encoding),
        *_bounded(Message(N_("Cue {number} cannot be read: {text}"), _quoted(n, block)) for n, block in broken),
        *_disorder(cues),
    ]
    return cues, tuple(problems)


def _decoded(path: Path) -> tuple[str, str]:
    """Return a file's text and the name of its encoding."""
    data = path.read_bytes()
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(bom):
            return data.decode(encoding, "replace"), encoding.removesuffix("-sig")
    if 0 in data[:200]:
        return _in_one_of(path, data, ("utf-16-le", "utf-16-be"))
    return _in_one_of(path, data, ("utf-8", "gb18030", "big5"))


def _in_one_of(path: Path, data: bytes, encodings: Iterable[str]) -> tuple[str, str]:
    """Return the text in the first encoding that fits; a text in no encoding is not guessed at."""
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and "-->" in text:
            return text, encoding
    raise SubtitleFileError(path, reason=_("it is not text in UTF-8, UTF-16 or GB 18030, or holds no times"))


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
    screen = "\n".join(on_screen(line) for line in text.split("\n"))
    return Cue(item.start.ordinal, item.end.ordinal, text, screen, None)


def _encoding_problem(encoding: str) -> list[Message]:
    if encoding == "utf-8":
        return []
    return [Message(N_("The file is in {encoding}, not in UTF-8."), {"encoding": encoding.upper()})]


def _disorder(cues: Sequence[Cue]) -> list[Message]:
    """Return the cues that end too early, overlap, or stand in the wrong order, by their place among those read."""
    ends = N_("Cue {number} ends before it begins: {text}")
    order = N_("Cue {number} begins before the one above it: {text}")
    overlap = N_("Cue {number} begins before the one above it has ended: {text}")
    numbered = [(n, [cue.text]) for n, cue in enumerate(cues, 1)]
    reversed_ = [name for name, cue in zip(numbered, cues, strict=True) if cue.end_ms <= cue.start_ms]
    pairs = [(name, a, b) for name, (a, b) in zip(numbered[1:], pairwise(cues), strict=True)]
    misplaced = [name for name, a, b in pairs if b.start_ms < a.start_ms]
    overlapping = [name for name, a, b in pairs if a.start_ms <= b.start_ms < a.end_ms]
    kinds = ((ends, reversed_), (order, misplaced), (overlap, overlapping))
    return [message for text, names in kinds for message in _bounded(Message(text, _quoted(*name)) for name in names)]


def _quoted(number: int, block: Sequence[str]) -> dict[str, str]:
    """Return a cue's place in the file, counted from 1, and the beginning of its text."""
    text = " ".join(" ".join(block).split())
    return {"number": str(number), "text": text if len(text) <= 40 else f"{text[:39]}…"}


def _bounded(messages: Iterable[Message]) -> list[Message]:
    """Return the messages, the last of very many as a count."""
    named = list(messages)
    more = len(named) - NAMED_MAX
    if more <= 0:
        return named
    rest = Message(N_("… and {count} more like this."), {"count": str(more)})
    return [*named[:NAMED_MAX], rest]
