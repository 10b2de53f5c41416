"""Fixtures of the report's tests: a made-up report, its frames, and the Chinese font."""

from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import NoFontError
from pipeline.media.rendering.fonts import find_font


@pytest.fixture(scope="session")
def thumbnails(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Two frames as JPEG, 640 pixels wide."""
    folder = tmp_path_factory.mktemp("frames")
    paths = []
    for number, colour in enumerate(((20, 52, 84), (60, 40, 30))):
        paths.append(folder / f"{number}.jpg")
        Image.new("RGB", (640, 360), colour).save(paths[-1], quality=70)
    return tuple(paths)


@pytest.fixture(scope="session")
def fonts() -> tuple[Path, ...]:
    """The folder of the Chinese font that set-up installs."""
    try:
        return (find_font("Noto Sans SC Medium").path.parent,)
    except NoFontError:
        pytest.fail("No Chinese font here: run `weike doctor --fix`.")
