"""The opening of a finished picture, read and compared with what is registered for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.media.measuring.frames import Pixels, frames_at, save_thumbnail
from pipeline.media.measuring.ocr import likeness_within, page_lines
from pipeline.records import Opening, OpeningText, Recording
from pipeline.store import Store, key_of

_LOOKS_S = (1.0, 2.0, 3.0, 4.5, 6.0, 8.0, 9.7)
"""When frames are read, until all is found."""
_PAST_S = 0.5
"""This long after the longest opening it must be over."""
_ALIKE = 0.5
"""Less alike than this is another text."""
Field = Literal["title", "speaker", "unit"]


@dataclass(frozen=True, slots=True)
class _Look:
    at_ms: int
    likeness: tuple[float, ...]
    pixels: Pixels


def read_opening(
    recording: Recording,
    registered: Sequence[tuple[Field, str]],
    max_s: float,
    enough: float,
    store: Store,
    key_times_s: Sequence[float] = (),
) -> Opening | None:
    """Return what the opening says of what is registered; ``None`` without anything registered, or a picture.

    Args:
        recording: the finished file.
        registered: what it should name.
        max_s: longest opening, seconds; one more frame is read shortly after it.
        enough: likeness from which a text counts as read.
        store: keeps the picture of the frame that says most.
        key_times_s: times of key frames, where they are known.
    """
    if not registered or recording.video is None:
        return None
    texts = [text for _, text in registered]
    times = [int(time * 1000) for time in _LOOKS_S if time < min(max_s, float(recording.duration_s))]
    looks: list[_Look] = []
    for at_ms, pixels in frames_at(recording, times, key_times_s):
        looks.append(_looked(at_ms, pixels, texts))
        if all(max(seen) >= enough for seen in zip(*(look.likeness for look in looks), strict=True)):
            break
    if not looks:
        return None
    found = tuple(_best(field, text, n, looks) for n, (field, text) in enumerate(registered))
    fullest = max(looks, key=lambda look: sum(look.likeness))
    last = fullest.at_ms if min(fullest.likeness) >= enough else None
    past_ms = int((max_s + _PAST_S) * 1000)
    if last is not None and past_ms < recording.duration_ms:
        for at_ms, pixels in frames_at(recording, [past_ms], key_times_s):
            last = at_ms if min(_looked(at_ms, pixels, texts).likeness) >= enough else last
    key = key_of(recording.sha256, fullest.at_ms)
    thumbnail = store.file("thumbnails", key, ".jpg", lambda path: save_thumbnail(fullest.pixels, path))
    return Opening(found, last, thumbnail)


def _looked(at_ms: int, pixels: Pixels, texts: Sequence[str]) -> _Look:
    read = "".join(line.text for line in page_lines(pixels))
    return _Look(at_ms, tuple(likeness_within(text, read) for text in texts), pixels)


def _best(field: Field, text: str, number: int, looks: Sequence[_Look]) -> OpeningText:
    best = max(looks, key=lambda look: look.likeness[number])
    likeness = best.likeness[number]
    found = OpeningText(field, text, round(likeness, 3), best.at_ms)
    return found if likeness >= _ALIKE else replace(found, at_ms=None)
