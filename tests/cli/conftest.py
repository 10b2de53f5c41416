"""The command line in this process, and small recordings for it."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app

SAMPLE = Path(__file__).parents[2] / "samples" / "short-lecture.mp4"
QUICK = """
id = "quick"
extends = "seu-2020"
[encoder]
width_px = 640
height_px = 360
speed = "ultrafast"
segment_s = 2.0
"""

Weike = Callable[..., Result]


@pytest.fixture
def weike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weike:
    """Return a runner of the command line with a private cache, an empty folder of models, and a quick preset."""
    monkeypatch.setenv("WEIKE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home-cache"))
    (tmp_path / "quick.toml").write_text(QUICK)

    def call(command: str, *args: str | Path) -> Result:
        shared: Sequence[str | Path] = ["--preset", tmp_path / "quick.toml", "--cache", tmp_path / "cache"]
        return CliRunner().invoke(app, [command, *map(str, [*args, *shared])])

    return call


@pytest.fixture
def silent(make_clip: Callable[..., Path], tmp_path: Path) -> Path:
    """A recording of six seconds without sound."""
    made = make_clip("silent.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=6", "-c:v", "libx264", "-g", "25"])
    return Path(shutil.copyfile(made, tmp_path / "第一讲.mp4"))


@pytest.fixture
def spoken(make_clip: Callable[..., Path], tmp_path: Path) -> Path:
    """A recording of nine seconds with speech: 大家好，这是一节很短的微课。今天我们只讲一件事……"""
    made = make_clip(
        "spoken.mp4",
        [
            *("-t", "9", "-i", str(SAMPLE), "-s", "320x180", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"),
            *("-c:a", "aac"),
        ],
    )
    return Path(shutil.copyfile(made, tmp_path / "第二讲.mp4"))
