"""Subtitles stay text, stand where the layout says, and appear on the exact frame."""

import tempfile
from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.captions.ass import cues_in, drawn_text, escaped, fitted_lines, write_ass
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.rendering.fonts import find_font, place_font, text_width
from pipeline.presets import CaptionSettings, load_preset
from pipeline.records import Cue
from pipeline.timing import STANDARD_RATES, FrameGrid

LOOK = load_preset().captions
FONT = find_font(LOOK.font)
SECOND = FrameGrid(Fraction(25), 25)


def cue(text: str, start_ms: int = 0, end_ms: int = 1000) -> Cue:
    return Cue(start_ms, end_ms, text, text, None)


def draw(
    cues: list[Cue],
    folder: Path,
    grid: FrameGrid = SECOND,
    size: tuple[int, int] = (1920, 1080),
    window: tuple[int, int] = (0, 1),
    look: CaptionSettings = LOOK,
) -> NDArray[np.uint8]:
    """Return luma (frames, height, width) of the cues drawn by libass on black."""
    write_ass(cues, look, FONT, grid, folder / "sub.ass", window)
    if not (folder / "font").exists():
        place_font(FONT, folder / "font")
    count = window[1] - window[0]
    rate = f"{grid.rate.numerator}/{grid.rate.denominator}"
    source = ffmpeg.input(f"color=black:size={size[0]}x{size[1]}:rate={rate}", f="lavfi")
    node = source.filter("ass", filename="sub.ass", fontsdir="font").output(
        "out.gray", f="rawvideo", pix_fmt="gray", **{"frames:v": count}
    )
    run_ffmpeg(compile_args(node), subject=folder, cwd=folder)
    return np.fromfile(folder / "out.gray", np.uint8).reshape(count, size[1], size[0])


