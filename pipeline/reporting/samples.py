"""Cues beside what was read back from the picture: pictures of a few, a table of all."""

import base64
from dataclasses import dataclass
from pathlib import Path

from pipeline.presets import Preset
from pipeline.records import Measurements, ReadBack
from pipeline.reporting.places import Place
from pipeline.reporting.words import figure
from pipeline.texts import _
from pipeline.timing import clock

MOST_PICTURES = 12
"""Frames on the page; each weighs about 30 kB."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A cue beside what was read from the picture."""

    number: int
    place: Place
    expected: str
    read: str
    similarity: str
    contrast: str
    """Such as ``18.7``; empty when it could not be told."""
    box: str
    """Columns × rows in pixels; empty when it was not found."""
    tone: str
    verdict: str
    problems: tuple[str, ...]
    """What is wrong, in words; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame with its cue."""

    sample: Sample
    image: str | None
    """The frame as a ``data:`` address."""


@dataclass(frozen=True, slots=True)
class ReadBackView:
    """All that was read back."""

    sentence: str
    pictures: tuple[Picture, ...]
    wrong: tuple[Sample, ...]
    right: tuple[Sample, ...]


def read_back_view(measurements: Measurements, preset: Preset) -> ReadBackView | None:
    """Return what was read back; ``None`` when nothing was."""
    reads = measurements.read_backs
    if not reads:
        return None
    pairs = [(read, sample_of(read, preset)) for read in reads]
    wrong = [pair for pair in pairs if pair[1].problems]
    right = [pair for pair in pairs if not pair[1].problems]
    shown = (wrong + _spread(right, MOST_PICTURES - len(wrong)))[:MOST_PICTURES]
    return ReadBackView(
        sentence=_sentence(reads, len(wrong), len(measurements.cues or reads)),
        pictures=tuple(Picture(sample, _image(read.thumbnail)) for read, sample in shown),
        wrong=tuple(sample for _read, sample in wrong),
        right=tuple(sample for _read, sample in right),
    )


def sample_of(read: ReadBack, preset: Preset) -> Sample:
    """Return one cue beside what the picture says."""
    problems = _problems(read, preset)
    return Sample(
        number=read.cue_number,
        place=Place(clock(read.at_ms), read.at_ms / 1000),
        expected=read.expected,
        read=read.read,
        similarity=f"{int(read.similarity * 100)}%",
        contrast="" if read.contrast is None else figure(read.contrast),
        box="" if read.box is None else "{0}–{2} × {1}–{3}".format(*read.box),
        tone=_tone(read, preset, problems),
        verdict=problems[0] if problems else _("Matches"),
        problems=problems,
    )


def _problems(read: ReadBack, preset: Preset) -> tuple[str, ...]:
    found = []
    if read.similarity < preset.limits.read_back_similarity_min:
        found.append(_("Differs"))
    if read.contrast is not None and read.contrast < preset.limits.read_back_contrast_min:
        found.append(_("Faint"))
    if read.is_inside_margins is False:
        found.append(_("Outside the margins"))
    return tuple(found)


def _tone(read: ReadBack, preset: Preset, problems: tuple[str, ...]) -> str:
    if read.similarity < preset.limits.read_back_similarity_min:
        return "bad"
    return "warn" if problems else "good"


def _sentence(reads: tuple[ReadBack, ...], wrong: int, cues: int) -> str:
    said = [
        _("Subtitles read from the finished picture by a machine: {count} of {all}.").format(count=len(reads), all=cues)
    ]
    contrasts = [read.contrast for read in reads if read.contrast is not None]
    if contrasts:
        said.append(_("Least contrast: {value} to 1.").format(value=figure(min(contrasts))))
    if wrong:
        said.append(_("With a problem: {count}.").format(count=wrong))
    return " ".join(said)


def _spread(pairs: list[tuple[ReadBack, Sample]], wanted: int) -> list[tuple[ReadBack, Sample]]:
    """Return ``wanted`` of the cues, the first and the last among them, the rest evenly between."""
    if len(pairs) <= wanted or wanted < 2:
        return pairs[: max(0, wanted)]
    return [pairs[round(place * (len(pairs) - 1) / (wanted - 1))] for place in range(wanted)]


def _image(path: Path | None) -> str | None:
    """Return a JPEG as a ``data:`` address; a picture that is gone is left out, not an error."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data.startswith(b"\xff\xd8") else None
