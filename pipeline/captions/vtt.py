"""WebVTT, for players on web pages. Source: W3C WebVTT: The Web Video Text Tracks Format."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pysubs2

from pipeline.captions.entries import Entry, as_cue
from pipeline.records import Cue

_STAMP = r"(?:(\d+):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_TIMES = re.compile(rf"^\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s.*)?$")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|</?[\d:.]+>")
_NO_CUE = re.compile(r"^\ufeff?(?:WEBVTT|NOTE|STYLE|REGION)(?:\s|:|$)")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\\": "&#92;", "\n": "\\N"}
"""Signs that WebVTT or pysubs2 would take for markup."""


def write_vtt(cues: Sequence[Cue], path: Path) -> None:
    """Write cues as WebVTT: UTF-8, full punctuation."""
    script = pysubs2.SSAFile()
    for cue in cues:
        text = "".join(_ESCAPES.get(sign, sign) for sign in cue.text)
        script.append(pysubs2.SSAEvent(start=cue.start_ms, end=cue.end_ms, text=text))
    path.write_text(script.to_string("vtt", keep_ssa_tags=True), "utf-8", newline="\n")


def is_vtt(text: str) -> bool:
    """Tell whether a text begins as WebVTT must."""
    return re.match(r"\ufeff?\s*WEBVTT(?:\s|$)", text) is not None


def parse_vtt(text: str) -> tuple[Entry, ...]:
    """Return the entries of a WebVTT text in its order; text that stands outside every cue is one that cannot be read.

    Tags, names of speakers and settings of place are taken out.
    """
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", "\n".join(text.splitlines()))]
    blocks = [block for block in blocks if block.strip() and not _NO_CUE.match(block.lstrip())]
    return tuple(Entry(number, block, _cue(block.split("\n"))) for number, block in enumerate(blocks, 1))


def _cue(lines: Sequence[str]) -> Cue | None:
    head = next((n for n, line in enumerate(lines) if "-->" in line), None)
    match = None if head is None else _TIMES.match(lines[head])
    if head is None or match is None:
        return None
    written = "\n".join(line.strip() for line in lines[head + 1 :])
    text = unescape(_TAGS.sub("", written)).strip()
    parts = match.groups()
    return as_cue(_ms(parts[:4]), _ms(parts[4:]), text) if text else None


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
