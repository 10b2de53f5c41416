from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.events import silent
from pipeline.packages.package import Wanted, examine
from pipeline.packages.records import Package
from pipeline.presets import Preset, load_preset
from pipeline.store import Store
from tests.packages.making import PRESET, right_package


@pytest.fixture
def small(tmp_path: Path) -> Preset:
    """The notice with a small picture, so that a lecture of a second passes."""
    path = tmp_path / "small.toml"
    path.write_text(PRESET)
    return load_preset(str(path))


@pytest.fixture
def folder(tmp_path: Path, make_clip: Callable[..., Path]) -> Path:
    """A right package."""
    return right_package(tmp_path / "机械学院党委", make_clip)


@pytest.fixture
def look(folder: Path, small: Preset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Package]:
    """Return the examination of the package; what was measured of its lecture is kept for the session."""
    store = Store(tmp_path_factory.getbasetemp() / "package-cache")
    return lambda: examine(Wanted(folder.name, folder, {}), small, store, silent)
