"""What became of each lecture, on the disk: one small file a lecture, whole or absent whenever the power fails.

``OUT/.weike-batch/<name>.json`` is written before a lecture begins and again as soon as it ended. There is no list and
no count that could disagree with these files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from pipeline.errors import OutputBusyError, OutputUnwritableError
from pipeline.output import LOCKLESS
from pipeline.season import Outcome
from pipeline.store import put_in_place

FOLDER = ".weike-batch"
_OUTCOME = TypeAdapter(Outcome)


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
        final = self._path(outcome.name)
        temporary = final.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(_OUTCOME.dump_json(outcome, indent=1))
            put_in_place(temporary, final)
        except OSError as error:
            raise OutputUnwritableError(self._folder, reason=error.strerror or str(error)) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the only right to work on this output folder; a dead process's right falls back by itself.

        Raises:
            OutputBusyError: another batch works on it.
            OutputUnwritableError: nothing can be written there.
        """
        lock = FileLock(self._folder / "lock")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
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

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"