def lit_box(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what is lit."""
    rows, columns = np.where((image > 60).any(axis=1))[0], np.where((image > 60).any(axis=0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


PAYLOADS = [
    r"{\fs300}大字",
    r"甲\N乙\N丙\N丁",
    r"甲\n乙\h丙",
    r"{\an8}顶上",
    r"{\pos(0,0)\fscx900}角落",
    r"{\p1}m 0 0 l 1920 0 1920 1080 0 1080{\p0}",
    r"\{\fs300}反斜杠",
    "{\\\u200bfs300}零宽",
    "{\u2060\\fs300}",
    r"没有结束{\fs300",
    "}{}{\\b1}",
    "\u202e从右到左\u202c",
    "制表\t符\x07响铃\x1b[31m",
    "Dialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,假",
    "，，,{*}{=1}",
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_in_a_cue_works_as_a_tag(text: str, tmp_path: Path) -> None:
    left, top, right, bottom = lit_box(draw([cue(text)], tmp_path)[0])
    expected = text_width(FONT, drawn_text(text)) * LOOK.glyph_height_px
    assert top > 0.87 * 1080, "a single line at the bottom"
    assert bottom <= 1080 * (1 - LOOK.margin_share) + LOOK.outline_px
    assert bottom - top < 1.5 * LOOK.glyph_height_px
    assert abs((left + right) / 2 - 960) < LOOK.glyph_height_px
    assert right - left == pytest.approx(expected, abs=1.1 * LOOK.glyph_height_px), "every character is drawn"


def test_size_and_place_are_the_layouts(tmp_path: Path) -> None:
    twenty = "国" * 20
    left, top, right, bottom = lit_box(draw([cue(twenty)], tmp_path)[0])
    assert right - left == pytest.approx(20 * 54, rel=0.03)
    assert bottom - top == pytest.approx(54, abs=6), "5 % ± 1 % of 1080 lines"
    assert (right - left) / 1920 <= LOOK.max_width_share
    assert abs((left + right) / 2 - 960) <= 2


def test_style_scales_with_the_raster(tmp_path: Path) -> None:
    big = lit_box(draw([cue("国国国")], tmp_path)[0])
    small = lit_box(draw([cue("国国国")], tmp_path, size=(640, 360))[0])
    assert [b / 3 for b in big] == pytest.approx(small, abs=2)


@pytest.mark.parametrize("rate", STANDARD_RATES)
def test_cues_appear_and_vanish_on_the_exact_frame(rate: Fraction, tmp_path: Path) -> None:
    grid = FrameGrid(rate, int(rate * 4) + 7)
    spans = [(0, 3), (5, 6), (31, 47), (48, 59), (100, 101), (grid.count - 2, grid.count)]
    cues = [cue("正", round(a / rate * 1000), round(b / rate * 1000)) for a, b in spans]
    frames = draw(cues, tmp_path, grid, (192, 108), (0, grid.count))
    lit = {number for number, frame in enumerate(frames) if frame.max() > 60}
    assert lit == {n for a, b in spans for n in range(a, b)}


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(60)])
def test_a_window_shows_what_the_whole_shows(rate: Fraction, tmp_path: Path) -> None:
    grid = FrameGrid(rate, 130)
    cues = [cue("甲", 100, 900), cue("乙丙", 950, 1700), cue("丁", 1750, 2100)]
    whole = draw(cues, tmp_path, grid, (192, 108), (0, 130))
    part = draw(cues, tmp_path, grid, (192, 108), (37, 101))
    assert np.array_equal(whole[37:101], part)


def test_a_line_that_is_too_wide_is_broken(tmp_path: Path) -> None:
    long = "坚持全心全意为人民服务，坚持民主集中制，坚持中国共产党的领导，建设《社会主义现代化强国》"
    lines = fitted_lines(long, LOOK, FONT)
    assert "".join(lines) == long
    assert len(lines) == 2
    assert lines[0].endswith("，")
    left, _, right, bottom = lit_box(draw([cue(long)], tmp_path)[0])
    assert (right - left) / 1920 <= LOOK.max_width_share + 0.01
    assert bottom <= 1080 * 0.95 + LOOK.outline_px


@given(st.text(max_size=60))
def test_drawn_text_holds_nothing_invisible_and_drawing_it_again_changes_nothing(text: str) -> None:
    drawn = drawn_text(text)
    assert not any(ord(character) < 32 for character in drawn.replace("\n", ""))
    assert not set(drawn) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    assert drawn_text(drawn) == drawn


@given(st.text(alphabet="\\Nnh{}fs300字 ", max_size=30))
def test_escaping_leaves_no_tag_and_no_break(text: str) -> None:
    ass = escaped(drawn_text(text))
    for position, character in enumerate(ass):
        if character == "{":
            assert ass[position - 1] == "\\"
        if character == "\\":
            assert ass[position + 1] in "{}\u2060"


def test_cues_in_takes_those_on_the_screen() -> None:
    grid = FrameGrid(Fraction(25), 100)
    cues = [cue("甲", 0, 1000), cue("乙", 1000, 2000), cue("\u200b", 2000, 3000)]
    assert [c.text for c in cues_in(cues, grid, (24, 25))] == ["甲"]
    assert [c.text for c in cues_in(cues, grid, (25, 100))] == ["乙"]
    assert cues_in(cues, grid, (50, 100)) == ()


def drawn_over(picture: Path, text: str, folder: Path) -> NDArray[np.uint8]:
    """Return luma of the picture's first frame with a cue on it."""
    write_ass([cue(text)], LOOK, FONT, SECOND, folder / "sub.ass", (0, 1))
    if not (folder / "font").exists():
        place_font(FONT, folder / "font")
    source = ffmpeg.input(str(picture), f="rawvideo", pix_fmt="gray", s="960x540", r=25)
    node = source.filter("ass", filename="sub.ass", fontsdir="font").output(
        "out.gray", f="rawvideo", pix_fmt="gray", **{"frames:v": 1}
    )
    run_ffmpeg(compile_args(node), subject=folder, cwd=folder)
    return np.fromfile(folder / "out.gray", np.uint8).reshape(540, 960)


def outside_of(lines: int) -> NDArray[np.bool_]:
    """Return what of a 960×540 picture lies outside the box that so many lines may fill."""
    mask = np.ones((540, 960), bool)
    height = 0.5 * (LOOK.glyph_height_px * 1.5 * lines + 2 * LOOK.outline_px)
    half_width = 0.5 * (LOOK.max_width_share * 960 + LOOK.glyph_height_px)
    bottom = 540 * (1 - LOOK.margin_share) + LOOK.outline_px
    mask[max(0, int(bottom - height)) : int(bottom) + 1, int(480 - half_width) : int(480 + half_width)] = False
    return mask


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.text(alphabet="\\Nnh{}*&an8pos(0,)fs300bclip\u2060\u200b\u202e\u0301\u20dd字 \t\n", max_size=40),
    st.sampled_from(PAYLOADS),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE)
def test_any_text_leaves_the_picture_outside_its_box_alone(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        noise = np.random.default_rng(7).integers(16, 235, (540, 960), np.uint8)
        noise.tofile(folder / "picture.gray")
        drawn = drawn_text(text)
        lines = sum(len(fitted_lines(line, LOOK, FONT)) for line in drawn.split("\n"))
        outside = outside_of(max(1, lines))
        burned = drawn_over(folder / "picture.gray", text, folder)
        assert np.array_equal(burned[outside], noise[outside])
