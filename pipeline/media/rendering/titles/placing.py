"""Where the words of a card or panel stand: sizes that fit, lines about the middle, all inside the safe margin."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil
from typing import Literal

from pipeline.errors import TitleTooLongError
from pipeline.media.rendering.fonts import Font, text_width
from pipeline.presets import TitleSettings

LINES_PX = 1080
"""Height of the raster that the preset's sizes are given for."""
_LEADING = 1.36
"""Distance of lines within a block, in ems."""
_TITLE_STEPS = ((1.0, 1), (0.86, 2), (0.74, 2), (0.64, 2), (0.62, 3), (0.5, 3))
"""The title's size as a share of the preset's, and most lines at that size; the first that fits is taken."""
_SPEAKER_STEPS = ((1.0, 1), (0.86, 2), (0.74, 3))
_UNIT_STEPS = ((1.0, 2), (0.86, 3))
_PANEL_NAME_STEPS = ((1.0, 1), (0.8, 2))
_PANEL_UNIT_STEPS = ((1.0, 2), (0.8, 3))
_PANEL_PAD_PX, _PANEL_GAP_PX = (40, 26), 22
_TO_RULE_PX, _FROM_RULE_PX, _TO_UNIT_PX = 62, 58, 40
_RULE_PX = (132, 3)
_LOGO_PX = (560, 112)
"""Largest size of a logo."""
_TO_LOGO_PX = 64
_GAP = "\u3000"
_HANGING = "，。、；：,.;:"
"""Marks at the end of a line, which is centred without them."""

Ink = Literal["title", "text", "accent"]
Fold = Callable[[str, Callable[[str], bool], int], tuple[str, ...] | None]
"""Breaks a text into lines that fit, at most so many: ``(text, fits, most lines)``."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a card says."""

    title: str
    speakers: tuple[str, ...] = ()
    unit: str | None = None
    date: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is drawn."""
        return tuple(filter(None, (self.title, *self.speakers, self.unit, self.date)))


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts of a card."""

    strong: Font
    """Of the title and of names."""
    plain: Font


@dataclass(frozen=True, slots=True)
class Placed:
    """A run of text in its place, in pixels of the raster."""

    text: str
    font: Font
    size_px: int
    """Height of the em."""
    ink: Ink
    left: float
    top: float
    """Of the em."""

    @property
    def width(self) -> float:
        """Width of the run."""
        return text_width(self.font, self.text) * self.size_px

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of its ems."""
        return self.left, self.top, self.left + self.width, self.top + self.size_px


@dataclass(frozen=True, slots=True)
class Card:
    """A card with everything in its place."""

    runs: tuple[Placed, ...]
    rule: tuple[int, int, int, int] | None
    """The line between title and speakers: left, top, width, height."""
    logo: tuple[int, int, int, int] | None
    """The room that a logo is fitted into: left, top, width, height."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Runs beside each other, before they have a place."""

    parts: tuple[tuple[str, Font, Ink, float], ...]
    """Text, font, ink, and its size as a share of the row's."""
    size_px: int
    above_px: float
    """Free space before it."""

    @property
    def width(self) -> float:
        return sum(text_width(font, text) * round(self.size_px * share) for text, font, _, share in self.parts)


