"""lower thirds: panels that name who speaks, from what is registered, at times that nobody has to guess.

One speaker is named soon after the lecture's own picture begins. Several are named each where a subtitle first carries
their name as a label, when there is such a subtitle for every one of them; else all of them together at the beginning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pipeline.captions.ass import PLAY_RES, cues_in, drawn_text, fitted_lines
from pipeline.captions.headlines import clean, listed_names
from pipeline.errors import SpeakerMissingError, TitleTooLongError
from pipeline.media.rendering.fonts import find_font, require_glyphs
from pipeline.media.rendering.overlay import Panel
from pipeline.media.rendering.titles.composing import lower_third
from pipeline.media.rendering.titles.placing import Words, place_lower_third
from pipeline.presets import CaptionSettings
from pipeline.records import Assembly, Cue, LowerThird, Span
from pipeline.stages.titles import CardJob, drawable, faces_of, folding
from pipeline.store import Store, file_sha256, key_of
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid, clock, to_ms

_VERSION = 1
"""Raised when the same words would look different."""
_DELAY_S = 1
"""The picture is seen first."""
_WIDTH_SHARE = 0.5
"""Of the picture, that a panel takes at most."""
_ABOVE_SUBTITLES_PX = 40
"""At 1080 lines; more than a check looks beyond the lines of the layout."""


@dataclass(frozen=True, slots=True)
class _Still:
    """A panel without place and time."""

    path: Path
    sha256: str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Appearance:
    """Who is named, in which frames of the delivery."""

    names: tuple[str, ...]
    first: int
    after: int


class LowerThirds:
    """The panels of one lecture; what could fail for its words fails before anything long begins."""

    def __init__(self, job: CardJob, captions: CaptionSettings, grid: FrameGrid, begin: int, store: Store) -> None:
        """Compose every panel that may be needed.

        Args:
            job: who speaks, and the look.
            captions: where subtitles stand.
            grid: the delivery's frames.
            begin: the frame with which the lecture's own picture begins.
            store: keeps the stills.

        Raises:
            SpeakerMissingError: nobody is registered.
            TitleTooLongError: a panel has no room.
            MissingGlyphError, NoFontError: it cannot be drawn.
        """
        self._job, self._captions, self._grid, self._begin = job, captions, grid, begin
        self._names = listed_names(job.info.speaker)
        self._unit = clean(job.info.unit or "") or None
        if not self._names:
            raise SpeakerMissingError
        alone = ((name,) for name in self._names)
        self._stills = {names: _still(names, self._unit, job, store) for names in (self._names, *alone)}
        for names, still in self._stills.items():
            self._top(still, names, captions.lines)

    def panels(self, cues: Sequence[Cue]) -> tuple[Panel, ...]:
        """Return the panels in their places and times, on the delivery's clock.

        Raises:
            TitleTooLongError: subtitles of many lines leave no room for one.
        """
        left = 2 * round(self._job.look.margin_share * self._job.raster[0] / 2)
        found = []
        for shown in self._due(cues):
            still, frames = self._stills[shown.names], (shown.first, shown.after)
            top = self._top(still, shown.names, self._lines(cues, frames))
            fade = min(round(self._job.look.fade_s * self._grid.rate), (shown.after - shown.first) // 2)
            found.append(Panel(still.path, still.sha256, still.size, (left, top), *frames, fade))
        return tuple(found)

    def told(self, cues: Sequence[Cue]) -> tuple[LowerThird, ...]:
        """Return who is named when, for the report."""
        time = self._grid.time_s
        return tuple(
            LowerThird(shown.names, self._unit, Span(to_ms(time(shown.first)), to_ms(time(shown.after))))
            for shown in self._due(cues)
        )

    def _due(self, cues: Sequence[Cue]) -> tuple[Appearance, ...]:
        length = round(Fraction(self._job.look.lower_third_s).limit_denominator(1000) * self._grid.rate)
        return appearances(self._names, cues, self._grid, self._begin, length)

    def _lines(self, cues: Sequence[Cue], frames: tuple[int, int]) -> int:
        """Return the most lines of a subtitle that is on the screen with a panel, at least the layout's."""
        if not self._captions.burn:
            return self._captions.lines
        font = find_font(self._captions.font)
        there = cues_in(cues, self._grid, frames)
        drawn = (len(fitted_lines(drawn_text(cue.screen), self._captions, font)) for cue in there)
        return max(self._captions.lines, *drawn, 0)

    def _top(self, still: _Still, names: Sequence[str], lines: int) -> int:
        """Return where a panel begins that stands above so many lines of subtitle."""
        captions, height = self._captions, self._job.raster[1]
        line_px = find_font(captions.font).size_for(captions.glyph_height_px)
        taken = captions.margin_share * PLAY_RES[1] + lines * line_px + captions.outline_px + _ABOVE_SUBTITLES_PX
        top = 2 * int((height * (1 - taken / PLAY_RES[1]) - still.size[1]) / 2)
        if top < self._job.look.margin_share * height:
            raise TitleTooLongError(text="、".join(names))
        return top


