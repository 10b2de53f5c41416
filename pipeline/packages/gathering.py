"""Which files a package has: regular files of the folders that a person named, and nothing that they only point to."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import (
    NoSuchFileError,
    NotAFolderError,
    NothingToPackError,
    TooManyFilesError,
    UnreadableFileError,
)
from pipeline.packages.records import PART_FOLDERS, Entry, Fault, Gathered
from pipeline.presets import PackagePart
from pipeline.texts import N_, Message

FILES_MAX = 500
"""A package has some twenty files; far more is a folder named by mistake."""
DEPTH_MAX = 4
"""Folders below a part's own."""
_FOLDERS: Mapping[PackagePart, tuple[str, ...]] = {
    "lecture": ("党课", "微党课", "微课", "lecture", "lectures"),
    "story": ("战疫故事汇", "战疫故事", "战疫故事汇作品", "story", "stories"),
    "case": ("工作案例", "案例", "case", "cases"),
    "piece": (
        "图片音视频", "图片和音视频", "图片、音视频", "图片及音视频", "图片与音视频", "图片", "照片", "音视频", "音频",
        "视频",
        "piece", "pieces", "picture", "pictures", "media",
    ),
}  # fmt: skip
_ORDINAL = re.compile(r"^[（(]?[\d一二三四五六七八九十]+[)）]?[\s.、．_-]*")
_HIDDEN = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "__macosx"})
_LOCKS = ("~$", "~wrl", ".~lock.")
"""Beginnings of the names that office programs give to the lock files of documents that are open."""
_LINK = N_("It is a link. Put the file itself here.")
_SPECIAL = N_("It is neither a file nor a folder.")
_STRAY = N_("It belongs to no part. Put it into one of the folders {folders}.")
_DEEP = N_("It lies too many folders deep. Put the files of a work into one folder.")
_UNREADABLE = N_("It cannot be read: {reason}.")


@dataclass(slots=True)
class _Found:
    """What the walk has met so far."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def fault(self, place: str, text: str, **values: str) -> None:
        self.faults.append(Fault("package.files", place, Message(text, values)))


def gather(folder: Path | None, named: Mapping[PackagePart, Sequence[Path]]) -> Gathered:
    """Return the files of a package.

    Args:
        folder: holds a sub-folder for each part, under its Chinese or English name.
        named: files and folders that make up a part; a part that is named is not looked for in ``folder``.

    Raises:
        NoSuchFileError, NotAFolderError: what was named is not there.
        NothingToPackError: there is no file in any part.
        TooManyFilesError: it is no package, but somebody's disk.
    """
    found = _Found()
    if folder is not None:
        _gather_folder(folder, [part for part in PART_FOLDERS if not named.get(part)], found)
    for part, paths in named.items():
        for path in paths:
            _gather_named(path, part, found)
    if not found.entries and not found.faults:
        paths = [path for some in named.values() for path in some]
        raise NothingToPackError(folder or paths[0], folders=_folder_names())
    order = list(PART_FOLDERS)
    found.entries.sort(key=lambda entry: (order.index(entry.part), entry.inside))
    return Gathered(tuple(found.entries), tuple(found.faults), tuple(sorted(found.ignored)))


def open_regular(path: Path) -> BinaryIO:
    """Return a file opened for reading; what has become a link or a pipe meanwhile is refused, not followed.

    Raises:
        UnreadableFileError: it is no regular file any more, or cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnreadableFileError(path, reason=error.strerror or str(error)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFileError(path, reason=Message(_SPECIAL).show().rstrip(".。"))
    return os.fdopen(descriptor, "rb")


def is_hidden(name: str) -> bool:
    """Tell whether a system or an office program made a file of that name for itself."""
    lower = name.lower()
    return lower.startswith((".", *_LOCKS)) or lower in _HIDDEN


def _gather_folder(folder: Path, parts: Sequence[PackagePart], found: _Found) -> None:
    if not folder.exists():
        raise NoSuchFileError(folder)
    if not folder.is_dir():
        raise NotAFolderError(folder)
    for item in _listed(folder, "", found):
        if is_hidden(item.name):
            found.ignored.append(item.name)
            continue
        part = _part_of(item.name)
        if item.is_symlink():
            found.fault(item.name, _LINK)
        elif part is not None and item.is_dir(follow_symlinks=False):
            if part in parts:
                _walk(Path(item.path), part, (), found)
        else:
            found.fault(item.name, _STRAY, folders=_folder_names())


def _gather_named(path: Path, part: PackagePart, found: _Found) -> None:
    try:
        status = path.lstat()
    except OSError:
        raise NoSuchFileError(path) from None
    if stat.S_ISLNK(status.st_mode):
        found.fault(f"{PART_FOLDERS[part]}/{path.name}", _LINK)
    elif stat.S_ISDIR(status.st_mode):
        _walk(path, part, (), found)
    elif stat.S_ISREG(status.st_mode):
        found.entries.append(Entry(part, path.absolute(), (path.name,)))
    else:
        found.fault(f"{PART_FOLDERS[part]}/{path.name}", _SPECIAL)


def _walk(folder: Path, part: PackagePart, above: tuple[str, ...], found: _Found) -> None:
    """Take the regular files of a folder and of those below it."""
    for item in _listed(folder, "/".join((PART_FOLDERS[part], *above)), found):
        entry = Entry(part, Path(item.path).absolute(), (*above, item.name))
        if is_hidden(item.name):
            found.ignored.append(entry.shown)
        elif item.is_symlink():
            found.fault(entry.shown, _LINK)
        elif item.is_dir(follow_symlinks=False):
            if len(entry.inside) > DEPTH_MAX:
                found.fault(entry.shown, _DEEP)
            else:
                _walk(Path(item.path), part, entry.inside, found)
        elif item.is_file(follow_symlinks=False):
            found.entries.append(entry)
        else:
            found.fault(entry.shown, _SPECIAL)
        if len(found.entries) + len(found.faults) > FILES_MAX:
            raise TooManyFilesError(folder, most=FILES_MAX)


def _listed(folder: Path, place: str, found: _Found) -> Iterator["os.DirEntry[str]"]:
    """Yield what lies in a folder, by name; one that cannot be listed is a fault."""
    try:
        with os.scandir(folder) as items:
            yield from sorted(items, key=lambda item: item.name)
    except OSError as error:
        found.fault(place or folder.name, _UNREADABLE, reason=error.strerror or str(error))


def _part_of(name: str) -> PackagePart | None:
    """Return the part that a folder of this name holds; a number before the name is only its order."""
    bare = unicodedata.normalize("NFKC", name).strip().lower()
    names = {bare, _ORDINAL.sub("", bare)}
    for part, known in _FOLDERS.items():
        if names & {unicodedata.normalize("NFKC", each) for each in known}:
            return part
    return None


def _folder_names() -> str:
    return "、".join(PART_FOLDERS.values())
