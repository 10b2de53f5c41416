"""How legible text in a picture is: where its glyphs stand, and how they contrast with the ground right round them.

Glyphs are found inside the box that the text detector drew. In a window that moves along the line, Otsu's threshold
parts light from dark; what is lighter (or darker) and does not run out of the box is the glyphs' fill. The ground is
the pixels two pixels away from the fill: the outline where there is one, else the picture. The contrast is that of
WCAG 2 between the fill and the ground's median, in the worst place of the line, one glyph wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie outside."""
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_PAD_SHARE = 0.15
"""Part of the line's height by which the detector's box is widened: it may cut strokes."""
_WINDOW = 3
"""Width of the thresholding window in line heights, so that a full-width space still has glyphs beside it."""
_COLOUR_SPREAD = 0.25
"""Part of the distance from fill to ground by which a stroke may differ from the fill."""
_CELL_FILL = 0.03
"""Part of a cell that is fill where a glyph stands; a lone dot has less and is not judged."""
_CELL_GROUND = 12
"""Ground pixels without which a cell is not judged."""
_LINE_COLUMNS = 0.5
"""Part of the box's columns that hold fill, without which it is not the text that was found."""


@dataclass(frozen=True, slots=True)
class Legibility:
    """Measured from the pixels of one or several lines."""

    box: Box
    contrast: float
    """1 to 21."""


def legibility(picture: Pixels, lines: Sequence[Box]) -> Legibility | None:
    """Return where the glyphs in ``lines`` stand and their contrast; ``None`` when no glyph could be told apart.

    Args:
        picture: ``(height, width, 3)`` uint8, RGB, at 1080 lines.
        lines: what the detector found, each about one line of text.
    """
    found = [seen for seen in (_line(picture, box) for box in lines) if seen is not None]
    if not found or len(found) < len(lines):
        return None
    return Legibility(joined([seen.box for seen in found]), min(seen.contrast for seen in found))


def joined(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of them."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def contrast_ratio(one: float, other: float) -> float:
    """Return the contrast of two relative luminances, 1 to 21. Source: WCAG 2.2, definition of contrast ratio."""
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: NDArray[Any]) -> NDArray[np.float64]:
    """Return the relative luminance, 0 to 1, of ``(…, 3)`` sRGB values 0 to 255. Source: WCAG 2.2, ibid."""
    linear = _linear()[colour] if colour.dtype == np.uint8 else _in_linear_light(np.asarray(colour, np.float64))
    weighted: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


@lru_cache(maxsize=1)
def _linear() -> NDArray[np.float64]:
    return _in_linear_light(np.arange(256, dtype=np.float64))


def _in_linear_light(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    share = codes / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _line(picture: Pixels, box: Box) -> Legibility | None:
    """Return one line's glyphs, light on dark or dark on light, whichever stands out more."""
    left, top, right, bottom = _padded(box, picture.shape)
    region = picture[top:bottom, left:right]
    if min(region.shape[:2]) < 8:
        return None
    height = box[3] - box[1]
    lightness = luminance(region) ** (1 / 2.2) * 255
    bright = _parted(lightness.astype(np.uint8), height)
    seen = [found for mask in (bright, ~bright) if (found := _glyphs(region, lightness, mask, height)) is not None]
    if not seen:
        return None
    best = max(seen, key=lambda found: found.contrast)
    x0, y0, x1, y1 = best.box
    return Legibility((left + x0, top + y0, left + x1, top + y1), best.contrast)


def _padded(box: Box, shape: tuple[int, ...]) -> Box:
    pad = round(_PAD_SHARE * (box[3] - box[1]))
    left, top, right, bottom = box
    return max(0, left - pad), max(0, top - pad), min(shape[1], right + pad), min(shape[0], bottom + pad)


def _parted(lightness: Pixels, height: int) -> Mask:
    """Return what is light, by Otsu's threshold in a window round each cell."""
    import cv2

    bright = np.zeros(lightness.shape, np.bool_)
    around = height * (_WINDOW - 1) // 2
    for start in range(0, lightness.shape[1], height):
        window = lightness[:, max(0, start - around) : start + height + around]
        threshold, _ = cv2.threshold(np.ascontiguousarray(window), 0, 255, cv2.THRESH_OTSU)
        bright[:, start : start + height] = lightness[:, start : start + height] > threshold
    return bright


def _glyphs(region: Pixels, lightness: NDArray[np.float64], mask: Mask, height: int) -> Legibility | None:
    """Return the box (in the region) and the contrast of the strokes in ``mask`` that stay inside it."""
    strokes = _strokes(lightness, mask)
    if strokes is None:
        return None
    columns = np.flatnonzero(strokes.any(0))
    rows = np.flatnonzero(strokes.any(1))
    contrast = _worst_contrast(region, strokes, height)
    if contrast is None or len(columns) < _LINE_COLUMNS * (region.shape[1] - 2 * _PAD_SHARE * height):
        return None
    return Legibility((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1), contrast)


def _strokes(lightness: NDArray[np.float64], mask: Mask) -> Mask | None:
    """Return the parts of ``mask`` that do not run out of the region and have the fill's lightness."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    x, y, width, height, area = stats.T
    inside = (x > 0) & (y > 0) & (x + width < mask.shape[1]) & (y + height < mask.shape[0]) & (area >= 4)
    inside[0] = False
    kept = inside[labels]
    if not kept.any():
        return None
    fill = float(np.median(lightness[_core(kept)]))
    spread = _COLOUR_SPREAD * abs(fill - float(np.median(lightness[~mask])))
    mean = np.bincount(labels.ravel(), lightness.ravel(), count) / np.maximum(1, area)
    strokes: Mask = (inside & (np.abs(mean - fill) <= max(spread, 24)))[labels]
    return strokes if strokes.any() else None


def _core(strokes: Mask) -> Mask:
    """Return the strokes without their blurred edges, or whole where they are all edge."""
    import cv2

    core: Mask = cv2.erode(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    return core if core.any() else strokes


def _worst_contrast(region: Pixels, strokes: Mask, height: int) -> float | None:
    """Return the least contrast of fill and ground over cells one line height wide; ``None`` with nothing to judge."""
    fill = float(luminance(np.median(region[_core(strokes)], axis=0)))
    ground = _ring(strokes)
    found = []
    for start in range(0, strokes.shape[1], height):
        cell = np.s_[:, start : start + height]
        if strokes[cell].mean() >= _CELL_FILL and ground[cell].sum() >= _CELL_GROUND:
            found.append(contrast_ratio(fill, float(np.median(luminance(region[cell][ground[cell]])))))
    return min(found, default=None)


def _ring(strokes: Mask) -> Mask:
    """Return the pixels exactly two away from the strokes: past their blurred edge, inside an outline."""
    import cv2

    square = np.ones((3, 3), np.uint8)
    near = cv2.dilate(strokes.astype(np.uint8), square)
    ring: Mask = cv2.dilate(near, square).astype(np.bool_) & ~near.astype(np.bool_)
    return ring
