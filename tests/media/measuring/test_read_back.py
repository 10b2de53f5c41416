"""Reading back: what counts as alike, which cues are read, and what OCR sees in a picture that we drew."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.media.measuring.ocr import BandReader, plain, similarity
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import load_preset

CAPTIONS = load_preset().captions


@pytest.mark.parametrize(
    ("expected", "read", "likeness"),
    [
        ("同学们，大家好！", "同学们 大家好", 1.0),
        ("《共产党宣言》", "共产党宣言", 1.0),
        ("ＡＩ与5G", "ai与5g", 1.0),
        ("一二三四五六七八九十", "一二三四五六七八九", 0.9),
        ("一二三四五六七八九十", "一二三四五六七八", 0.8),
        ("毕昇发明活字", "毕晟发明活字", 0.9),
        ("毕昇发明活字", "比晟发明活字", 0.8),
        ("而是为了解决别人的基本概念", "而是为了解決別人的基本概念", 1.0),
        ("发扬伟大的建党精神", "發揚偉大的建黨精神", 0.6),
        ("這是一节课", "这是一节课", 0.9),
        ("好", "妤", 0.0),
        ("谢谢", "谢射", 0.5),
        ("你好", "", 0.0),
        ("不同的话", "风马牛也", 0.0),
    ],
)
def test_likeness_leaves_out_marks_and_forgives_one_character(expected: str, read: str, likeness: float) -> None:
    assert similarity(expected, read) == pytest.approx(likeness)


def test_plain_text_has_letters_and_digits_alone() -> None:
    assert plain("“ＡＢ　c·1½”…") == "abc11⁄2".replace("⁄", "")


def drawn(text: str, size: tuple[int, int], at: float, height: int) -> np.ndarray:  # type: ignore[type-arg]
    """Draw white text with a dark outline on a grey, grainy picture; ``at`` is its middle as a share of the height."""
    grain = np.random.default_rng(7).integers(60, 140, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(grain)
    font = ImageFont.truetype(str(find_font(CAPTIONS.font).path), height)
    ImageDraw.Draw(image).text(
        (size[0] / 2, size[1] * at), text, "white", font, anchor="mm", stroke_width=3, stroke_fill="black"
    )
    return np.asarray(image)


@pytest.mark.parametrize(
    ("size", "at", "height"),
    [((1920, 1080), 0.92, 54), ((1280, 720), 0.92, 36), ((1920, 1080), 0.7, 54)],
    ids=["1080 lines", "720 lines", "above the band"],
)
def test_a_drawn_cue_is_read(size: tuple[int, int], at: float, height: int) -> None:
    text = "南湖红船是中国革命的起点"
    reading = BandReader(CAPTIONS).read_cue(drawn(text, size, at, height), text, 0.9)
    assert (reading.text, reading.similarity) == (text, 1.0)


def test_a_line_where_ours_stands_is_read_as_one_that_is_looked_for() -> None:
    text = "南湖红船是中国革命的起点"
    placed, looked_for = BandReader(CAPTIONS), BandReader(CAPTIONS)
    looked_for.is_placed = False
    pixels = drawn(text, (1920, 1080), 0.917, 54)
    found = placed.read_cue(pixels, text, 0.9), looked_for.read_cue(pixels, text, 0.9)
    assert placed.is_placed
    assert [reading.text for reading in found] == [text, text]
    assert [reading.is_inside_margins for reading in found] == [True, True]
    assert found[0].contrast == pytest.approx(found[1].contrast, rel=0.05)
    assert found[0].box == pytest.approx(found[1].box, abs=3)


def test_the_place_is_no_longer_tried_after_cues_that_stand_elsewhere_in_a_row() -> None:
    text = "南湖红船是中国革命的起点"
    reader, pixels = BandReader(CAPTIONS), drawn(text, (1920, 1080), 0.7, 54)
    for _ in range(3):
        assert reader.is_placed
        assert reader.read_cue(pixels, text, 0.9).text == text
    assert not reader.is_placed


def test_a_line_below_the_margin_is_found_outside_it() -> None:
    text = "南湖红船是中国革命的起点"
    for at in (0.93, 0.94, 0.95, 0.96):
        reading = BandReader(CAPTIONS).read_cue(drawn(text, (1920, 1080), at, 54), text, 0.9)
        assert (reading.similarity, reading.is_inside_margins) == (1.0, False)


def test_the_band_is_read_without_knowing_what_it_says(tmp_path: Path) -> None:
    reader = BandReader(CAPTIONS)
    assert reader.read_band(drawn("改革开放四十年", (1920, 1080), 0.92, 54)) == "改革开放四十年"
    assert plain(reader.read_band(drawn("", (1920, 1080), 0.92, 54))) == ""
