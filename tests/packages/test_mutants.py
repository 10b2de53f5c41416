"""Damaged at random places, no file makes the reader raise: what is wrong with it stands in the answer."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.packages.reading import read_content
from tests.packages import making

KINDS = (".mp4", ".mp3", ".docx", ".pdf", ".jpg", ".png", ".gif", ".tif", ".webp", ".bmp")
MUTANTS = 40
_FORMS = {".jpg": "JPEG", ".png": "PNG", ".gif": "GIF", ".tif": "TIFF", ".webp": "WEBP", ".bmp": "BMP"}


def whole(suffix: str, folder: Path, make_clip: making.MakeClip) -> Path:
    path = folder / f"whole{suffix}"
    if suffix in _FORMS:
        return making.picture(path, 1, _FORMS[suffix])
    if suffix in {".docx", ".pdf"}:
        return making.word(path) if suffix == ".docx" else making.pdf(path)
    return making.lecture(make_clip) if suffix == ".mp4" else making.sound(make_clip)


def mutant(data: bytes, chance: random.Random) -> bytes:
    """Change a few bytes, mostly of the header; cut one in five off somewhere."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 4, 32))):
        made[chance.randrange(min(len(made), chance.choice((64, 2000, len(made)))))] = chance.randrange(256)
    return bytes(made[: chance.randrange(1, len(made))] if chance.random() < 0.2 else made)


@pytest.mark.parametrize("suffix", KINDS)
def test_no_damage_makes_the_reader_raise(suffix: str, tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    path = whole(suffix, tmp_path, make_clip)
    assert read_content(path).problem is None
    data, chance = path.read_bytes(), random.Random(20200717)
    found = 0
    for number in range(MUTANTS):
        damaged = tmp_path / f"mutant{suffix}"
        damaged.write_bytes(mutant(data, chance))
        content = read_content(damaged)
        if content.problem is not None:
            assert content.problem.show(), number
            found += 1
    assert found, "some of it was found"
