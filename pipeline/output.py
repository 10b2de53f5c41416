"""The folder a lecture is delivered to: it appears whole or not at all, and nobody's files in it are lost.

A run writes into ``.<name>.partial`` beside it. At the end that folder takes the name. A folder that an earlier run
made is replaced; what a person put there or changed there is carried over. A marker file with the hashes of what was
delivered tells ours from theirs. While a run lasts it holds a lock beside the folder, which runs of other people, of
other machines and with other caches see too.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from os.path import samestat
from pathlib import Path
from string import Formatter

from filelock import FileLock, Timeout

from pipeline.errors import DiskFullError, OutputBusyError, OutputExistsError, OutputUnwritableError
from pipeline.records import LectureInfo
from pipeline.store import file_sha256, fsync_folder

MARKER = ".weike.json"
LOCKLESS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
"""What network shares that know no locks answer; the lock in the cache then holds alone."""


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a private folder whose content becomes ``folder`` when the block ends well, and is gone otherwise.

    Raises:
        OutputBusyError: another run is writing it.
        OutputExistsError: something that is not ours stands there.
        OutputUnwritableError: the place cannot be written.
        DiskFullError: the disk ran full while writing.
    """
    partial, old = (folder.with_name(f".{folder.name}.{suffix}") for suffix in ("partial", "old"))
    make_folder(folder.parent)
    with _held(folder):
        try:
            _recover(folder, old)
            _require_ours(folder)
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            begun = partial.stat()
        except OSError as error:
            raise _named(error, folder) from None
        try:
            yield partial
            if not samestat(begun, partial.stat()):
                raise OutputUnwritableError(folder, reason=os.strerror(errno.ENOENT))
            _mark(partial)
            _carry_over(folder, partial)
            _swap(folder, partial, old)
        except OSError as error:
            raise _named(error, folder) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        OutputUnwritableError, DiskFullError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _named(error, folder) from None


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock beside ``folder``; its file is gone afterwards, and one that a killed run left stops nobody."""
    path = folder.with_name(f".{folder.name}.lock")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise OutputBusyError(folder) from None
    except OSError as error:
        if error.errno not in LOCKLESS:
            raise _named(error, folder) from None
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):
                path.unlink()
            with suppress(OSError):
                lock.release()


def _named(error: OSError, folder: Path) -> OutputUnwritableError | DiskFullError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(folder, needed="?", free="0 MB")
    return OutputUnwritableError(folder, reason=error.strerror or str(error))


def _recover(folder: Path, old: Path) -> None:
    """Finish or undo a swap in whose middle a run was killed."""
    if old.exists():
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)


def _require_ours(folder: Path) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARKER).is_file()):
        raise OutputExistsError(folder)


def _mark(partial: Path) -> None:
    hashes = {path.name: file_sha256(path) for path in sorted(partial.iterdir()) if path.is_file()}
    marker = partial / MARKER
    marker.write_text(json.dumps({"generator": "weike", "files": hashes}, ensure_ascii=False, indent=1), "utf-8")
    for path in partial.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    fsync_folder(partial)


def _carry_over(folder: Path, partial: Path) -> None:
    """Copy into ``partial`` what a person added to or changed in the folder of an earlier run."""
    if not folder.is_dir():
        return
    try:
        known = json.loads((folder / MARKER).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        known = {}
    for path in folder.iterdir():
        if path.name == MARKER or (path.is_file() and _is_kept_anyway(path, partial / path.name, known)):
            continue
        target = _free_name(partial / path.name)
        if path.is_dir():
            shutil.copytree(path, target, symlinks=True)
        else:
            shutil.copy2(path, target, follow_symlinks=False)


def _is_kept_anyway(path: Path, new: Path, known: Mapping[str, str]) -> bool:
    """Tell whether a file is ours, or a person's that the new delivery holds under the same name."""
    digest = file_sha256(path)
    return known.get(path.name) == digest or (new.is_file() and file_sha256(new) == digest)


def _free_name(path: Path) -> Path:
    number, name = 1, path
    while name.exists():
        name = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return name


def _swap(folder: Path, partial: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    fsync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


_RESERVED = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
}
"""Names that Windows keeps for devices, with any extension. Source: Microsoft, Naming Files, Paths, and Namespaces."""


def file_name(template: str, info: LectureInfo, recording: Path) -> str:
    """Return the name that a preset's template gives a lecture, safe everywhere; without a field, the recording's.

    Args:
        template: such as ``{unit}-{speaker}-{title}``.
        info: what is registered.
        recording: the first recording.
    """
    registered = {"title": info.title, "speaker": info.speaker, "unit": info.unit, "date": info.date}
    values = registered | {"recording": recording.stem}
    wanted = [field for _, field, _, _ in Formatter().parse(template) if field]
    if any(not (values.get(field) or "").strip() for field in wanted):
        return safe_name(recording.stem)
    return safe_name(template.format_map(values))


def safe_name(name: str) -> str:
    """Return ``name`` as a file name that every system takes, at most 180 UTF-8 bytes; never empty, never hidden.

    A name that is no UTF-8 is read as GB 18030, in which old Chinese disks and archives write theirs.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("gb18030", "replace")
    kept = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 or ord(c) == 127 else c for c in name)
    kept = kept.encode("utf-8", "replace")[:180].decode("utf-8", "ignore").strip(" .")
    return f"_{kept}" if kept.lower().split(".")[0].rstrip() in _RESERVED else kept or "lecture"
