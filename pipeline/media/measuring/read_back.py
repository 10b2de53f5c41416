"""Subtitles read back from the finished picture by OCR: the proof that they are in it and can be read."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.media.measuring.frames import Pixels, frames_at, save_thumbnail
from pipeline.media.measuring.ocr import PARTLY, BandReader, Reading, plain
from pipeline.media.measuring.reading_plan import moment_ms
from pipeline.records import BandText, Cue, ReadBack, Recording
from pipeline.store import Store, key_of

_MIDDLE = 0.5
_OTHER_MOMENTS = (_MIDDLE, 0.7, 0.3)
"""Moments within a cue, as shares of its length, at which one that was not well read is read again."""


def read_cues(
    recording: Recording,
    cues: Sequence[Cue],
    numbers: Sequence[int],
    reader: BandReader,
    enough: float,
    store: Store,
    key_times_s: Sequence[float] = (),
    on_read: Callable[[int], None] = lambda _done: None,
) -> tuple[ReadBack, ...]:
    """Return what the picture says in each cue of ``numbers``, in their order.

    A cue that is not well read at first is read at its middle, and one that is partly read there at two other moments;
    the best reading counts.

    Args:
        recording: the finished file.
        cues: from its sidecar, ordered.
        numbers: which of them to read, counted from 1.
        reader: the OCR engine.
        enough: similarity that needs no second look.
        store: keeps the thumbnails.
        key_times_s: times of the key frames, ascending, so that seeking is cheap.
        on_read: called with the number of cues done.
    """
    moments: dict[int, list[int]] = defaultdict(list)
    found: dict[int, ReadBack] = {}
    for number in numbers:
        cue = cues[number - 1]
        at_ms = moment_ms(cue, key_times_s)
        moments[at_ms].append(number)
        found[number] = ReadBack(number, at_ms, cue.text, "", 0.0, None)
    done = 0
    for at_ms, pixels in frames_at(recording, sorted(moments), key_times_s):
        for number in moments[at_ms]:
            reading = reader.read_cue(pixels, cues[number - 1].text, enough)
            found[number] = _read_back(found[number], at_ms, reading, _thumbnail(recording, at_ms, pixels, store))
            done += 1
            on_read(done)
    return tuple(
        _read_again(recording, cues[number - 1], found[number], reader, enough, store, key_times_s)
        for number in numbers
    )


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


def _read_again(
    recording: Recording,
    cue: Cue,
    first: ReadBack,
    reader: BandReader,
    enough: float,
    store: Store,
    key_times_s: Sequence[float],
) -> ReadBack:
    """Return the best reading of a cue; it is looked at again only when the first reading is not good enough."""
    best = first
    for share in _OTHER_MOMENTS:
        is_absent = best.similarity < PARTLY and best.thumbnail is not None
        if best.similarity >= enough or (is_absent and share != _MIDDLE):
            break
        time_ms = round(cue.start_ms + share * (cue.end_ms - cue.start_ms))
        if time_ms == first.at_ms:
            continue
        for at_ms, pixels in frames_at(recording, [time_ms], key_times_s):
            reading = reader.read_cue(pixels, cue.text, enough)
            if reading.similarity > best.similarity or best.thumbnail is None:
                best = _read_back(first, at_ms, reading, _thumbnail(recording, at_ms, pixels, store))
    return best


def _read_back(cue: ReadBack, at_ms: int, reading: Reading, thumbnail: Path) -> ReadBack:
    return ReadBack(
        cue_number=cue.cue_number,
        at_ms=at_ms,
        expected=cue.expected,
        read=reading.text,
        similarity=reading.similarity,
        thumbnail=thumbnail,
        contrast=reading.contrast,
        box=reading.box,
        is_inside_margins=reading.is_inside_margins,
    )


def _thumbnail(recording: Recording, time_ms: int, pixels: Pixels, store: Store) -> Path:
    key = key_of("thumbnail", recording.sha256, time_ms)
    return store.file("thumbnails", key, ".jpg", lambda path: save_thumbnail(pixels, path))
