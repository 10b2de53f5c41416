"""titles: the opening card and the cover of a lecture, from what is registered for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from pipeline.captions.headlines import clean, fold_headline, listed_names
from pipeline.errors import TitleMissingError
from pipeline.media.rendering.fonts import Font, find_font, require_glyphs
from pipeline.media.rendering.titles.composing import Scene, card_frames, card_still, read_logo
from pipeline.media.rendering.titles.filming import film, lone_face
from pipeline.media.rendering.titles.placing import Faces, Words, place_card
from pipeline.presets import TitleSettings
from pipeline.records import LectureInfo
from pipeline.store import Store, file_sha256, key_of
from pipeline.timing import FrameGrid

_VERSION = 1
"""Raised when the same words would look different."""


@dataclass(frozen=True, slots=True)
class CardJob:
    """What is drawn, and how."""

    info: LectureInfo
    """Its title must be known."""
    look: TitleSettings
    raster: tuple[int, int]
    """Width and height of the delivery."""
    logo: Path | None = None
    whole: tuple[str, ...] = ()
    """Terms that are never cut by a line's end."""


def opening_clip(job: CardJob, rate: Fraction, store: Store) -> Path:
    """Return the opening card as a clip of the preset's length at the delivery's rate; kept in the store.

    Raises:
        TitleMissingError: no title is registered.
        TitleTooLongError: it does not fit.
        MissingGlyphError, NoFontError: it cannot be drawn.
        InputError: the logo cannot be used.
    """
    grid = FrameGrid(rate, round(Fraction(job.look.seconds).limit_denominator(1000) * rate))
    scene = _scene(job, store)
    key = _key(job, rate, grid.count)
    return store.file("cards", key, ".mp4", lambda path: film(card_frames(scene, grid), grid, path))


def write_cover(job: CardJob, out: Path, store: Store) -> None:
    """Write the cover picture, the card as it stands, as a JPEG. Errors are those of ``opening_clip``."""
    from PIL import Image

    Image.fromarray(card_still(_scene(job, store))).save(out, "JPEG", quality=93, subsampling=0)


def words_of(info: LectureInfo) -> Words:
    """Return what the card says.

    Raises:
        TitleMissingError: no title is registered.
    """
    title = clean(info.title or "")
    if not title:
        raise TitleMissingError
    return Words(title, listed_names(info.speaker), clean(info.unit or "") or None, clean(info.date or "") or None)


def folding(words: Words, whole: Sequence[str]) -> Callable[[str, Callable[[str], bool], int], tuple[str, ...] | None]:
    """Return how texts are broken into lines: as subtitles are, and never inside a name or a term."""
    names = (*words.speakers, *whole)
    return lambda text, fits, lines_max: fold_headline(text, fits, lines_max, names)


def _scene(job: CardJob, store: Store) -> Scene:
    words = words_of(job.info)
    faces = faces_of(job.look)
    if job.logo is not None:
        read_logo(job.logo, (1, 1))
    for text in (*words.texts, job.look.speaker_label):
        require_glyphs(faces.strong, text)
        require_glyphs(faces.plain, text)
    card = place_card(words, job.look, faces, job.raster, folding(words, job.whole))
    fonts = {font.path: str(drawable(font, store)) for font in (faces.strong, faces.plain)}
    return Scene(card, job.look, job.raster, fonts, job.logo)


def faces_of(look: TitleSettings) -> Faces:
    """Return the fonts of a look.

    Raises:
        NoFontError: one is not there.
    """
    return Faces(find_font(look.font), find_font(look.text_font))


def drawable(font: Font, store: Store) -> Path:
    """Return a file whose first face is the font's."""
    if font.path.suffix.lower() not in {".ttc", ".otc"}:
        return font.path
    key = key_of(file_sha256(font.path), font.face)
    return store.file("faces", key, ".otf", lambda path: lone_face(font, path))


def _key(job: CardJob, rate: Fraction, count: int) -> str:
    faces = faces_of(job.look)
    fonts = [(file_sha256(font.path), font.face) for font in (faces.strong, faces.plain)]
    logo = file_sha256(job.logo) if job.logo else None
    return key_of(_VERSION, replace(job.info, name=""), job.look, job.raster, job.whole, fonts, logo, rate, count)