def appearances(
    names: tuple[str, ...], cues: Sequence[Cue], grid: FrameGrid, begin: int, length: int
) -> tuple[Appearance, ...]:
    """Return who is named when, in order and one at a time.

    Args:
        names: who speaks, as registered.
        cues: on the delivery's clock.
        grid: the delivery's frames.
        begin: the frame with which the lecture's own picture begins.
        length: frames for which a panel stands; one ends where the next begins, and with the picture.
    """
    labelled = {name: _first_labelled(name, cues) for name in names} if len(names) > 1 else {}
    begins = {name: grid.nearest(cue.start_ms) for name, cue in labelled.items() if cue is not None}
    if not begins or len(begins) < len(set(names)):
        first = begin + round(_DELAY_S * grid.rate)
        first = first if first + length <= grid.count else max(begin, grid.count - length)
        return (Appearance(names, first, min(first + length, grid.count)),)
    ordered = sorted(begins.items(), key=lambda item: item[1])
    nexts = [first for _, first in ordered[1:]] + [grid.count]
    return tuple(
        Appearance((name,), first, min(first + length, following, grid.count))
        for (name, first), following in zip(ordered, nexts, strict=True)
        if first < min(following, grid.count)
    )


def own_begin(assembly: Assembly | None) -> int:
    """Return the frame of the delivery with which the lecture's own picture begins, after a card."""
    if assembly is None:
        return 0
    return next((placed.begin for placed in assembly.cuts.placed if placed.take.source < assembly.parts), 0)


def said(thirds: Sequence[LowerThird]) -> tuple[Message, ...]:
    """Return what is done to the picture, for the report."""
    text = N_("A lower third names {names}, {from}–{to}.")
    return tuple(
        Message(
            text,
            {
                "names": "、".join(third.speakers),
                "from": clock(third.span.start_ms),
                "to": clock(third.span.end_ms),
            },
        )
        for third in thirds
    )


def _first_labelled(name: str, cues: Sequence[Cue]) -> Cue | None:
    label = re.compile(rf"\s*{re.escape(name)}\s*[：:]")
    return next((cue for cue in cues if label.match(cue.text)), None)


def _still(names: tuple[str, ...], unit: str | None, job: CardJob, store: Store) -> _Still:
    """Return a panel's pixels, kept in the store."""
    faces, words = faces_of(job.look), Words("", names, unit)
    for text in words.texts:
        require_glyphs(faces.strong, text)
        require_glyphs(faces.plain, text)
    width, height = job.raster
    fold = folding(words, job.whole)
    runs, size = place_lower_third(words, job.look, faces, height, fold, int(_WIDTH_SHARE * width))
    fonts = {font.path: str(drawable(font, store)) for font in (faces.strong, faces.plain)}
    drawn_with = [(file_sha256(font.path), font.face) for font in (faces.strong, faces.plain)]
    key = key_of(_VERSION, names, unit, job.look, job.raster, job.whole, drawn_with)

    def make(path: Path) -> None:
        path.write_bytes(lower_third(runs, size, job.look, fonts, height).tobytes())

    path = store.file("lower-thirds", key, ".rgba", make, is_proven=True)
    return _Still(path, file_sha256(path), size)
