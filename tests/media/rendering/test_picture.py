"""The one filter chain: orientation, shape, colours, range; and only what the source needs."""

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.media.probing.probe import inspect
from pipeline.media.rendering import segments
from pipeline.media.rendering.picture import plan_picture, repairs
from pipeline.media.rendering.segments import Film
from tests.media.rendering.test_segments import film_of

QUADRANTS = (
    "color=gray:s={size}:r=25:d=0.4,geq=lum='if(lt(X,W/2),if(lt(Y,H/2),40,150),if(lt(Y,H/2),90,210))':cb=128:cr=128"
)
AVC = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-pix_fmt", "yuv420p"]
LUMA = {(-1, -1): 40, (1, -1): 90, (-1, 1): 150, (1, 1): 210}
ONE = 1 << 16
MATRICES = {
    "upright": (1, 0, 0, 1),
    "turned 90": (0, 1, -1, 0),
    "turned 180": (-1, 0, 0, -1),
    "turned 270": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "mirrored, turned 90": (0, 1, 1, 0),
    "mirrored, turned 180": (1, 0, 0, -1),
    "mirrored, turned 270": (0, -1, -1, 0),
}
"""The eight orientations, as (a, b, c, d): a stored point (x, y) is shown at (ax + cy, bx + dy)."""


def first_frame(film: Film, folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return Y, U, V of the first frame of the delivery, before the encoder."""
    folder.mkdir(exist_ok=True)
    segments._run(film, (0, 1), folder / "frame.yuv", {"f": "rawvideo"}, lambda _: None)
    width, height = film.plan.raster
    data = np.fromfile(folder / "frame.yuv", np.uint8)
    assert len(data) == width * height * 3 // 2, "yuv420p, 8 bits"
    luma, rest = data[: width * height], data[width * height :]
    u, v = rest.reshape(2, height // 2, width // 2)
    return luma.reshape(height, width), u, v


def with_matrix(path: Path, matrix: tuple[int, ...], out: Path) -> Path:
    """Return a copy of an MP4 whose picture's display matrix is ``matrix``."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    at += 4 + (32 if data[at] else 20) + 16
    a, b, c, d = (value * ONE for value in matrix)
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, ONE << 14)
    out.write_bytes(data)
    return out


@pytest.mark.parametrize("name", MATRICES)
def test_all_eight_orientations_come_out_upright(name: str, make_clip: Callable[..., Path], tmp_path: Path) -> None:
    stored = make_clip("quadrants.mp4", ["-f", "lavfi", "-i", QUADRANTS.format(size="160x96"), *AVC])
    a, b, c, d = MATRICES[name]
    film = film_of(with_matrix(stored, MATRICES[name], tmp_path / "marked.mp4"))
    luma, _, _ = first_frame(film, tmp_path / "work")
    height, width = luma.shape
    for (x, y), value in LUMA.items():
        shown_x, shown_y = a * x + c * y, b * x + d * y
        row = height // 2 + shown_y * film.plan.height // 4
        column = width // 2 + shown_x * film.plan.width // 4
        assert abs(int(luma[row, column]) - value) <= 3
    is_upright_shape = a != 0
    assert (film.plan.width > film.plan.height) == is_upright_shape


