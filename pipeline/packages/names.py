"""What the files of a package are called in it."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from pipeline.output import safe_name


def safe_places(places: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the paths in a package, with ``/``: names that Windows, macOS and Linux take, no two alike in any of them.

    Args:
        places: folders and file name of each file, in their order.
    """
    taken: set[str] = set()
    made = []
    for place in places:
        safe = [_safe(part, is_file=number == len(place) - 1) for number, part in enumerate(place)]
        made.append(_untaken("/".join(safe), taken))
    return tuple(made)


def _safe(name: str, *, is_file: bool) -> str:
    """Return one name; a file's ending stays however long the name is."""
    name = unicodedata.normalize("NFC", name)
    suffix = safe_name(f"x{PurePath(name).suffix[:16]}")[1:] if is_file else ""
    return safe_name(name.removesuffix(PurePath(name).suffix) if suffix else name) + suffix


def _untaken(place: str, taken: set[str]) -> str:
    """Return ``place``, numbered when a disk that knows no case would take it for one before."""
    path = PurePath(place)
    number, free = 1, place
    while free.casefold() in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}").as_posix()
    taken.add(free.casefold())
    return free
