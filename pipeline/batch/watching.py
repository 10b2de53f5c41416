"""A watched folder: every recording that is put there becomes a lecture, once it has stopped growing.

The folder is looked at again and again, which works on network shares too. Strangers may write to it: nothing but
regular files with one name is opened, without following links, and what was opened is copied before anybody works on
it, so that nothing can be exchanged under its name meanwhile.
"""

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.batch.asked import files_of
from pipeline.batch.events import BatchEmit, BatchEnded, BatchNotice, LectureStarted
from pipeline.batch.lectures import run_task, settled
from pipeline.batch.ledger import Ledger
from pipeline.batch.planning import SUFFIXES, BatchOptions, Task, task_of
from pipeline.batch.running import report_season
from pipeline.engines.ears import keep_warm
from pipeline.engines.script import find_script
from pipeline.errors import InputError, NoSuchFileError, NotARegularFileError, UnreadableFileError
from pipeline.lecture import require_tools
from pipeline.output import safe_name
from pipeline.store import Store, require_free
from pipeline.texts import N_, Message, _

_CHUNK = 1 << 20


class StillGrowing(Exception):
    """A file changed while it was copied; it is taken at a later look."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often is looked, and how long a file must stay as it is."""

    every_s: float = 3.0
    stable_s: float = 10.0


@dataclass
class Watch:
    """One folder under watch."""

    folder: Path
    options: BatchOptions
    store: Store
    emit: BatchEmit
    rhythm: Rhythm = Rhythm()
    _seen: dict[Path, tuple[tuple[int, int, int], float]] = field(default_factory=dict)
    """Of each file its inode, size and time of change, and since when (monotonic seconds) they are so."""
    _refused: set[tuple[Path, str]] = field(default_factory=set)

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Take recordings until ``is_over`` or until a person stops it (``KeyboardInterrupt``).

        A lecture counts as done only after its success is on the disk, so that a restart takes up what was in work. One
        that failed is tried again when its file changes.

        Raises:
            MissingToolError, OutputBusyError, OutputUnwritableError: as ``run_batch``.
        """
        require_tools(self.options.preset)
        ledger = Ledger(self.options.out)
        with ledger.held(), keep_warm():
            while not is_over():
                ready = [task for task in self.tasks() if settled(task, ledger.find(task.name), ledger.out) is None]
                taken = [self._take(task, number, ledger) for number, task in enumerate(ready, 1)]
                if any(taken):
                    self.emit(BatchEnded(report_season(self.tasks(), ledger, self.options)))
                time.sleep(self.rhythm.every_s)

    def tasks(self) -> tuple[Task, ...]:
        """Return a task for each recording that lies there and has stopped growing, by name."""
        paths = sorted(path for path in self._recordings() if self._is_stable(path))
        taken: dict[str, int] = {}
        tasks = []
        for path in paths:
            # Two recordings may differ in their endings alone: then all but the first are named with theirs.
            count = taken[path.stem.casefold()] = taken.get(path.stem.casefold(), 0) + 1
            name = safe_name(path.stem if count == 1 else path.name.replace(".", " "))
            tasks.append(task_of(path, name, self.options))
        return tuple(tasks)

    def _recordings(self) -> Iterator[Path]:
        try:
            entries = sorted(os.scandir(self.folder), key=lambda entry: entry.name)
        except OSError as error:
            raise UnreadableFileError(self.folder, reason=error.strerror or str(error)) from None
        for entry in entries:
            if entry.name.startswith(".") or Path(entry.name).suffix.lower() not in SUFFIXES:
                continue
            path = self.folder.absolute() / entry.name
            if entry.is_file(follow_symlinks=False):
                yield path
            elif not entry.is_dir(follow_symlinks=False):
                kind = N_("a link") if entry.is_symlink() else N_("a special file")
                self._refuse(NotARegularFileError(path, kind=_(kind)))

    def _is_stable(self, path: Path) -> bool:
        try:
            status = path.lstat()
        except OSError:
            return False
        state, now = (status.st_ino, status.st_size, status.st_mtime_ns), time.monotonic()
        known = self._seen.get(path)
        if known is None or known[0] != state:
            self._seen[path] = (state, now)
            return False
        return status.st_size > 0 and now - known[1] >= self.rhythm.stable_s

    def _take(self, task: Task, number: int, ledger: Ledger) -> bool:
        """Work on a recording; tell whether it came to an outcome."""
        assert task.job is not None
        try:
            with spooled(task.job.raw, self.store) as copy:
                files = files_of(task)
                job = replace(task.job, raw=copy)
                self.emit(LectureStarted(task.name, number))
                run_task(replace(task, job=job, files=files), ledger, self.store, self.emit)
                return True
        except StillGrowing:
            self._seen.pop(task.job.raw, None)
        except InputError as error:
            self._refuse(error)
        return False

    def _refuse(self, error: InputError) -> None:
        """Say once why a file is not taken."""
        told = (error.path or self.folder, error.id)
        if told not in self._refused:
            self._refused.add(told)
            self.emit(BatchNotice(Message(N_("Not taken: {reason}"), {"reason": error.message.show()})))


@contextmanager
def spooled(recording: Path, store: Store) -> Iterator[Path]:
    """Give a copy of a recording and of the script beside it, under their names, which is gone afterwards.

    Raises:
        NotARegularFileError: a link, a file with a second name, or anything special.
        NoSuchFileError, UnreadableFileError: it went away, or may not be read.
        DiskFullError: no room for the copy.
        StillGrowing: it changed while it was copied.
    """
    script = find_script(recording)
    with store.attempt() as folder:
        for path in filter(None, (recording, script)):
            copy_unchanged(path, folder / path.name)
        yield folder / recording.name


def copy_unchanged(path: Path, target: Path) -> None:
    """Copy a stranger's file: opened once, without following links, looked at through that opening only.

    Raises:
        NotARegularFileError, NoSuchFileError, UnreadableFileError, DiskFullError, StillGrowing: as ``spooled``.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise NotARegularFileError(path, kind=_("a link"))
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise NoSuchFileError(path) from None
    except OSError as error:
        raise UnreadableFileError(path, reason=error.strerror or str(error)) from None
    with os.fdopen(descriptor, "rb") as source:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise NotARegularFileError(path, kind=_("a special file"))
        if before.st_nlink > 1:
            raise NotARegularFileError(path, kind=_("a file with a second name (a hard link)"))
        require_free(target.parent, before.st_size)
        with target.open("xb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise StillGrowing
