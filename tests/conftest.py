"""Fixtures that every test may use: a private store, clips made by ffmpeg, and English as the language."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pipeline.media.graph import run_ffmpeg
from pipeline.store import Store, key_of

# Other work beside the tests may slow any example down; a run must be the same each time.
settings.register_profile("weike", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("weike")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold slow tests, so that no worker ends long after the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIKE_LANG", "en")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that keeps generated clips for the whole session."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def make_clip(clips: Path) -> Callable[..., Path]:
    """Return a maker of clips: ``make_clip("name.mp4", [ffmpeg arguments])``, each made once a session."""

    def make(name: str, args: list[str]) -> Path:
        path = clips / key_of(args) / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            run_ffmpeg([*args, str(path)], subject=path)
        return path

    return make
