"""Recordings that lie in the served folder already, for those who need not upload."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.batch.planning import SUFFIXES
from pipeline.errors import WebFormError
from pipeline.texts import _
from pipeline.web.settings import ServeSettings

_DEPTH_MAX, _SHOWN_MAX = 4, 300


def recordings(settings: ServeSettings) -> list[tuple[str, str]]:
    """Return path below the served folder and size of each recording there; no links, nothing hidden, nothing ours."""
    found = sorted(_walk(settings, settings.root, 0))[:_SHOWN_MAX]
    return [(path.relative_to(settings.root).as_posix(), f"{path.stat().st_size / 1e6:,.1f} MB") for path in found]


def chosen(settings: ServeSettings, relative: str) -> Path:
    """Return a recording that a person picked.

    Raises:
        WebFormError: it is none of those that are shown.
    """
    root = settings.root.resolve()
    try:
        path = (root / relative).resolve(strict=True)
        is_ours = path.is_relative_to(root) and path.is_file() and path.suffix.lower() in SUFFIXES
        inner = path.relative_to(root).parts if is_ours else (".",)
    except (OSError, ValueError, RuntimeError):
        raise WebFormError(reason=_("the recording that was picked is not there any more")) from None
    if any(part.startswith(".") for part in inner) or inner[0] == settings.lectures.name:
        raise WebFormError(reason=_("the recording that was picked is not there any more"))
    return path


def _walk(settings: ServeSettings, folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or path == settings.lectures:
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth < _DEPTH_MAX and not (path / ".weike.json").exists():
                yield from _walk(settings, path, depth + 1)
        elif entry.is_file(follow_symlinks=False) and path.suffix.lower() in SUFFIXES:
            yield path
