"""Proof, before the encode, that libass draws with the font that it was given: it falls back without an error."""

import re

import ffmpeg

from pipeline.errors import MissingGlyphError, NoFontError
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.rendering.fonts import Font, font_folder, place_font
from pipeline.media.rendering.picture import FONTS, SUBTITLES
from pipeline.media.rendering.segments import Subtitles
from pipeline.store import Store


def require_font_drawn(subtitles: Subtitles, store: Store) -> None:
    """Draw the first frame of ``subtitles`` on black and read what libass says about fonts and glyphs.

    Raises:
        NoFontError: libass takes another font than the one it was given.
        MissingGlyphError: libass finds a character in no font.
    """
    with store.attempt() as folder:
        subtitles.write(folder / SUBTITLES, (0, 1))
        place_font(subtitles.font, folder / FONTS)
        source = ffmpeg.input("color=black:size=192x108:rate=25:duration=0.04", f="lavfi")
        node = source.filter("ass", filename=SUBTITLES, fontsdir=FONTS).output("-", f="null")
        log = run_ffmpeg(
            compile_args(node),
            subject=subtitles.font.path,
            cwd=folder,
            loglevel="level+verbose",
            stderr_lines=4000,
        )
    judge_log(log, subtitles.font)


def judge_log(log: str, font: Font) -> None:
    """Refuse what libass said when it fell back to another font or drew an empty box.

    Raises:
        NoFontError, MissingGlyphError: with the rest of the log.
    """
    chosen = re.search(r"fontselect: \([^)]*\) -> (.*)", log)
    if chosen is not None and _plain(font.family) not in _plain(chosen[1]):
        raise NoFontError(folder=font_folder(), log=log)
    missing = sorted({int(code, 16) for code in re.findall(r"Glyph 0x([0-9A-Fa-f]+) not found", log)})
    if missing:
        characters = " ".join(f"{chr(code)} (U+{code:04X})" for code in missing[:20])
        raise MissingGlyphError(font.path, font=font.family, characters=characters, log=log)


def _plain(name: str) -> str:
    return re.sub(r"[\s\-_]", "", name).lower()
