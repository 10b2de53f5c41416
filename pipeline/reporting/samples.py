"""Cues beside what was read back from the picture."""

import base64
from dataclasses import dataclass
from pathlib import Path

from pipeline.presets import Preset
from pipeline.records import ReadBack
from pipeline.reporting.places import Place
from pipeline.texts import _
from pipeline.timing import clock


@dataclass(frozen=True, slots=True)
class Sample:
    """A cue beside what was read from the picture."""

    number: int
    place: Place
    expected: str
    read: str
    similarity: str
    tone: str
    verdict: str
    image: str | None
    """The frame as a ``data:`` address."""


def sample_of(read: ReadBack, preset: Preset) -> Sample:
    """Return one cue beside what the picture says."""
    enough = read.similarity >= preset.limits.read_back_similarity_min
    return Sample(
        number=read.cue_number,
        place=Place(clock(read.at_ms), read.at_ms / 1000),
        expected=read.expected,
        read=read.read,
        similarity=f"{read.similarity:.0%}",
        tone="good" if enough else "bad",
        verdict=_("Matches") if enough else _("Differs"),
        image=_image(read.thumbnail),
    )


def _image(path: Path | None) -> str | None:
    """Return a JPEG as a ``data:`` address; a picture that is gone is left out, not an error."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data.startswith(b"\xff\xd8") else None
