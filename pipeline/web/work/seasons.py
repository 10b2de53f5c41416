"""The seasons of the served folder: output folders of batches, and registers of which nothing was converted yet.

Which lectures there are is planned by the batch itself, from what it noted that it was asked for. What leads out of the
served folder is not followed: of such a season only the records in its output folder are shown.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.batch import BatchOptions, Ledger, Task, plan
from pipeline.batch.asked import files_of
from pipeline.errors import WeikeError
from pipeline.presets import load_preset
from pipeline.register.reading import read_register
from pipeline.web.settings import ServeSettings
from pipeline.web.work.walking import folders, is_inside

_RECORDS = ".weike-batch"
_TABLES = frozenset({".xlsx", ".csv"})
_REGISTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Season:
    """A season of lectures."""

    id: str
    place: str
    """Path below the served folder of its output folder, or of its register while there is none."""
    options: BatchOptions
    """What its batch was asked for; its output folder need not exist."""
    is_converted: bool
    """There is an output folder."""
    is_planned: bool
    """Its lectures are known from a register or folder, and can be tried again; else from records alone."""

    @property
    def title(self) -> str:
        """Return what people call it."""
        what = self.options.what
        if what is None:
            return self.options.out.name
        return what.stem if what.suffix.lower() in _TABLES else what.name


@dataclass(frozen=True, slots=True)
class Planned:
    """The lectures of a season."""

    tasks: tuple[Task, ...]
    problem: WeikeError | None = None
    """Why they are those of the records alone, if they should be more."""


def all_seasons(settings: ServeSettings) -> tuple[Season, ...]:
    """Return every season below the served folder, by its place."""
    made, tables = [], []
    for folder, files in folders(settings):
        if (folder / _RECORDS).is_dir() and not (folder / _RECORDS).is_symlink():
            made.append(season_at(settings, folder))
        else:
            tables += [path for path in files if path.suffix.lower() in _TABLES]
    known = {season.options.what for season in made}
    registers = [path for path in tables if path not in known and _is_register(path)]
    found = [*made, *(_of_register(settings, path) for path in registers[:_REGISTERS_MAX])]
    return tuple(sorted(found, key=lambda season: season.place))


def season_at(settings: ServeSettings, out: Path) -> Season:
    """Return the season that lies in an output folder."""
    asked = Ledger(out).asked()
    is_planned = asked is not None and asked.what is not None and is_inside(settings, asked.what)
    options = asked if asked is not None and is_planned else BatchOptions(out, load_preset(None))
    return _season(settings, out, options, True, is_planned)


def lectures_of(season: Season) -> Planned:
    """Return the lectures of a season, as its batch would plan them now."""
    recorded = tuple(Task(name, None) for name in Ledger(season.options.out).names())
    if not season.is_planned or season.options.what is None:
        return Planned(recorded)
    try:
        return Planned(plan(season.options.what, season.options))
    except WeikeError as error:
        return Planned(recorded, error)


def stays_inside(settings: ServeSettings, task: Task) -> bool:
    """Tell whether a lecture is made of nothing but files below the served folder."""
    return all(is_inside(settings, path) for path in files_of(task))


def _of_register(settings: ServeSettings, path: Path) -> Season:
    nowhere = settings.state / "no-output"
    return _season(settings, path, BatchOptions(nowhere, load_preset(None), what=path), False, True)


def _season(settings: ServeSettings, path: Path, options: BatchOptions, is_converted: bool, is_planned: bool) -> Season:
    place = path.relative_to(settings.root).as_posix()
    return Season(season_id(place), place, options, is_converted, is_planned)


def season_id(place: str) -> str:
    """Return under which id the season at a place is asked for."""
    return hashlib.sha256(b"weike-season:" + place.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _is_register(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return _reads(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=500)
def _reads(path: Path, _mtime_ns: int, _size: int) -> bool:
    """Tell whether a table is a register; asked once for each content."""
    try:
        read_register(path)
    except WeikeError:
        return False
    return True
