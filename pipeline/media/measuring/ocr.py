"""OCR of single frames: the engine, the band where subtitles stand, and the lines found there."""

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.media.measuring.frames import Pixels
from pipeline.media.measuring.legibility import Box, joined, legibility
from pipeline.presets import CaptionSettings

_LINES_PX = 1080
"""Height that every picture is read at; glyph sizes in the presets are given for it."""
_SETTINGS = {
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "Global.use_cls": False,
    "Global.width_height_ratio": -1,
    "Global.log_level": "critical",
    # Pictures this small keep more threads waiting than working: one takes 0.4 of the processor time.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_WIDER_SHARE = 0.4
"""Lower part of the picture that is read when the subtitle band holds nothing like the cue."""
_SHORT = 10
"""Characters under which one misread character would weigh more than the accepted tenth."""
_SLIPS = 0.2
"""Share of characters up to which traditional forms are the reader's slips. Text that is traditional throughout has
about a third of its characters in another form than simplified text."""
PARTLY = 0.3
"""Similarity under which what was read is not the cue at all: another moment would not help, nor does its box count."""
_SAME_ROW_PX = 24
"""Lines whose middles lie this near to each other, in pixels at 1080 lines, are read from left to right."""
_PLACED_LINE = 1.3
"""Height of a burned line's place in em: glyphs take 1, the rest is slack above and below."""
_PLACED_MISSES = 3
"""Cues in a row that do not stand where our own would, after which the place is not tried any more."""
_SQUEEZED = 0.6
"""Width at which such a place is read first. The model's work grows with the width: 0.027 instead of 0.044 seconds of
processor time a cue, and 59 of 60 cues were read without a slip at either (0.4 and 0.5: one fewer)."""
_EDGE_PX = 2
"""Pixels at 1080 lines by which a box may pass a margin: scaling and encoding blur edges by as much."""


@dataclass(frozen=True, slots=True)
class Line:
    """Text that was read, and its box in the picture at 1080 lines."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Reading:
    """What a frame says that is most like a cue."""

    text: str = ""
    similarity: float = 0.0
    contrast: float | None = None
    box: Box | None = None
    """In pixels of the frame itself."""
    is_inside_margins: bool | None = None


def plain(text: str) -> str:
    """Return the characters of ``text`` that count for likeness: letters and digits, one width, one case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(mark for mark in folded if unicodedata.category(mark)[0] in "LN")


def similarity(expected: str, read: str) -> float:
    """Return how alike two texts are, 0 to 1, without punctuation, spaces and case.

    A single misread character in a short cue is the reader's fault more often than the picture's: as long as most of
    a cue was read, it is scored as if it had ten characters. So is a traditional form here and there; a picture whose
    text is traditional throughout has more of them.
    """
    from rapidfuzz.distance import Levenshtein

    wanted, found = plain(expected), _without_slips(plain(read))
    length = max(len(wanted), len(found))
    if not length:
        return 1.0
    distance = Levenshtein.distance(wanted, found)
    return 1 - distance / (max(length, _SHORT) if distance * 2 < len(wanted) else length)


def _without_slips(text: str) -> str:
    """Return what was read with its few traditional forms simplified, or as it is when they are many."""
    simplified = _simplifier().convert(text)
    changed = sum(one != other for one, other in zip(text, simplified, strict=False)) + abs(len(text) - len(simplified))
    return simplified if changed <= _SLIPS * len(text) else text


class BandReader:
    """An OCR engine and the part of the picture where subtitles stand."""

    def __init__(self, settings: CaptionSettings) -> None:
        """Load the models that come with rapidocr; nothing is fetched."""
        self._engine = _engine()
        self._settings = settings
        line = 1.45 * settings.glyph_height_px
        self._band_px = round(settings.margin_share * _LINES_PX + settings.lines * line + 28)
        self.is_placed = True
        """Cues stand where our own layout puts them, as far as is known."""
        self._misses = 0

    def read_cue(self, pixels: Pixels, expected: str, enough: float) -> Reading:
        """Return what the frame says that is most like ``expected``, how alike, how legible, and where."""
        picture = _at_reading_height(pixels)
        placed = self._read_in_place(picture, pixels, expected, enough)
        if placed is not None:
            return placed
        text, best, lines = "", 0.0, ()  # type: str, float, tuple[Line, ...]
        for rows in (self._band_px, round(_LINES_PX * _WIDER_SHARE)):
            found = _closest(self._lines(picture, rows), expected)
            if found[1] > best or not text:
                text, best, lines = found
            if best >= enough:
                break
        return self._seen(picture, pixels, Reading(text, best), lines)

    def read_band(self, pixels: Pixels) -> str:
        """Return the text in the subtitle band, lines joined by a space."""
        return " ".join(line.text for line in self._lines(_at_reading_height(pixels), self._band_px))

    def _read_in_place(self, picture: Pixels, pixels: Pixels, expected: str, enough: float) -> Reading | None:
        """Return what stands where our own layout puts a line, read without looking for lines: half the work.

        It is read squeezed at first, and as it stands when that is not the cue to the letter.
        Only a reading without any fault is taken; whatever is in doubt is looked for as in anybody's picture.
        """
        if not self.is_placed or "\n" in expected:
            return None
        box = _place(picture.shape, expected, self._settings)
        left, top, right, bottom = box
        place = picture[top:bottom, left:right, ::-1]
        text = self._text(_narrowed(place))
        if plain(text) != plain(expected):
            text = self._text(place)
        reading = self._seen(picture, pixels, Reading(text, similarity(expected, text)), [Line(text, box)])
        is_good = reading.similarity >= enough and reading.contrast is not None and reading.is_inside_margins is True
        self._misses = 0 if is_good else self._misses + 1
        self.is_placed = self._misses < _PLACED_MISSES
        return reading if is_good else None

    def _text(self, line: Pixels) -> str:
        """Return what stands in the picture of one line, ``(height, width, 3)``, blue first."""
        result: Any = self._engine(np.ascontiguousarray(line), use_det=False)
        return " ".join(result.txts or ())

    def _seen(self, picture: Pixels, pixels: Pixels, reading: Reading, lines: Sequence[Line]) -> Reading:
        """Return the reading with contrast and place, when it is the cue that was read."""
        if reading.similarity < PARTLY or not lines:
            return reading
        boxes = [line.box for line in lines]
        seen = legibility(picture, boxes)
        box = seen.box if seen else joined(boxes)
        return Reading(
            text=reading.text,
            similarity=reading.similarity,
            contrast=round(seen.contrast, 2) if seen else None,
            box=_scaled(box, pixels.shape[0] / picture.shape[0]),
            is_inside_margins=_is_inside(box, picture.shape, self._settings),
        )

    def _lines(self, picture: Pixels, rows: int) -> list[Line]:
        """Return the lines in the lowest ``rows`` of the picture."""
        top = picture.shape[0] - rows
        result: Any = self._engine(np.ascontiguousarray(picture[top:, :, ::-1]), use_det=True)
        if result.txts is None or result.boxes is None:
            return []
        return [Line(str(text), _upright(box, top)) for text, box in zip(result.txts, result.boxes, strict=True)]


def page_lines(pixels: Pixels) -> list[Line]:
    """Return all lines of text in a picture, from top to bottom and left to right."""
    result: Any = _engine()(np.ascontiguousarray(_at_reading_height(pixels)[:, :, ::-1]), use_det=True)
    if result.txts is None or result.boxes is None:
        return []
    lines = [Line(str(text), _upright(box, 0)) for text, box in zip(result.txts, result.boxes, strict=True)]
    return sorted(lines, key=lambda line: ((line.box[1] + line.box[3]) // 2 // _SAME_ROW_PX, line.box[0]))


def likeness_within(expected: str, read: str) -> float:
    """Return how alike ``expected`` and the part of ``read`` that is most like it are, 0 to 1."""
    from rapidfuzz import fuzz

    wanted, found = plain(expected), _without_slips(plain(read))
    if not wanted:
        return 1.0
    return fuzz.partial_ratio(wanted, found) / 100 if len(found) >= len(wanted) else similarity(expected, read)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Return the OCR engine; loading it takes a second, so a batch loads it once."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    from rapidocr import RapidOCR

    return RapidOCR(params=dict(_SETTINGS))


def _upright(corners: Any, top: int) -> Box:
    """Return the upright box of four corners ``(4, 2)`` in a band that begins at row ``top``."""
    x, y = np.asarray(corners, float).T
    return int(x.min()), int(y.min()) + top, int(np.ceil(x.max())), int(np.ceil(y.max())) + top


def _scaled(box: Box, factor: float) -> Box:
    left, top, right, bottom = (round(edge * factor) for edge in box)
    return left, top, right, bottom


def _place(shape: tuple[int, ...], text: str, settings: CaptionSettings) -> Box:
    """Return where our own layout puts a line of ``text``: centred, its foot on the margin."""
    height, width = shape[:2]
    em = settings.glyph_height_px
    ems = sum(1.0 if unicodedata.east_asian_width(mark) in "WFA" else 0.6 for mark in text)
    half = round((ems + 1) * em / 2)
    bottom = height - round(settings.margin_share * height)
    return max(0, width // 2 - half), bottom - round(_PLACED_LINE * em), min(width, width // 2 + half), bottom


def _narrowed(line: Pixels) -> Pixels:
    """Return the picture of a line squeezed from the sides."""
    from PIL import Image

    height, width = line.shape[:2]
    size = (max(1, round(width * _SQUEEZED)), height)
    return np.asarray(Image.fromarray(np.ascontiguousarray(line)).resize(size, Image.Resampling.BILINEAR))


def _is_inside(box: Box, shape: tuple[int, ...], settings: CaptionSettings) -> bool:
    """Tell whether a box keeps the margins and the greatest width. Source: rules of layout, see the preset."""
    height, width = shape[:2]
    margin_x, margin_y = settings.margin_share * width - _EDGE_PX, settings.margin_share * height - _EDGE_PX
    left, top, right, bottom = box
    is_within = left >= margin_x and right <= width - margin_x and top >= margin_y and bottom <= height - margin_y
    return is_within and right - left <= settings.max_width_share * width + 2 * _EDGE_PX


def _at_reading_height(pixels: Pixels) -> Pixels:
    """Return the picture scaled to 1080 lines, so that one set of sizes fits every raster."""
    from PIL import Image

    if pixels.shape[0] == _LINES_PX:
        return pixels
    width = max(1, round(pixels.shape[1] * _LINES_PX / pixels.shape[0]))
    return np.asarray(Image.fromarray(pixels).resize((width, _LINES_PX), Image.Resampling.BICUBIC))


def _closest(lines: Sequence[Line], expected: str) -> tuple[str, float, tuple[Line, ...]]:
    """Return the run of neighbouring lines that is most like ``expected``: a slide may have text in the band too."""
    best: tuple[str, float, tuple[Line, ...]] = (" ".join(line.text for line in lines), 0.0, ())
    for first in range(len(lines)):
        for last in range(first + 1, len(lines) + 1):
            run = tuple(lines[first:last])
            text = " ".join(line.text for line in run)
            likeness = similarity(expected, text)
            if likeness > best[1]:
                best = (text, likeness, run)
    return best
