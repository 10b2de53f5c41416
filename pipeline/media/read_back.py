"""Subtitles read back from the finished picture by OCR: the proof that they are in it and can be read."""

import logging
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.media.frames import Pixels, frames_at, save_thumbnail
from pipeline.presets import CaptionSettings
from pipeline.records import BandText, Cue, ReadBack, Recording
from pipeline.store import Store, key_of

_LINES_PX = 1080
"""Height that every picture is read at; glyph sizes in the presets are given for it."""
_SETTINGS = {
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "Global.use_cls": False,
    "Global.width_height_ratio": -1,
    "Global.log_level": "critical",
}
_WIDER_SHARE = 0.4
"""Lower part of the picture that is read when the subtitle band holds nothing like the cue."""
_SHORT = 10
"""Characters under which one misread character would weigh more than the accepted tenth."""
_PARTLY = 0.3
"""Similarity under which a cue is not misread but absent: another moment would not help."""
_OFFSETS = (0.5, 0.7, 0.3)
"""Moments within a cue, as shares of its length, tried in this order."""


def plain(text: str) -> str:
    """Return the characters of ``text`` that count for likeness: letters and digits, one width, one case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(mark for mark in folded if unicodedata.category(mark)[0] in "LN")


def similarity(expected: str, read: str) -> float:
    """Return how alike two texts are, 0 to 1, without punctuation, spaces and case.

    A single misread character in a short cue is the reader's fault more often than the picture's: as long as most of
    a cue was read, it is scored as if it had ten characters.
    """
    from rapidfuzz.distance import Levenshtein

    wanted, found = plain(expected), plain(read)
    length = max(len(wanted), len(found))
    if not length:
        return 1.0
    distance = Levenshtein.distance(wanted, found)
    return 1 - distance / (max(length, _SHORT) if distance * 2 < len(wanted) else length)


def sample(count: int, wanted: int) -> list[int]:
    """Return ``wanted`` of the numbers 0 to ``count`` − 1, evenly spread, the first and the last among them."""
    if count <= wanted:
        return list(range(count))
    if wanted == 1:
        return [0]
    return [round(place * (count - 1) / (wanted - 1)) for place in range(wanted)]


class BandReader:
    """An OCR engine and the part of the picture where subtitles stand."""

    def __init__(self, settings: CaptionSettings) -> None:
        """Load the models that come with rapidocr; nothing is fetched."""
        self._engine = _engine()
        line = 1.45 * settings.glyph_height_px
        self._band_px = round(settings.margin_share * _LINES_PX + settings.lines * line + 28)

    def read_cue(self, pixels: Pixels, expected: str, enough: float) -> tuple[str, float]:
        """Return what the frame says that is most like ``expected``, and how alike it is."""
        picture = _at_reading_height(pixels)
        best = ("", 0.0)
        for rows in (self._band_px, round(_LINES_PX * _WIDER_SHARE)):
            best = max(best, _closest(self._lines(picture[-rows:]), expected), key=lambda found: found[1])
            if best[1] >= enough:
                break
        return best

    def read_band(self, pixels: Pixels) -> str:
        """Return the text in the subtitle band, lines joined by a space."""
        return " ".join(self._lines(_at_reading_height(pixels)[-self._band_px :]))

    def _lines(self, band: Pixels) -> list[str]:
        result: Any = self._engine(np.ascontiguousarray(band[:, :, ::-1]))
        return [str(text) for text in (result.txts or ())]


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Return the OCR engine; loading it takes a second, so a batch loads it once."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    from rapidocr import RapidOCR

    return RapidOCR(params=dict(_SETTINGS))


def read_cues(
    recording: Recording,
    cues: Sequence[Cue],
    reader: BandReader,
    wanted: int,
    enough: float,
    store: Store,
    key_times_s: Sequence[float] = (),
    on_read: Callable[[int], None] = lambda _done: None,
) -> tuple[ReadBack, ...]:
    """Return what the picture says at the middle of ``wanted`` cues, evenly chosen, first and last among them.

    A cue that is partly read at its middle is read at two other moments; the best reading counts.

    Args:
        recording: the finished file.
        cues: from its sidecar, ordered.
        reader: the OCR engine.
        wanted: cues to read.
        enough: similarity that needs no second look.
        store: keeps the thumbnails.
        key_times_s: times of the key frames, so that seeking is cheap.
        on_read: called with the number of cues done.
    """
    found = []
    for done, number in enumerate(sample(len(cues), wanted), 1):
        found.append(_read_cue(recording, cues[number], number + 1, reader, enough, store, key_times_s))
        on_read(done)
    return tuple(found)


def read_bands(
    recording: Recording,
    times_ms: Sequence[int],
    reader: BandReader,
    store: Store,
    key_times_s: Sequence[float] = (),
    on_read: Callable[[int], None] = lambda _done: None,
) -> tuple[BandText, ...]:
    """Return what stands in the subtitle band at ``times_ms`` (ascending); times without text are left out."""
    found = []
    for done, (time_ms, pixels) in enumerate(frames_at(recording, times_ms, key_times_s), 1):
        text = reader.read_band(pixels)
        if plain(text):
            found.append(BandText(time_ms, text, _thumbnail(recording, time_ms, pixels, store)))
        on_read(done)
    return tuple(found)


def _read_cue(
    recording: Recording,
    cue: Cue,
    number: int,
    reader: BandReader,
    enough: float,
    store: Store,
    key_times_s: Sequence[float],
) -> ReadBack:
    middle = round(cue.start_ms + _OFFSETS[0] * (cue.end_ms - cue.start_ms))
    best = ReadBack(number, middle, cue.text, "", 0.0, None)
    for offset in _OFFSETS:
        time_ms = round(cue.start_ms + offset * (cue.end_ms - cue.start_ms))
        for at_ms, pixels in frames_at(recording, [time_ms], key_times_s):
            read, likeness = reader.read_cue(pixels, cue.text, enough)
            if likeness > best.similarity or best.thumbnail is None:
                thumbnail = _thumbnail(recording, at_ms, pixels, store)
                best = ReadBack(number, at_ms, cue.text, read, likeness, thumbnail)
        if best.similarity >= enough or best.similarity < _PARTLY:
            break
    return best


def _thumbnail(recording: Recording, time_ms: int, pixels: Pixels, store: Store) -> Path:
    key = key_of("thumbnail", recording.sha256, time_ms)
    return store.file("thumbnails", key, ".jpg", lambda path: save_thumbnail(pixels, path))


def _at_reading_height(pixels: Pixels) -> Pixels:
    """Return the picture scaled to 1080 lines, so that one set of sizes fits every raster."""
    from PIL import Image

    if pixels.shape[0] == _LINES_PX:
        return pixels
    width = max(1, round(pixels.shape[1] * _LINES_PX / pixels.shape[0]))
    return np.asarray(Image.fromarray(pixels).resize((width, _LINES_PX), Image.Resampling.BICUBIC))


def _closest(lines: Sequence[str], expected: str) -> tuple[str, float]:
    """Return the run of neighbouring lines that is most like ``expected``: a slide may have text in the band too."""
    best = (" ".join(lines), 0.0)
    for first in range(len(lines)):
        for last in range(first + 1, len(lines) + 1):
            text = " ".join(lines[first:last])
            likeness = similarity(expected, text)
            if likeness > best[1]:
                best = (text, likeness)
    return best
