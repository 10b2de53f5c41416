"""What the making of a lecture leaves for the person who reviews its subtitles, beside what is delivered."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.records import CueSheet, Report, Soundtrack, Transcript
from pipeline.store import put_in_place
from pipeline.terms import Term
from pipeline.timing import FrameGrid

PICTURE, PEAKS = "picture.mp4", "peaks.bin"
"""The small picture without subtitles, and how loud the sound is."""
_MATERIAL = "material.json"


@dataclass(frozen=True, slots=True)
class Material:
    """A lecture as it was before a person read it."""

    grid: FrameGrid
    sound: Soundtrack
    sheet: CueSheet
    transcript: Transcript | None
    """``None`` when the words are a person's, or nothing is known of where they came from."""
    terms: tuple[Term, ...] = ()
    """What must be written right."""


def material_of(report: Report, terms: Sequence[Term]) -> Material | None:
    """Return what a finished lecture leaves; ``None`` where it was not made here."""
    if report.delivery is None or report.soundtrack is None or report.cue_sheet is None:
        return None
    return Material(report.delivery.grid, report.soundtrack, report.cue_sheet, report.transcript, tuple(terms))


def keep_material(material: Material, folder: Path) -> None:
    """Write it so that it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{_MATERIAL}.{os.getpid()}"
    temporary.write_bytes(TypeAdapter(Material).dump_json(material))
    put_in_place(temporary, folder / _MATERIAL)


def find_material(folder: Path) -> Material | None:
    """Return what was kept in a folder; ``None`` where nothing was, or nothing that can be read now."""
    path = folder / _MATERIAL
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValidationError):
        return None


@lru_cache(maxsize=8)
def _read(path: Path, _changed_ns: int) -> Material:
    return TypeAdapter(Material).validate_json(path.read_bytes())
