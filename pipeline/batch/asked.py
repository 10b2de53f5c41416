"""Whether the same thing is asked for again: the same options, and files with the same content.

No recording is read for this while its size and its time of change stay; its hash comes from the report of its lecture.
"""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pipeline.batch.planning import Task
from pipeline.engines.script import find_script
from pipeline.jobs import Edits, LectureJob
from pipeline.season import SeenFile
from pipeline.store import file_sha256, key_of

_REVISION = 1
"""Counted up when an outcome means something else."""
_SMALL_BYTES = 20_000_000
"""Scripts and lists of terms are smaller, and are read again for their hash."""


def asked_key(task: Task) -> str:
    """Return the key of everything that is asked for, apart from the content of files."""
    if task.job is None:
        return key_of(_REVISION, "cannot begin")
    asked = _asked(task.job)
    given = {name: value for name, value in asked.items() if not _paths_in(value)}
    named = {name: len(_paths_in(value)) for name, value in asked.items() if _paths_in(value) and name != "out"}
    return key_of(_REVISION, given, named)


def files_of(task: Task) -> tuple[Path, ...]:
    """Return every file that the lecture is made of, each once; the recording is the first.

    A script that lies beside the recording is one of them, so that one which is put there later is noticed.
    """
    if task.files or task.job is None:
        return task.files
    job = task.job
    asked = [value for name, value in _asked(job).items() if name != "out"]
    if job.script is None and job.finds_script:
        asked.append(find_script(job.raw))
    return tuple(dict.fromkeys(path.absolute() for value in asked for path in _paths_in(value)))


def _asked(job: LectureJob) -> dict[str, Any]:
    """Return all that is asked for by name, each of the edits on its own: a logo is a file."""
    whole = {field.name: getattr(job, field.name) for field in fields(LectureJob) if field.name != "edits"}
    return whole | {f"edits.{field.name}": getattr(job.edits, field.name) for field in fields(Edits)}


def _paths_in(value: Any) -> tuple[Path, ...]:
    if isinstance(value, Path):
        return (value,)
    return tuple(part for part in value if isinstance(part, Path)) if isinstance(value, tuple) else ()


def seen_now(path: Path) -> SeenFile:
    """Return a file's size and time of change as they are now."""
    try:
        status = path.stat()
    except OSError:
        return SeenFile(path, None, None)
    return SeenFile(path, status.st_size, status.st_mtime_ns)


def is_unchanged(seen: SeenFile) -> bool:
    """Tell whether a file is as it was; one that was only touched is compared by its content."""
    now = seen_now(seen.path)
    if (now.size_bytes, now.mtime_ns) == (seen.size_bytes, seen.mtime_ns):
        return True
    if now.size_bytes != seen.size_bytes or seen.sha256 is None:
        return False
    try:
        return file_sha256(seen.path) == seen.sha256
    except OSError:
        return False


def with_hashes(files: tuple[SeenFile, ...], source_sha256: str) -> tuple[SeenFile, ...]:
    """Return the files with the hash of the recording, which its probe computed anyway, and of the small ones."""
    hashed = []
    for number, seen in enumerate(files):
        sha256 = source_sha256 if number == 0 and source_sha256 else seen.sha256
        if sha256 is None and seen.size_bytes is not None and seen.size_bytes <= _SMALL_BYTES:
            try:
                sha256 = file_sha256(seen.path)
            except OSError:
                sha256 = None
        hashed.append(replace(seen, sha256=sha256))
    return tuple(hashed)