@pytest.mark.parametrize(
    ("size", "sar", "expected"),
    [
        ("160x90", "1", (320, 180)),
        ("320x180", "1", (320, 180)),
        ("160x120", "1", (240, 180)),
        ("180x144", "16/15", (240, 180)),
        ("90x160", "1", (102, 180)),
        ("384x164", "1", (320, 136)),
    ],
)
def test_shape_is_kept_and_bars_fill_the_rest(
    size: str, sar: str, expected: tuple[int, int], make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    name = f"shape-{size}.mp4"
    source = f"color=white:s={size}:r=25:d=0.4,setsar={sar}"
    film = film_of(make_clip(name, ["-f", "lavfi", "-i", source, *AVC]))
    assert (film.plan.width, film.plan.height) == expected
    luma, u, v = first_frame(film, tmp_path)
    lit_rows, lit_columns = (luma > 100).any(axis=1).sum(), (luma > 100).any(axis=0).sum()
    assert abs(int(lit_columns) - expected[0]) <= 1
    assert abs(int(lit_rows) - expected[1]) <= 1
    assert luma.min() >= 16
    assert abs(int(u[0, 0]) - 128) + abs(int(v[0, 0]) - 128) <= 1, "bars are black"


def test_blurred_sides_are_a_dark_copy_and_leave_the_picture_alone(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    film = film_of(make_clip("tall.mp4", ["-f", "lavfi", "-i", QUADRANTS.format(size="90x160"), *AVC]))
    blurred = replace(film, plan=replace(film.plan, sides="blur"))
    plain, filled = (first_frame(film_, tmp_path / name)[0] for name, film_ in (("a", film), ("b", blurred)))
    left = (film.plan.raster[0] - film.plan.width) // 4 * 2
    inside = (slice(None), slice(left, left + film.plan.width))
    assert (plain[inside] == filled[inside]).all()
    assert plain[:, : left - 1].max() <= 17
    assert 30 < filled[:, : left - 1].mean() < plain[inside].mean()


RED_709 = (63, 102, 240)
"""Pure red in BT.709, limited range. Source: ITU-R BT.709-6, 3.5."""


@pytest.mark.parametrize(
    ("matrix", "pixel_range", "marks"),
    [
        ("bt601", "tv", []),
        ("bt601", "tv", ["-colorspace", "smpte170m", "-color_range", "tv"]),
        ("bt601", "pc", ["-colorspace", "bt470bg", "-color_range", "pc"]),
        ("bt709", "tv", ["-colorspace", "bt709", "-color_range", "tv"]),
        ("bt709", "pc", ["-colorspace", "bt709", "-color_range", "pc"]),
    ],
)
def test_colours_are_the_same_whatever_matrix_and_range(
    matrix: str, pixel_range: str, marks: list[str], make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    name = f"red-{matrix}-{pixel_range}-{len(marks)}.mkv"
    convert = f"scale=out_color_matrix={matrix}:out_range={pixel_range},format=yuv420p"
    if marks:
        convert += f",setparams=colorspace={marks[1]}:range={pixel_range}"
    film = film_of(
        make_clip(name, ["-f", "lavfi", "-i", "color=red:s=320x180:r=25:d=0.4", "-vf", convert, *AVC, *marks])
    )
    luma, u, v = (plane[40, 40] for plane in first_frame(film, tmp_path))
    assert [int(luma), int(u), int(v)] == pytest.approx(RED_709, abs=3)


def test_rgb_screen_recording(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    clip = ["-f", "lavfi", "-i", "color=red:s=320x180:r=25:d=0.4,format=gbrp", "-c:v", "libx264rgb", "-qp", "4"]
    luma, u, v = (plane[40, 40] for plane in first_frame(film_of(make_clip("rgb.mkv", clip)), tmp_path))
    assert [int(luma), int(u), int(v)] == pytest.approx(RED_709, abs=3)


@pytest.mark.parametrize(("transfer", "reference_white"), [("smpte2084", 594), ("arib-std-b67", 768)])
def test_hdr_white_paper_stays_white(
    transfer: str, reference_white: int, make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    source = f"color=black:s=160x90:r=25:d=0.4,format=yuv420p10le,geq=lum={reference_white}:cb=512:cr=512"
    source += f",setparams=range=limited:color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    marks = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv"]
    codec = ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"]
    film = film_of(make_clip(f"{transfer}.mkv", ["-f", "lavfi", "-i", source, *codec, *marks]))
    luma, u, v = (int(plane[40, 40]) for plane in first_frame(film, tmp_path))
    assert 195 <= luma <= 225
    assert abs(u - 128) <= 2
    assert abs(v - 128) <= 2
    assert any("HDR" in message.text for message in repairs(film.recording, film.plan, film.timeline))


@pytest.mark.parametrize(
    ("primaries", "matrix", "expected"),
    [
        ("bt2020", "bt2020nc", "bt2020"),
        (None, "bt2020nc", "bt2020"),
        ("smpte432", "bt709", "smpte432"),
        ("bt709", "bt709", None),
        ("smpte170m", "smpte170m", None),
        (None, None, None),
    ],
)
def test_a_wider_gamut_is_told_from_its_marks(
    primaries: str | None, matrix: str | None, expected: str | None, make_clip: Callable[..., Path]
) -> None:
    """That its colours come out right is measured in tests/truth."""
    film = film_of(make_clip("plain.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", *AVC]))
    assert film.recording.video is not None
    marked = replace(film.recording.video, primaries=primaries, matrix=matrix)
    plan = plan_picture(marked, film.plan.raster)
    assert plan.wide_primaries == expected
    if expected is not None:
        recording = replace(film.recording, video=marked)
        said, lacking = (
            {message.show() for message in repairs(recording, done, film.timeline)}
            for done in (plan, replace(plan, wide_primaries=None))
        )
        assert "The colours were converted to BT.709, limited range." in said
        assert any("look paler" in text for text in lacking - said)


def test_greys_of_a_wider_gamut_stay_as_they_are(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    ramp = "color=gray:s=320x180:r=25:d=0.4,geq=lum=16+X*219/W:cb=128:cr=128"
    marks = "setparams=range=limited:color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020nc"
    codec = ["-c:v", "ffv1", "-pix_fmt", "yuv420p", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"]
    film = film_of(make_clip("ramp.mkv", ["-f", "lavfi", "-i", f"{ramp},{marks}", *codec, "-color_range", "tv"]))
    assert film.plan.wide_primaries == "bt2020"
    luma, u, v = first_frame(film, tmp_path)
    ideal = 16 + np.arange(320) * 219 // 320
    assert np.abs(luma[90].astype(int) - ideal).max() <= 1
    assert np.abs(np.stack([u, v]).astype(int) - 128).max() <= 1


def test_deinterlacing_is_named(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    from tests.media.sources_of_all_kinds import SOURCES

    film = film_of(make_clip("interlaced.mp4", SOURCES["interlaced.mp4"]))
    assert film.plan.is_interlaced
    texts = [message.show() for message in repairs(film.recording, film.plan, film.timeline)]
    assert "The interlaced picture was deinterlaced." in texts


def test_a_source_that_is_right_already_is_left_alone(make_clip: Callable[..., Path]) -> None:
    marks = ["-colorspace", "bt709", "-color_range", "tv", "-color_primaries", "bt709", "-color_trc", "bt709"]
    clip = make_clip("right.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", *AVC, *marks])
    film = film_of(clip)
    assert not film.plan.is_scaled
    assert not film.plan.is_padded
    assert not film.plan.is_interlaced
    assert repairs(inspect(clip), film.plan, film.timeline) == ()


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p10le"])
@pytest.mark.parametrize("size", ["256x144", "640x360"])
def test_both_ways_to_a_size_show_the_same(
    size: str, pixel_format: str, make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    marks = ["-colorspace", "bt709", "-color_range", "tv", "-color_primaries", "bt709", "-color_trc", "bt709"]
    encoded = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-pix_fmt", pixel_format, *marks]
    source = f"testsrc2=s={size}:r=25:d=0.4,gblur=1.5"
    film = film_of(make_clip(f"size-{size}-{pixel_format}.mkv", ["-f", "lavfi", "-i", source, *encoded]))
    assert film.plan.is_only_resized
    quick = first_frame(film, tmp_path / "zscale")
    usual = first_frame(replace(film, plan=replace(film.plan, is_only_resized=False)), tmp_path / "scale")
    luma, *chroma = (np.abs(a.astype(int) - b.astype(int)).mean() for a, b in zip(quick, usual, strict=True))
    assert luma < 0.6
    assert max(chroma) < 1.5, "the two place chroma samples a fraction of a pixel apart"


@pytest.mark.parametrize(
    ("source", "form"),
    [("testsrc2=s=640x360", "yuvj420p"), ("testsrc2=s=322x181", "yuv444p"), ("testsrc2=s=640x360", "rgb24")],
)
def test_odd_sides_and_other_colours_go_the_usual_way(source: str, form: str, make_clip: Callable[..., Path]) -> None:
    codec = ["-c:v", "libx264rgb" if form == "rgb24" else "libx264", "-preset", "ultrafast", "-pix_fmt", form]
    clip = make_clip(f"usual-{form}.mkv", ["-f", "lavfi", "-i", f"{source}:r=25:d=0.4", *codec])
    assert not film_of(clip).plan.is_only_resized
