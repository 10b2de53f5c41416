"""Which lectures there are: from a folder of recordings, or from a register."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path

from pipeline.errors import NoRecordingsError, RegisterRowError, WeikeError
from pipeline.jobs import Edits, LectureJob
from pipeline.output import MARKER, safe_name
from pipeline.presets import Preset
from pipeline.records import LectureInfo
from pipeline.register.reading import read_register
from pipeline.season import BadCell, Entry, Register
from pipeline.texts import _

SUFFIXES = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".ts",
        ".mts",
        ".m2ts",
        ".mpg",
        ".mpeg",
        ".vob",
        ".flv",
        ".wmv",
        ".asf",
        ".3gp",
        ".3g2",
        ".rm",
        ".rmvb",
        ".ogv",
        ".mxf",
        ".dv",
        ".f4v",
    ]
)
"""Endings by which recordings are found in a folder; what a file really is, its content says."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What holds for every lecture; ``None`` leaves it to the register or the recording."""

    out: Path
    """Absolute; the folder of each lecture is made in it."""
    preset: Preset
    speaker: str | None = None
    unit: str | None = None
    finds_script: bool = True
    terms: Path | None = None
    audio_track: int | None = None
    edits: Edits = field(default_factory=Edits)
    """A row of a register that says something of its own goes before it."""
    what: Path | None = None
    """Absolute; the folder or register that the lectures come from, where they are known again by it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One lecture of a batch."""

    name: str
    """Of its folder in ``OUT``; no two tasks have the same, whatever the case of its letters."""
    job: LectureJob | None
    """``None`` when it cannot even begin."""
    entry: Entry | None = None
    problem: WeikeError | None = None
    """Why it cannot begin."""
    bad_cells: tuple[BadCell, ...] = ()
    """What is wrong in its row."""
    files: tuple[Path, ...] = ()
    """The files it is known by, if others than those that ``job`` names (copies of them, say)."""


def plan(what: Path, options: BatchOptions) -> tuple[Task, ...]:
    """Return the lectures of a folder or a register.

    Raises:
        NoRecordingsError, RegisterFileError, RegisterRowError, InputError: there are none to be found there.
    """
    return plan_folder(what, options) if what.is_dir() else plan_register(read_register(what), options)


def plan_folder(folder: Path, options: BatchOptions) -> tuple[Task, ...]:
    """Return a task for each recording in a folder and the folders below it, in the order people count in.

    Links, hidden files, and what Weike delivered are left out.

    Raises:
        NoRecordingsError: there is none.
    """
    folder = folder.absolute()
    recordings = sorted(_recordings(folder, options.out), key=lambda path: _as_counted(path.relative_to(folder)))
    if not recordings:
        raise NoRecordingsError(folder)
    names = _Names()
    return tuple(task_of(path, names.take(path.stem, path.relative_to(folder)), options) for path in recordings)


def task_of(recording: Path, name: str, options: BatchOptions) -> Task:
    """Return the task of a recording without a register."""
    info = LectureInfo(name, None, options.speaker, options.unit)
    job = LectureJob(recording, options.out, info, options.preset)
    return Task(name, _with(job, options))


def plan_register(register: Register, options: BatchOptions) -> tuple[Task, ...]:
    """Return a task for each row of a register; a row with bad cells is a task that cannot begin.

    Raises:
        NoRecordingsError: the register has no row.
        RegisterRowError: it lacks a column that every row needs.
    """
    rows = {entry.row for entry in register.entries}
    for cell in register.bad_cells:
        if cell.row not in rows:  # it is about a whole column
            raise RegisterRowError(register.path, row=cell.row, cells=_(cell.heading))
    if not rows:
        raise NoRecordingsError(register.path)
    names = _Names()
    return tuple(_of_entry(entry, register, names, options) for entry in register.entries)


def name_of(entry: Entry) -> str:
    """Return what the files of a registered lecture are called."""
    recording = entry.recordings[0].stem if entry.recordings else None
    return safe_name(entry.name or entry.title or recording or _("Row {row}").format(row=entry.row))


def _of_entry(entry: Entry, register: Register, names: "_Names", options: BatchOptions) -> Task:
    bad = register.bad_in(entry.row)
    name = names.take(name_of(entry), None)
    if bad:
        places = ", ".join(f"{cell.column}{cell.row}" for cell in bad)
        return Task(name, None, entry, RegisterRowError(register.path, row=entry.row, cells=places), bad_cells=bad)
    first, *more = entry.recordings
    info = LectureInfo(name, entry.title, options.speaker or entry.speaker, options.unit or entry.unit)
    job = LectureJob(first, options.out, info, options.preset, more=tuple(more))
    given = replace(job, script=entry.script, terms=entry.terms, audio_track=entry.audio_track)
    task = _with(given, options)
    card = task.edits.card if entry.card is None else entry.card
    return Task(name, replace(task, edits=replace(task.edits, card=card, logo=entry.logo or task.edits.logo)), entry)


def _with(job: LectureJob, options: BatchOptions) -> LectureJob:
    """Return the job with what the command line says, which wins."""
    given = {"terms": options.terms, "audio_track": options.audio_track}
    set_by_hand = {key: value for key, value in given.items() if value is not None}
    return replace(job, finds_script=options.finds_script, edits=options.edits, **set_by_hand)  # type: ignore[arg-type]


def _recordings(folder: Path, out: Path) -> Sequence[Path]:
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name.startswith(".") or path.is_symlink() or path.absolute() == out:
            continue
        if path.is_dir():
            if not (path / MARKER).is_file():
                found += _recordings(path, out)
        elif path.is_file() and path.suffix.lower() in SUFFIXES:
            found.append(path.absolute())
    return found


def _as_counted(path: Path) -> tuple[tuple[int, int | str], ...]:
    """Return a key under which 第2讲 comes before 第10讲, and a folder's own files before those of its folders."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return (0, len(path.parts)), *((0, int(part)) if part.isdigit() else (1, part) for part in parts)


class _Names:
    """Names that no two lectures share, on systems too for which A and a are one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wish: str, path: Path | None) -> str:
        """Return the name that is wished for, or else one with the folder, the ending or a number."""
        wishes = [wish]
        if path is not None:
            wishes += [f"{path.parent.name} {wish}"] if path.parent.name else []
            wishes.append(path.name.replace(".", " "))
        numbered = (f"{wish[:120]} ({number})" for number in count(2))
        name = next(name for name in map(safe_name, chain(wishes, numbered)) if name.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name
