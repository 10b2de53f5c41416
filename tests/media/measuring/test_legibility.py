"""Legibility: contrast and box of text that we drew in known colours at a known place."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.media.measuring.legibility import Box, contrast_ratio, legibility, luminance
from pipeline.media.measuring.ocr import BandReader
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import load_preset

CAPTIONS = load_preset().captions
WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (120, 120, 120)
Colour = tuple[int, int, int]
TEXT = "南湖红船　是革命的起点"


def picture(ground: Colour = GREY, size: tuple[int, int] = (1920, 1080), grain: int = 0) -> Image.Image:
    plane = np.full((size[1], size[0], 3), ground, np.int16)
    if grain:
        plane += np.random.default_rng(3).integers(-grain, grain + 1, plane.shape, dtype=np.int16)
    return Image.fromarray(plane.clip(0, 255).astype(np.uint8))


def draw(
    image: Image.Image,
    fill: Colour,
    outline: Colour | None = None,
    text: str = TEXT,
    middle: tuple[float, float] = (0.5, 0.92),
    height: int = 54,
) -> tuple[NDArray[np.uint8], Box]:
    """Draw a line; return the picture and the box of its fill, found in a copy without outline."""
    font = ImageFont.truetype(str(find_font(CAPTIONS.font).path), height)
    place = (image.width * middle[0], image.height * middle[1])
    bare = Image.new("L", image.size, 0)
    ImageDraw.Draw(bare).text(place, text, 255, font, anchor="mm")
    box = bare.point(lambda value: 255 * (value > 127)).getbbox()
    assert box
    stroke: dict[str, Any] = {} if outline is None else {"stroke_width": 3, "stroke_fill": outline}
    ImageDraw.Draw(image).text(place, text, fill, font, anchor="mm", **stroke)
    return np.asarray(image), box


def detected(box: Box) -> Box:
    """The box as a detector draws it, a little wider than the glyphs."""
    return box[0] - 6, box[1] - 4, box[2] + 5, box[3] + 6


def near(box: Box, wanted: Box, tolerance: int = 2) -> bool:
    return all(abs(one - other) <= tolerance for one, other in zip(box, wanted, strict=True))


def ratio(one: Colour, other: Colour) -> float:
    return contrast_ratio(float(luminance(np.array(one))), float(luminance(np.array(other))))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [(WHITE, BLACK, 21.0), (WHITE, WHITE, 1.0), ((118, 118, 118), WHITE, 4.54), ((255, 0, 0), WHITE, 4.0)],
)
def test_contrast_is_that_of_wcag(one: Colour, other: Colour, wanted: float) -> None:
    assert ratio(one, other) == pytest.approx(wanted, abs=0.01)
    assert ratio(other, one) == ratio(one, other)


@pytest.mark.parametrize(
    ("fill", "outline", "ground", "against"),
    [
        (WHITE, (16, 16, 16), WHITE, (16, 16, 16)),
        (WHITE, (16, 16, 16), GREY, (16, 16, 16)),
        (WHITE, (16, 16, 16), BLACK, BLACK),
        (WHITE, None, (118, 118, 118), (118, 118, 118)),
        (WHITE, None, (200, 200, 200), (200, 200, 200)),
        (BLACK, None, WHITE, WHITE),
        ((250, 220, 40), BLACK, GREY, BLACK),
        ((180, 30, 30), None, (30, 60, 30), (30, 60, 30)),
    ],
    ids=["white page", "grey", "black", "just enough", "faint", "dark on light", "yellow", "red on green"],
)
def test_known_colours_give_their_contrast(
    fill: Colour, outline: Colour | None, ground: Colour, against: Colour
) -> None:
    pixels, box = draw(picture(ground), fill, outline)
    seen = legibility(pixels, [detected(box)])
    assert seen
    assert seen.contrast == pytest.approx(ratio(fill, against), rel=0.12)
    assert near(seen.box, box)


def test_a_grainy_ground_does_not_move_the_box() -> None:
    pixels, box = draw(picture((150, 150, 150), grain=60), WHITE, (16, 16, 16))
    seen = legibility(pixels, [detected(box)])
    assert seen
    assert near(seen.box, box)
    assert seen.contrast > 12


def test_the_worst_place_of_a_line_counts() -> None:
    image = picture(BLACK)
    image.paste((190, 190, 190), (960, 0, 1920, 1080))
    pixels, box = draw(image, WHITE)
    seen = legibility(pixels, [detected(box)])
    assert seen
    assert seen.contrast == pytest.approx(ratio(WHITE, (190, 190, 190)), rel=0.12)


def test_nothing_is_measured_where_there_is_no_text() -> None:
    assert legibility(np.asarray(picture(GREY)), [(400, 900, 1400, 980)]) is None
    assert legibility(np.asarray(picture(GREY)), [(400, 900, 404, 903)]) is None
    assert legibility(np.asarray(picture(GREY)), []) is None


def test_two_lines_have_one_box_and_the_lesser_contrast() -> None:
    image = picture((60, 60, 60))
    _, upper = draw(image, WHITE, BLACK, "第一行字幕", (0.5, 0.84))
    pixels, lower = draw(image, (170, 170, 170), None, "第二行字幕也在", (0.5, 0.92))
    seen = legibility(pixels, [detected(upper), detected(lower)])
    assert seen
    assert near(seen.box, (min(upper[0], lower[0]), upper[1], max(upper[2], lower[2]), lower[3]))
    assert seen.contrast == pytest.approx(ratio((170, 170, 170), (60, 60, 60)), rel=0.12)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
@pytest.mark.parametrize(
    ("middle", "height", "is_inside"),
    [((0.5, 0.92), 54, True), ((0.5, 0.972), 54, False), ((0.17, 0.92), 54, False), ((0.5, 0.9), 140, False)],
    ids=["in its place", "under the margin", "left of the margin", "too wide"],
)
def test_the_reader_tells_where_a_cue_stands(
    middle: tuple[float, float], height: int, is_inside: bool, size: tuple[int, int]
) -> None:
    scale = size[1] / 1080
    pixels, box = draw(picture(size=size), WHITE, (16, 16, 16), middle=middle, height=round(height * scale))
    reading = BandReader(CAPTIONS).read_cue(pixels, TEXT, 0.9)
    assert reading.similarity >= 0.9
    assert reading.box
    assert near(reading.box, box, 4)
    assert reading.is_inside_margins is is_inside
    assert reading.contrast
    assert reading.contrast > 10


def test_another_text_has_neither_box_nor_contrast() -> None:
    pixels, _ = draw(picture(), WHITE, BLACK, "完全不同的另外一句话")
    reading = BandReader(CAPTIONS).read_cue(pixels, TEXT, 0.9)
    assert reading.similarity < 0.3
    assert (reading.box, reading.contrast, reading.is_inside_margins) == (None, None, None)
    assert BandReader(CAPTIONS).read_cue(np.asarray(picture()), TEXT, 0.9).text == ""
