"""Painting: one cue as it will be burned, by what burns it, as a picture with nothing behind it."""

from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np

from pipeline.captions.ass import PLAY_RES, drawn_text, write_ass
from pipeline.captions.entries import as_cue
from pipeline.errors import FfmpegFailedError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.rendering.fonts import find_font, place_font, require_glyphs
from pipeline.media.rendering.picture import FONTS, SUBTITLES
from pipeline.presets import CaptionSettings
from pipeline.store import Store, file_sha256, key_of
from pipeline.timing import FrameGrid

_VERSION = 1
_GRID = FrameGrid(Fraction(25), 2)
"""A frame on black and one on white: what stands behind a glyph's edge is told apart from the glyph by both."""
_BLACK, _WHITE = 16, 235
"""Luminance codes of limited range. Source: ITU-R BT.709-6, 4.6."""
_RAW = "frames.yuv"


def paint(text: str, settings: CaptionSettings, store: Store) -> Path:
    """Return a PNG of 1920 by 1080 pixels, grey and opacity, in which ``text`` stands as in a delivered frame.

    Laid over a frame without subtitles it gives the frame that is delivered, but for rounding to whole codes.

    Raises:
        NoFontError, MissingGlyphError: it cannot be drawn.
        MediaToolError: ffmpeg failed.
    """
    font = find_font(settings.font)
    screen = as_cue(0, 1, text).screen
    require_glyphs(font, drawn_text(screen))
    look = (settings.glyph_height_px, settings.margin_share, settings.max_width_share, settings.outline_px)
    key = key_of(_VERSION, file_sha256(font.path), font.face, look, drawn_text(screen))

    def make(path: Path) -> None:
        folder = path.parent
        cue = as_cue(0, _GRID.duration_ms, text)
        write_ass((cue,), settings, font, _GRID, folder / SUBTITLES, (0, _GRID.count))
        place_font(font, folder / FONTS)
        run_ffmpeg(compile_args(_on_black_and_white()), subject=font.path, cwd=folder)
        _save(folder / _RAW, path)

    return store.file("painted", key, ".png", make)


def _on_black_and_white() -> object:
    """Return an ffmpeg-python node that draws ``SUBTITLES`` on both grounds, as the delivery's chain draws them."""
    width, height = PLAY_RES
    grounds = [
        ffmpeg.input(f"color={name}:size={width}x{height}:rate={_GRID.rate}:duration=0.04", f="lavfi")
        for name in ("black", "white")
    ]
    both = ffmpeg.concat(*grounds, n=2, v=1, a=0).filter("format", "yuv420p")
    marked = both.filter("setparams", range="limited", color_primaries="bt709", color_trc="bt709", colorspace="bt709")
    return marked.filter("ass", filename=SUBTITLES, fontsdir=FONTS).output(
        _RAW, **{"f": "rawvideo", "c:v": "rawvideo", "pix_fmt": "yuv420p"}
    )


def _save(raw: Path, path: Path) -> None:
    """Write what stands on both grounds alike as a picture with opacity."""
    from PIL import Image

    width, height = PLAY_RES
    size = width * height
    data = np.fromfile(raw, np.uint8)
    if data.size != 3 * size:
        raise FfmpegFailedError(path, reason=f"{data.size} bytes instead of two frames")
    on_black, on_white = (data[start : start + size].astype(np.float32) for start in (0, size * 3 // 2))
    opacity = np.clip(1 - (on_white - on_black) / (_WHITE - _BLACK), 0, 1)
    own = (on_black - _BLACK * (1 - opacity)) / np.maximum(opacity, 1e-3)
    grey = np.clip((own - _BLACK) / (_WHITE - _BLACK), 0, 1) * (opacity > 0)
    pixels = (np.stack([grey, opacity], axis=-1) * 255).round().astype(np.uint8)
    Image.fromarray(pixels.reshape(height, width, 2)).save(path, "PNG", compress_level=3)
