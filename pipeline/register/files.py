"""Files that a register names: from its own folder, regular ones only, with the nearest name when one is missing."""

from pathlib import Path

from rapidfuzz import process

from pipeline.errors import InputError, NoSuchFileError, NotARegularFileError
from pipeline.media.sources import require_regular_file
from pipeline.texts import N_, Message, _

_NEAR = 80
"""How alike a name must be to be proposed, of 100."""
_PROPOSALS_MAX = 50
"""After so many missing files it is the folder that is wrong, and no name is looked for any more."""
_MISSING = Message(N_("There is no such file."))


class FileCells:
    """Looks for the files of one register."""

    def __init__(self, folder: Path) -> None:
        """Look from ``folder``."""
        self._folder = folder
        self._names: dict[Path, tuple[str, ...]] = {}
        self._proposed = 0

    def look(self, name: str) -> Path | Message:
        """Return the absolute path of the file, or why it cannot be used.

        A link is not followed: what it points to may change between this look and the work.
        """
        path = self._path(name)
        try:
            if path.is_symlink():
                raise NotARegularFileError(path, kind=_("a link"))
            require_regular_file(path)
        except NoSuchFileError:
            return _MISSING
        except InputError as error:
            return error.message
        except (OSError, ValueError):
            return Message(N_("It is no path of a file."))
        return path

    def advice(self, name: str, why: Message) -> Message:
        """Return what to write instead of ``name``."""
        if why is not _MISSING:
            return Message(N_("Write the path of a file that can be read, from the register's folder."))
        near = self._near(self._path(name))
        if near is not None:
            return Message(N_("Did you mean {name}?"), {"name": near})
        return Message(
            N_("Check the name; paths begin at the register's folder: {folder}"), {"folder": str(self._folder)}
        )

    def _path(self, name: str) -> Path:
        # Registers travel between systems; a backslash is no character of a name in any of them.
        return Path((self._folder / name.replace("\\", "/")).absolute())

    def _near(self, path: Path) -> str | None:
        self._proposed += 1
        if self._proposed > _PROPOSALS_MAX:
            return None
        names = self._names.get(path.parent)
        if names is None:
            try:
                names = tuple(child.name for child in path.parent.iterdir() if child.is_file())
            except OSError:
                names = ()
            self._names[path.parent] = names
        found = process.extractOne(path.name, names, score_cutoff=_NEAR)
        if found is None:
            return None
        near = path.with_name(found[0])
        return str(near.relative_to(self._folder)) if near.is_relative_to(self._folder) else str(near)
