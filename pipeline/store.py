"""Artefacts by key: what a stage made is kept under a key of everything that went in, and nothing is done twice.

Layout of the cache folder::

    artefacts/<kind>/<key><suffix>   finished files; they appear whole, by rename, or not at all
    attempts/<process>-<machine>-…/  private working folders; leftovers of killed runs are removed at the next start
    artefacts/<kind>/sums            size and SHA-256 of each file of that kind, one a line, as it was made
    locks/<name>.lock
"""

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import platformdirs
from filelock import FileLock, Timeout
from pydantic import BaseModel, TypeAdapter, ValidationError

from pipeline.errors import CacheUnwritableError, DiskFullError, OutputBusyError, OutputUnwritableError

T = TypeVar("T")
_STALE_ATTEMPT_S = 24 * 3600
SUMS = "sums"
"""Name of the list of sums beside the artefacts of a kind."""


def default_cache() -> Path:
    """Return the cache folder of this person on this machine."""
    return Path(platformdirs.user_cache_dir("weike", appauthor=False))


def key_of(*parts: object) -> str:
    """Return the key of ``parts``: 32 hexadecimal digits of a SHA-256 over their canonical JSON.

    Parts are JSON values, ``Path`` (its text), ``Fraction``, frozen dataclasses, pydantic models, and tuples of these.
    """
    text = json.dumps(parts, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power loss, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(temporary: Path, final: Path) -> None:
    """Move a finished file to its name so that the name is never partial: fsync, rename, fsync the folder.

    Both must lie on one file system.
    """
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(final)
    fsync_folder(final.parent)


def put_bytes(final: Path, data: bytes) -> Path:
    """Write ``data`` beside its name, then give it the name; return it. It is there whole or not at all.

    Raises:
        OutputUnwritableError: it cannot be written; what stood there before still does.
    """
    temporary = final.with_name(f".{final.name}.part")
    try:
        temporary.write_bytes(data)
        put_in_place(temporary, final)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise OutputUnwritableError(final.parent, reason=error.strerror or str(error)) from error
    return final


def require_free(folder: Path, needed_bytes: int) -> None:
    """Refuse to begin when the disk of ``folder`` has less than ``needed_bytes`` free.

    Raises:
        DiskFullError: too little space.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise DiskFullError(folder, needed=_megabytes(needed_bytes), free=_megabytes(free))


def this_machine() -> str:
    """Return what tells this machine from others that share a store: a few hexadecimal digits of its name."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


class Store:
    """The cache folder of one person, or one that several machines share. Safe for several threads and processes."""

    def __init__(self, root: Path | None = None) -> None:
        """Open (and make) the store at ``root``, by default in the person's cache folder.

        Raises:
            CacheUnwritableError, DiskFullError: nothing can be kept there.
        """
        self.root = (root or default_cache()).absolute()
        with self._named():
            for name in ("artefacts", "attempts", "locks"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            self._drop_stale_attempts()

    def path(self, kind: str, key: str, suffix: str = "") -> Path:
        """Return where the artefact stands or would stand."""
        return self.root / "artefacts" / kind / f"{key}{suffix}"

    def file(self, kind: str, key: str, suffix: str, make: Callable[[Path], None], *, is_proven: bool = False) -> Path:
        """Return the file kept under ``key``, made by ``make(path)`` if it is not there yet.

        ``make`` writes to a path in a private folder; it is moved into place only when ``make`` returns. With
        ``is_proven`` a kept file is compared with the sum that was noted when it was made, and made anew when it is
        another or none was noted.

        Raises:
            CacheUnwritableError, DiskFullError: it cannot be kept.
        """
        final = self.path(kind, key, suffix)
        if final.exists() and (not is_proven or is_as_made(final)):
            _note_use(final)
            return final
        with self.attempt() as folder:
            temporary = folder / f"{kind}{suffix}"
            with self._named():
                make(temporary)
                line = f"{final.name} {temporary.stat().st_size} {file_sha256(temporary)}\n"
                final.parent.mkdir(parents=True, exist_ok=True)
                put_in_place(temporary, final)
                with (final.parent / SUMS).open("a", encoding="ascii") as sums:
                    sums.write(line)
        return final

    def record(self, kind: str, key: str, type_: type[T], make: Callable[[], T]) -> T:
        """Return the record kept under ``key``, made by ``make()`` if it is not there or no longer fits its type."""
        kept = self.find_record(kind, key, type_)
        if kept is not None:
            return kept
        record = make()
        self.put_record(kind, key, type_, record)
        return record

    def find_record(self, kind: str, key: str, type_: type[T]) -> T | None:
        """Return the record kept under ``key``, or ``None``."""
        path = self.path(kind, key, ".json")
        try:
            record = TypeAdapter(type_).validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
        _note_use(path)
        return record

    def put_record(self, kind: str, key: str, type_: type[T], record: T) -> None:
        """Keep ``record`` under ``key``."""
        data = TypeAdapter(type_).dump_json(record, indent=1)
        with self._named():
            self.path(kind, key, ".json").unlink(missing_ok=True)
        self.file(kind, key, ".json", lambda path: _write(path, data))

    @contextmanager
    def attempt(self) -> Iterator[Path]:
        """Give a private working folder that is gone afterwards."""
        folder = self.root / "attempts" / f"{os.getpid()}-{this_machine()}-{uuid.uuid4().hex[:12]}"
        with self._named():
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def exclusive(self, output: Path) -> Iterator[None]:
        """Hold the only right to write ``output``; the right of a dead process falls back by itself.

        Raises:
            OutputBusyError: another run holds it.
        """
        lock = FileLock(self.root / "locks" / f"{key_of(output.absolute())}.lock")
        try:
            with self._named():
                lock.acquire(timeout=0)
        except Timeout:
            raise OutputBusyError(output) from None
        try:
            yield
        finally:
            lock.release()

    def _drop_stale_attempts(self) -> None:
        """Remove working folders whose process is gone; of another machine's processes nothing is known but age."""
        for folder in (self.root / "attempts").iterdir():
            owner, machine, *_ = (*folder.name.split("-"), this_machine())
            is_elsewhere = folder.name.count("-") > 1 and machine != this_machine()
            if owner.isdigit() and (is_elsewhere or _is_alive(int(owner))) and not _is_old(folder):
                continue
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the cache folder when something cannot be kept in it."""
        try:
            yield
        except Timeout:
            raise
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(self.root, needed="?", free="0 MB") from error
            raise CacheUnwritableError(self.root, reason=error.strerror or str(error)) from error


def noted_sums(folder: Path) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of each artefact in ``folder`` as last noted; a line cut short counts for nothing."""
    noted, sums = {}, folder / SUMS
    for line in sums.read_text("ascii", "replace").splitlines() if sums.exists() else ():
        parts = line.split()
        if len(parts) == 3 and parts[1].isdigit() and len(parts[2]) == 64:
            noted[parts[0]] = (int(parts[1]), parts[2])
    return noted


def is_as_made(artefact: Path) -> bool:
    """Tell whether a kept file is, byte for byte, what was noted when it was made."""
    try:
        found = artefact.stat().st_size, file_sha256(artefact)
        return _noted_sum(artefact) == found
    except OSError:
        return False


def _noted_sum(artefact: Path) -> tuple[int, str] | None:
    """Return what ``noted_sums`` does of one artefact, without taking the list apart: a full store's has 10 MB."""
    noted = (artefact.parent / SUMS).read_bytes()
    found = re.findall(rb"(?m)^%b (\d+) (\S{64})$" % re.escape(artefact.name.encode()), noted)
    return (int(found[-1][0]), found[-1][1].decode("ascii", "replace")) if found else None


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path | Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a key")


def _note_use(path: Path) -> None:
    """Let an artefact's time of change say when it was last used."""
    with suppress(OSError):
        os.utime(path)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_old(folder: Path) -> bool:
    """Tell whether nothing was put into a folder for a day; one that its owner removes meanwhile is not old."""
    try:
        return time.time() - folder.stat().st_mtime > _STALE_ATTEMPT_S
    except FileNotFoundError:
        return False


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
