"""Finding a recognition model on this machine, by name or by path. Nothing is ever fetched from a network."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pipeline.errors import NoModelError
from pipeline.media.sources import require_regular_file
from pipeline.store import file_sha256

DEMO_MODEL = "demo-zh.pt"
"""File name of the checkpoint that comes with the samples."""
SMALLEST_REAL_MODEL_BYTES = 40_000_000
"""Whisper's smallest published checkpoint (tiny) has 75 MB; what is far below was trained for a demonstration."""
_ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}


_CLIP_MAX_MS, _DEMO_CLIP_MAX_MS = 30_000, 12_000
"""A whole window gives a real model its context; the demo model was trained on clips of this length and loses
its place in longer ones."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A recognition model on this machine."""

    name: str
    """The name it was asked for by, or its file name when it was asked for by path."""
    path: Path
    sha256: str
    is_demo: bool
    """The tiny model that only knows the demo's synthetic voice."""

    @property
    def clip_max_ms(self) -> int:
        """Longest clip that the model is given at once, milliseconds."""
        return _DEMO_CLIP_MAX_MS if self.is_demo else _CLIP_MAX_MS


def model_folders() -> tuple[Path, ...]:
    """Return the folders where models are looked for, in order; the first is where a person should put one.

    They are ``WEIKE_MODELS`` when it is set, the person's data folder, and the folder whisper itself uses.
    """
    chosen = os.environ.get("WEIKE_MODELS")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = Path(platformdirs.user_data_dir("weike", appauthor=False)) / "models"
    return (*((Path(chosen),) if chosen else ()), own, cache / "whisper")


def models_here() -> tuple[Path, ...]:
    """Return the model files found in the model folders, without opening them."""
    return tuple(path for folder in model_folders() if folder.is_dir() for path in sorted(folder.glob("*.pt")))


def find_model(name: str) -> Path:
    """Return the model file of that name (``tiny`` … ``large-v3-turbo``) or at that path (``….pt``).

    Raises:
        NoModelError: there is no such file; the error names the file and the folder it belongs in.
        InputError: the path is a folder, a pipe, empty or unreadable.
    """
    if name.endswith(".pt") or Path(name).parent != Path():
        path = Path(name)
        if not path.exists():
            raise NoModelError(path, name=name, file=path.name, folder=path.absolute().parent)
        require_regular_file(path)
        return path.absolute()
    file = f"{_ALIASES.get(name, name)}.pt"
    for folder in model_folders():
        if (folder / file).is_file():
            return (folder / file).absolute()
    raise NoModelError(model_folders()[0] / file, name=name, file=file, folder=model_folders()[0])


def describe_model(name: str) -> ModelFile:
    """Return the model of that name or at that path with the hash of its content.

    Raises:
        NoModelError, InputError: as ``find_model``.
    """
    path = find_model(name)
    is_demo = path.name == DEMO_MODEL or path.stat().st_size < SMALLEST_REAL_MODEL_BYTES
    return ModelFile(path.name if name.endswith(".pt") else name, path, file_sha256(path), is_demo)


def smaller_models(model: ModelFile, language: str) -> Iterator[ModelFile]:
    """Give the models of this machine that are smaller than ``model`` and know the language, the largest first.

    The demo model is none of them: it knows no human speech.
    """
    limit = model.path.stat().st_size
    sized = [(path.stat().st_size, path) for path in models_here()]
    for size, path in sorted(sized, reverse=True):
        knows = language == "en" or not path.stem.endswith(".en")
        if SMALLEST_REAL_MODEL_BYTES <= size < limit and knows and path.name != DEMO_MODEL:
            yield ModelFile(path.stem, path.absolute(), file_sha256(path), is_demo=False)
