"""A lecture's subtitles while a person corrects them: one SRT file a version, and none is ever written over.

``7.srt`` is version 7, written, synced and renamed into place under a lock: who worked from version 6 as well is told
that somebody was faster, and loses nothing. ``7.json`` beside it says which of the cues a person has looked at. The
files are those that ``weike burn`` reads, written and read by the same functions.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pipeline.captions.entries import as_cue
from pipeline.captions.srt import parse_srt, write_srt
from pipeline.errors import WebFormError, WebStaleError
from pipeline.records import Cue
from pipeline.store import put_in_place
from pipeline.texts import _

KEPT = 50
"""Versions that are kept; the oldest ones go."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a lecture's subtitles."""

    version: int
    """0 for what the recognition and the layout made, before a person changed anything."""
    cues: tuple[Cue, ...]
    checked: frozenset[int]
    """Places, from 0, of the cues that a person has looked at and found good."""


class Drafts:
    """All versions of one lecture's subtitles. Several processes may write; one of them is the first."""

    def __init__(self, folder: Path) -> None:
        """Look after the versions in ``folder``, which need not be there yet."""
        self._folder = folder

    def path(self, version: int) -> Path:
        """Return the SRT file of a version."""
        return self._folder / f"{version}.srt"

    def latest(self, first: Sequence[Cue]) -> Draft:
        """Return the newest version; ``first`` is what stands where there is none."""
        version = max(self._versions(), default=0)
        if not version:
            return Draft(0, tuple(first), frozenset())
        cues = tuple(entry.cue for entry in parse_srt(self.path(version).read_text("utf-8")) if entry.cue is not None)
        return Draft(version, cues, self._checked(version))

    def put(self, base: int, cues: Sequence[Cue], checked: frozenset[int]) -> Draft:
        """Return the version that follows ``base``, which is on the disk then.

        Raises:
            WebStaleError: ``base`` is not the newest version any more.
            WebFormError: a text would not come back from the file as it went in.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock"):
            newest = max(self._versions(), default=0)
            if base != newest:
                raise WebStaleError(yours=base, theirs=newest)
            temporary = self._folder / f".{base + 1}.part"
            try:
                write_srt(cues, temporary)
                kept = _read_back(temporary, cues)
                self._note(base + 1, checked)
                put_in_place(temporary, self.path(base + 1))
            finally:
                temporary.unlink(missing_ok=True)
            self._drop_oldest(base + 1)
        return Draft(base + 1, kept, checked)

    def _versions(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.srt") if path.stem.isdigit()]

    def _checked(self, version: int) -> frozenset[int]:
        try:
            return frozenset(json.loads(self.path(version).with_suffix(".json").read_text("ascii")))
        except (OSError, ValueError, TypeError):
            return frozenset()

    def _note(self, version: int, checked: frozenset[int]) -> None:
        """Write what was looked at before the version is there: the version's own name completes it."""
        with self.path(version).with_suffix(".json").open("w", encoding="ascii") as file:
            json.dump(sorted(checked), file)
            file.flush()
            os.fsync(file.fileno())

    def _drop_oldest(self, version: int) -> None:
        old = self.path(version - KEPT)
        for path in (old, old.with_suffix(".json")):
            path.unlink(missing_ok=True)


def _read_back(path: Path, cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """Return the cues as the product reads them from the file.

    Raises:
        WebFormError: one of them is read as something else.
    """
    found = [entry.cue for entry in parse_srt(path.read_text("utf-8"))]
    kept = tuple(cue for cue in found if cue is not None)
    wanted = [(cue.start_ms, cue.end_ms) for cue in cues]
    if len(kept) != len(found) or [(cue.start_ms, cue.end_ms) for cue in kept] != wanted:
        raise WebFormError(reason=_("a subtitle holds what no subtitle file can hold, such as a line of times"))
    return kept


def person_cue(start_ms: int, end_ms: int, text: str) -> Cue | None:
    """Return what a person wrote as a cue, lines without blanks around them; ``None`` for no text at all."""
    plain = "\n".join(line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip())
    return as_cue(start_ms, end_ms, plain) if plain else None
