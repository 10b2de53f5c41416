"""Cues as ASS, for libass to draw: sizes in picture pixels, times that fall between frames, text that stays text."""

import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path

import pysubs2

from pipeline.media.rendering.fonts import Font, text_width
from pipeline.presets import CaptionSettings
from pipeline.records import Cue
from pipeline.timing import FrameGrid

PLAY_RES = (1920, 1080)
"""Script pixels; the sizes of ``CaptionSettings`` are meant for these."""

NOT_FIRST = frozenset("，。、；：？！…—·）》〉」』】”’,.;:?!)]}%％")
NOT_LAST = frozenset("（《〈「『【“‘([{")
"""Marks that may not begin or end a line. Source: GB/T 15834-2011, 5.1."""

_PAUSES = frozenset("，。；：？！、,.;:?!　 ")
_PAUSE_BONUS = 3
"""Ems by which a break may lie off the middle for the sake of a pause."""

_WORD_JOINER = "\u2060"
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that are never drawn: control, format (bidirectional marks among them), surrogates, unassigned."""


def drawn_text(text: str) -> str:
    r"""Return the characters of a cue that are drawn, lines separated by ``\n``.

    Control, bidirectional and other invisible characters and variation selectors go; every kind of space but the
    full-width one becomes a plain space.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    return "\n".join(filter(None, (_drawn_line(line) for line in lines)))


def escaped(text: str) -> str:
    """Return drawn text as ASS in which nothing is a tag: braces escaped, backslashes kept from what follows them."""
    escapes = {"\\": "\\" + _WORD_JOINER, "{": "\\{", "}": "\\}", "\n": "\\N"}
    return "".join(escapes.get(character, character) for character in text)


def fitted_lines(text: str, settings: CaptionSettings, font: Font) -> tuple[str, ...]:
    """Return drawn text in lines that are no wider than the layout allows.

    Cues that the product laid out fit already; this is for subtitles from elsewhere, which libass would draw past the
    edges of the picture. A line that is too wide becomes as few lines of about equal width as can hold it.
    """
    widest = settings.max_width_share * PLAY_RES[0] / settings.glyph_height_px
    return tuple(part for line in text.split("\n") for part in _broken(line, widest, font))


def write_ass(
    cues: Sequence[Cue],
    settings: CaptionSettings,
    font: Font,
    grid: FrameGrid,
    path: Path,
    window: tuple[int, int],
) -> None:
    """Write the cues that are on the screen in frames ``[a, b)``, with times counted from frame ``a``.

    Args:
        cues: cues of the whole lecture, on the delivery's clock.
        settings: layout.
        font: what they are drawn with.
        grid: the delivery's frames.
        path: file to write.
        window: ``a`` and ``b``.
    """
    start, stop = window
    script = pysubs2.SSAFile()
    script.info.update(
        {
            "PlayResX": str(PLAY_RES[0]),
            "PlayResY": str(PLAY_RES[1]),
            "ScaledBorderAndShadow": "yes",
            "WrapStyle": "2",
            "YCbCr Matrix": "None",
        }
    )
    script.styles = {"Default": _style(settings, font)}
    for cue in cues_in(cues, grid, window):
        script.append(
            pysubs2.SSAEvent(
                start=_between_frames(grid.nearest(cue.start_ms) - start, grid.rate),
                end=_between_frames(min(stop, grid.nearest(cue.end_ms)) - start, grid.rate),
                text=escaped("\n".join(fitted_lines(drawn_text(cue.screen), settings, font))),
            )
        )
    path.write_text(script.to_string("ass"), "utf-8")


def cues_in(cues: Sequence[Cue], grid: FrameGrid, window: tuple[int, int]) -> tuple[Cue, ...]:
    """Return the cues that are on the screen in some frame of ``[a, b)`` and have something to draw."""
    start, stop = window
    return tuple(
        cue
        for cue in cues
        if max(start, grid.nearest(cue.start_ms)) < min(stop, grid.nearest(cue.end_ms)) and drawn_text(cue.screen)
    )


def _broken(line: str, widest: float, font: Font) -> Iterator[str]:
    width = text_width(font, line)
    count = ceil(width / widest)
    while count > 1:
        cut = _cut(line, width / count, widest, font)
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
        width = text_width(font, line)
        count = ceil(width / widest)
    yield line


def _cut(line: str, wanted: float, widest: float, font: Font) -> int:
    """Return where to break a line: the allowed place nearest to ``wanted`` ems that keeps within ``widest``."""
    reached, places = 0.0, []
    for position in range(1, len(line)):
        reached += text_width(font, line[position - 1])
        if reached > widest:
            break
        before, after = line[position - 1], line[position]
        in_word = before.isascii() and after.isascii() and not before.isspace() and not after.isspace()
        is_allowed = not in_word and after not in NOT_FIRST and before not in NOT_LAST
        places.append((not is_allowed, abs(reached - wanted) - _PAUSE_BONUS * (before in _PAUSES), position))
    return min(places)[2] if places else 1


def _drawn_line(line: str) -> str:
    characters = []
    for character in unicodedata.normalize("NFC", line):
        category = unicodedata.category(character)
        if character == "\u3000":
            characters.append(character)
        elif category == "Zs" or character == "\t":
            characters.append(" ")
        elif category not in _DROPPED and not 0xFE00 <= ord(character) <= 0xFE0F:
            characters.append(character)
    return "".join(characters).strip()


def _style(settings: CaptionSettings, font: Font) -> pysubs2.SSAStyle:
    margin_x, margin_y = (round(settings.margin_share * length) for length in PLAY_RES)
    return pysubs2.SSAStyle(
        fontname=font.family,
        fontsize=round(font.size_for(settings.glyph_height_px)),
        primarycolor=pysubs2.Color(255, 255, 255),
        secondarycolor=pysubs2.Color(255, 255, 255),
        outlinecolor=pysubs2.Color(16, 16, 16),
        backcolor=pysubs2.Color(0, 0, 0, 128),
        outline=settings.outline_px,
        shadow=0,
        alignment=pysubs2.Alignment.BOTTOM_CENTER,
        marginl=margin_x,
        marginr=margin_x,
        marginv=margin_y,
    )


def _between_frames(frame: int, rate: Fraction) -> int:
    """Return a time in whole centiseconds, as milliseconds, that lies before ``frame`` and after the one before it.

    libass shows an event from the first frame at or after its start. A frame lasts at least 16.7 ms, so the
    centisecond nearest to the middle between two frames is at least 3 ms away from both.
    """
    return 0 if frame <= 0 else 10 * round((frame - Fraction(1, 2)) / rate * 100)
