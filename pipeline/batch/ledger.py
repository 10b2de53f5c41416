"""What became of each lecture, on the disk: one small file a lecture, whole or absent whenever the power fails.

``OUT/.weike-batch/<name>.json`` is written before a lecture begins and again as soon as it ended. There is no list and
no count that could disagree with these files. Beside them ``.asked`` says what the newest batch was asked for,
so that a page can show its lectures and try one of them again just as the batch would.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from pipeline.batch.planning import BatchOptions
from pipeline.errors import OutputBusyError, OutputUnwritableError
from pipeline.output import LOCKLESS
from pipeline.season import Outcome
from pipeline.store import put_in_place

FOLDER = ".weike-batch"
_OUTCOME, _ASKED = TypeAdapter(Outcome), TypeAdapter(BatchOptions)
_LOCK, _ASKED_FILE = "lock", ".asked"
_LOOK_S = 0.5
"""Somebody who only looks whether the folder is held lets go of it sooner."""


class Ledger:
    """The outcomes of the lectures of one output folder."""

    def __init__(self, out: Path) -> None:
        """Look after the outcomes in ``out``; nothing is made before something is written."""
        self.out = out
        self._folder = out / FOLDER

    def find(self, name: str) -> Outcome | None:
        """Return what is known of a lecture; ``None`` also for what cannot be read as an outcome."""
        try:
            return _OUTCOME.validate_json(self._path(name).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, outcome: Outcome) -> None:
        """Keep an outcome in place of an older one.

        Raises:
            OutputUnwritableError: it cannot be kept.
        """
        self._put(self._path(outcome.name), _OUTCOME.dump_json(outcome, indent=1))

    def names(self) -> tuple[str, ...]:
        """Return the names of all lectures of which something is known, in order."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.json")))

    def keep_asked(self, options: BatchOptions) -> None:
        """Keep what a batch was asked for, if its lectures can be found again by it.

        Raises:
            OutputUnwritableError: it cannot be kept.
        """
        if options.what is None:
            return
        terms, logo = options.terms, options.edits.logo
        edits = replace(options.edits, logo=logo and logo.absolute())
        kept = replace(options, terms=terms and terms.absolute(), edits=edits)
        self._put(self._folder / _ASKED_FILE, _ASKED.dump_json(kept, indent=1))

    def asked(self) -> BatchOptions | None:
        """Return what the newest batch was asked for; ``None`` where nobody noted it in a form that is read here."""
        try:
            data = (self._folder / _ASKED_FILE).read_bytes()
            found = _ASKED.validate_json(data, strict=False)  # a preset is strict, and JSON knows no dates
        except (OSError, ValidationError):
            return None
        return replace(found, out=self.out)

    def is_held(self) -> bool:
        """Tell whether a batch works on this output folder now."""
        path = self._folder / _LOCK
        if not path.exists():
            return False
        lock = FileLock(path)
        try:
            with lock.acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:
            return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the only right to work on this output folder; a dead process's right falls back by itself.

        Raises:
            OutputBusyError: another batch works on it.
            OutputUnwritableError: nothing can be written there.
        """
        lock = FileLock(self._folder / _LOCK)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=_LOOK_S)
        except Timeout:
            raise OutputBusyError(self.out) from None
        except OSError as error:
            if error.errno not in LOCKLESS:
                raise OutputUnwritableError(self.out, reason=error.strerror or str(error)) from None
        try:
            yield
        finally:
            if lock.is_locked:
                lock.release()

    def _put(self, final: Path, data: bytes) -> None:
        temporary = final.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            put_in_place(temporary, final)
        except OSError as error:
            raise OutputUnwritableError(self._folder, reason=error.strerror or str(error)) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"
