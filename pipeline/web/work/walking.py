"""Through the served folder: no links, nothing hidden, nothing that was made here."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.output import MARKER
from pipeline.web.settings import ServeSettings

_DEPTH_MAX = 4


def folders(settings: ServeSettings) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Yield each folder with its regular files; a delivered lecture's own folder is none of them."""
    yield from _walk(settings, settings.root, 0)


def is_inside(settings: ServeSettings, path: Path) -> bool:
    """Tell whether a path leads to something below the served folder, wherever links on the way point."""
    try:
        return path.resolve().is_relative_to(settings.root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _walk(settings: ServeSettings, folder: Path, depth: int) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError:
        return
    yield folder, tuple(sorted(Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False)))
    for entry in entries:
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False) or path == settings.lectures or depth >= _DEPTH_MAX:
            continue
        if not (path / MARKER).exists():
            yield from _walk(settings, path, depth + 1)
