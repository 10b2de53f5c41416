"""Cards: what is registered can be read back from the picture, at rest, and the clip holds its frames exactly."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors import LogoFileError, MissingGlyphError, NoSuchFileError, TitleMissingError
from pipeline.media.measuring.ocr import page_lines, similarity
from pipeline.presets import load_preset
from pipeline.records import LectureInfo
from pipeline.stages.titles import CardJob, opening_clip, write_cover
from pipeline.store import Store

RASTER = (960, 540)
TITLE = "在抗击疫情斗争中彰显制度优势"
INFO = LectureInfo("课", TITLE, "张明远、李思源", "马克思主义学院", "2020年7月")
LOOK = load_preset().titles.model_copy(update={"seconds": 2.0})


def _frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("preset", ["seu-2020", "mooc"])
def test_title_speakers_and_unit_are_read_back(preset: str, store: Store, tmp_path: Path) -> None:
    write_cover(CardJob(INFO, load_preset(preset).titles, RASTER), tmp_path / "cover.jpg", store)
    lines = page_lines(np.asarray(Image.open(tmp_path / "cover.jpg")))
    read = "".join(line.text for line in lines)
    for wanted in (TITLE, "张明远", "李思源", "马克思主义学院"):
        assert any(similarity(wanted, line.text) == 1 for line in lines) or wanted in read, (wanted, read)


def test_the_clip_holds_its_frames_and_fades_both_ways(store: Store) -> None:
    rate = Fraction(30000, 1001)
    frames = _frames(opening_clip(CardJob(INFO, LOOK, RASTER), rate, store))
    assert len(frames) == round(2 * rate)
    first, middle, last = frames[0], frames[30], frames[-1]
    assert np.ptp(first[150:350, :, 0]) < 60, "the words are there at once"
    assert np.ptp(middle[150:350, :, 0]) > 90
    assert last.mean() < 8, "the card does not go"
    assert np.array_equal(frames[29], frames[30]), "something moves while the card stands"


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    job = CardJob(INFO, LOOK, (320, 180))
    clips = [opening_clip(job, Fraction(25), Store(tmp_path / name)).read_bytes() for name in "ab"]
    assert clips[0] == clips[1]


def test_a_logo_stands_above_the_words(store: Store, tmp_path: Path) -> None:
    logo = tmp_path / "校徽.png"
    Image.new("RGBA", (300, 300), (0, 255, 0, 255)).save(logo)
    write_cover(CardJob(INFO, LOOK, RASTER, logo), tmp_path / "cover.jpg", store)
    picture = np.asarray(Image.open(tmp_path / "cover.jpg")).astype(int)
    green = np.argwhere((picture[..., 1] > 200) & (picture[..., 0] < 80))
    assert green[:, 0].min() >= 54 - 1, "outside the margin"
    assert green[:, 0].max() < 130, "into the words"
    assert abs((green[:, 1].min() + green[:, 1].max()) / 2 - 480) <= 1, "not centred"


@pytest.mark.parametrize("content", [b"GIF89a", b"<svg></svg>", b"\x89PNG\r\n\x1a\n broken"])
def test_a_logo_that_is_no_picture_is_named(content: bytes, store: Store, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(content)
    with pytest.raises(LogoFileError):
        opening_clip(CardJob(INFO, LOOK, (320, 180), logo), Fraction(25), store)
    with pytest.raises(NoSuchFileError):
        opening_clip(CardJob(INFO, LOOK, (320, 180), tmp_path / "absent.png"), Fraction(25), store)


def test_a_card_without_title_or_with_tofu_is_refused(store: Store) -> None:
    with pytest.raises(TitleMissingError):
        opening_clip(CardJob(LectureInfo("课", None, "张三"), LOOK, RASTER), Fraction(25), store)
    with pytest.raises(MissingGlyphError):
        opening_clip(CardJob(LectureInfo("课", "党课😀"), LOOK, RASTER), Fraction(25), store)