def place_card(words: Words, look: TitleSettings, faces: Faces, raster: tuple[int, int], fold: Fold) -> Card:
    """Return the opening card's layout: the title, a rule, the speakers, their unit, in one block about the middle.

    Args:
        words: what it says.
        look: the preset's sizes, at 1080 lines.
        faces: the fonts.
        raster: width and height of the picture.
        fold: breaks a text into lines.

    Raises:
        TitleTooLongError: something is too long even at the smallest size.
    """
    width, height = raster
    scale = height / LINES_PX
    room = width * (1 - 2 * look.margin_share)
    title = _titles(words.title, look, faces, scale, room, fold)
    below = (*_speakers(words.speakers, look, faces, scale, room), *_units(words.unit, look, faces, scale, room, fold))
    if below:
        below = (replace(below[0], above_px=_FROM_RULE_PX * scale), *below[1:])
    rule_px = tuple(max(2, round(length * scale)) for length in _RULE_PX)
    rule_room = _TO_RULE_PX * scale + rule_px[1] if below else 0.0
    rows_height = sum(row.above_px + row.size_px for row in (*title, *below)) + rule_room
    top = look.position * height - rows_height / 2
    runs, bottom = _stacked(title, top, width)
    rule = None
    if below:
        rule_top = round(bottom + _TO_RULE_PX * scale)
        rule = ((width - rule_px[0]) // 2, rule_top, rule_px[0], rule_px[1])
        more, bottom = _stacked(below, rule_top + rule_px[1], width)
        runs += more
    if words.date:
        runs += _date(words.date, look, faces, raster)
    logo = _logo(top, look, raster)
    card = Card(runs, rule, logo)
    _require_inside(card, look, raster, words)
    return card


def place_lower_third(
    words: Words, look: TitleSettings, faces: Faces, lines_px: int, fold: Fold, width_max: int
) -> tuple[tuple[Placed, ...], tuple[int, int]]:
    """Return the names and the unit of ``words`` about the upper left corner, and the panel's even width and height.

    Args:
        words: its title is not used.
        look: the preset's sizes, at 1080 lines.
        faces: the fonts.
        lines_px: height of the picture.
        fold: breaks a text into lines.
        width_max: of the panel.

    Raises:
        TitleTooLongError: they do not fit into ``width_max``.
    """
    scale = lines_px / LINES_PX
    pad_x, pad_y = (round(length * scale) for length in _PANEL_PAD_PX)
    room = width_max - 2 * pad_x
    size, rows = _named(words.speakers, look, faces, scale, room, fold)
    runs = [Placed(row, faces.strong, size, "title", pad_x, pad_y + n * size * _LEADING) for n, row in enumerate(rows)]
    bottom = runs[-1].top + size
    if words.unit:
        small, lines = _fitted(words.unit, faces.plain, look.unit_px * 0.8 * scale, _PANEL_UNIT_STEPS, room, fold)
        top = bottom + _PANEL_GAP_PX * scale
        runs += [Placed(row, faces.plain, small, "text", pad_x, top + n * small * 1.3) for n, row in enumerate(lines)]
        bottom = runs[-1].top + small
    width = max(run.left + run.width for run in runs) + pad_x
    return tuple(runs), (2 * ceil(width / 2), 2 * ceil((bottom + pad_y) / 2))


def _named(
    names: Sequence[str], look: TitleSettings, faces: Faces, scale: float, room: float, fold: Fold
) -> tuple[int, tuple[str, ...]]:
    """Return the size of a panel's names and their rows: one name in lines, several beside and below each other."""
    base = look.speaker_px * 0.9 * scale
    if len(names) == 1:
        return _fitted(names[0], faces.strong, base, _PANEL_NAME_STEPS, room, fold)
    for share, rows_max in _SPEAKER_STEPS:
        size = round(base * share)
        for count in range(1, min(rows_max, len(names)) + 1):
            rows = tuple(_GAP.join(group) for group in _shared_out(names, count))
            if all(text_width(faces.strong, row) * size <= room for row in rows):
                return size, rows
    raise TitleTooLongError(text=_GAP.join(names))


def _fitted(
    text: str, font: Font, base_px: float, steps: Iterable[tuple[float, int]], room: float, fold: Fold
) -> tuple[int, tuple[str, ...]]:
    """Return the first size of ``steps`` at which a text fits into its room, and its lines."""
    for share, lines_max in steps:
        size = round(base_px * share)
        lines = fold(text, lambda line, size=size: text_width(font, line) * size <= room, lines_max)  # type: ignore[misc]
        if lines:
            return size, lines
    raise TitleTooLongError(text=text)


def _titles(text: str, look: TitleSettings, faces: Faces, scale: float, room: float, fold: Fold) -> tuple[_Row, ...]:
    size, lines = _fitted(text, faces.strong, look.title_px * scale, _TITLE_STEPS, room, fold)
    return tuple(
        _Row(((line, faces.strong, "title", 1.0),), size, (_LEADING - 1) * size if number else 0.0)
        for number, line in enumerate(lines)
    )


def _speakers(names: Sequence[str], look: TitleSettings, faces: Faces, scale: float, room: float) -> tuple[_Row, ...]:
    """Return the speakers in as few rows as they fit into; the label stands before the first."""
    if not names:
        return ()
    label = ((look.speaker_label + _GAP, faces.plain, "accent", 0.74),) if look.speaker_label else ()
    for share, rows_max in _SPEAKER_STEPS:
        size = round(look.speaker_px * share * scale)
        for count in range(1, min(rows_max, len(names)) + 1):
            rows = []
            for number, group in enumerate(_shared_out(names, count)):
                parts: tuple[tuple[str, Font, Ink, float], ...] = ((_GAP.join(group), faces.strong, "text", 1.0),)
                above = (_LEADING - 1) * size if number else 0.0
                rows.append(_Row(parts if number else (*label, *parts), size, above))
            if all(row.width <= room for row in rows):
                return tuple(rows)
    raise TitleTooLongError(text=_GAP.join(names))


def _shared_out(names: Sequence[str], count: int) -> list[Sequence[str]]:
    """Return the names in ``count`` groups, the first ones as long as the others or longer by one."""
    sizes = [len(names) // count + (n < len(names) % count) for n in range(count)]
    ends = list(accumulate(sizes))
    return [names[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _units(
    text: str | None, look: TitleSettings, faces: Faces, scale: float, room: float, fold: Fold
) -> tuple[_Row, ...]:
    if not text:
        return ()
    size, lines = _fitted(text, faces.plain, look.unit_px * scale, _UNIT_STEPS, room, fold)
    return tuple(
        _Row(((line, faces.plain, "text", 1.0),), size, (_LEADING - 1) * size if number else _TO_UNIT_PX * scale)
        for number, line in enumerate(lines)
    )


def _stacked(rows: Sequence[_Row], top: float, width: int) -> tuple[tuple[Placed, ...], float]:
    """Return the rows' runs, centred, one row below the other from ``top``, and where the last one ends."""
    runs: list[Placed] = []
    for row in rows:
        top += row.above_px
        text, font, _, share = row.parts[-1]
        hanging = text_width(font, text[len(text.rstrip(_HANGING)) :]) * row.size_px * share
        left = (width - row.width + hanging) / 2
        for text, font, ink, share in row.parts:
            size = round(row.size_px * share)
            run = Placed(text, font, size, ink, left, top + (row.size_px - size) / 2)
            runs.append(run)
            left += run.width
        top += row.size_px
    return tuple(runs), top


def _date(text: str, look: TitleSettings, faces: Faces, raster: tuple[int, int]) -> tuple[Placed, ...]:
    size = round(look.unit_px * 0.8 * raster[1] / LINES_PX)
    run = Placed(text, faces.plain, size, "accent", 0.0, raster[1] * (1 - look.margin_share) - size)
    return (replace(run, left=(raster[0] - run.width) / 2),)


def _logo(top: float, look: TitleSettings, raster: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the room for a logo between the upper margin and the words; ``None`` where there is none."""
    scale = raster[1] / LINES_PX
    width, height = (round(length * scale) for length in _LOGO_PX)
    upper = round(look.margin_share * raster[1])
    height = min(height, round(top - _TO_LOGO_PX * scale) - upper)
    return ((raster[0] - width) // 2, upper, width, height) if height >= round(48 * scale) else None


def _require_inside(card: Card, look: TitleSettings, raster: tuple[int, int], words: Words) -> None:
    margins = tuple(length * look.margin_share - 1 for length in raster)
    for run in card.runs:
        left, top, right, bottom = run.box
        if left < margins[0] or right > raster[0] - margins[0] or top < margins[1] or bottom > raster[1] - margins[1]:
            raise TitleTooLongError(text=words.title)
