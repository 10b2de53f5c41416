"""Reading a lecture's script (讲稿) from a text, Word or subtitle file; what may not be spoken is told apart."""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.engines.script.documents import docx_text, srt_text
from pipeline.errors import ScriptFileError
from pipeline.media.sources import require_regular_file
from pipeline.store import file_sha256
from pipeline.texts import _

SUFFIXES = (".txt", ".docx", ".srt")
"""Kinds of scripts, in the order in which they are looked for beside a recording."""
SIZE_MAX_BYTES = 20_000_000
CHARACTERS_MAX = 200_000
"""Ten hours of fast speech; what is longer is no lecture's script."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DIRECTION = re.compile(
    r"（[^（）\n]{1,40}）|\([^()\n]{1,40}\)|【[^【】\n]{1,60}】|\[[^\[\]\n]{1,60}\]|〔[^〔〕\n]{1,60}〕"
)
_LABEL = re.compile(
    r"^[ \t　]*(?:主持人|主讲人|主讲|讲者|旁白|画外音|字幕|嘉宾|老师|教师|学生|问|答|[甲乙丙丁])[ \t]*[：:]",
    re.MULTILINE,
)
_HEADING_MAX = 30
_SENTENCE_ENDS = "。？！；，、：…?!;,:”’」』"

AsideKind = Literal["direction", "label", "heading"]


@dataclass(frozen=True, slots=True)
class Aside:
    """A part of a script that may well not be spoken: a stage direction, a speaker's label, a heading."""

    kind: AsideKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Script:
    """A lecture's script as text."""

    path: Path
    sha256: str
    encoding: str
    """Of the file: ``utf-8``, ``gb18030``, ``docx`` …"""
    text: str
    """Simplified characters, full punctuation, one line a paragraph."""
    asides: tuple[Aside, ...] = ()
    """In order; they stay in the text, and are matched like all of it when they are spoken."""

    @property
    def characters(self) -> int:
        """Letters, digits and characters of the text."""
        return sum(sign.isalnum() for sign in self.text)


def find_script(raw: Path) -> Path | None:
    """Return the script that lies beside a recording under the same name, or ``None``."""
    for suffix in SUFFIXES:
        path = raw.with_suffix(suffix)
        if path != raw and path.is_file():
            return path
    return None


def read_script(path: Path) -> Script:
    """Return the script in a ``.txt`` (any usual encoding), ``.docx`` or ``.srt`` file.

    Nothing is left out of the text; traditional characters become simplified, spaces at line ends and empty lines go.

    Raises:
        InputError: no regular file, or one that is empty or unreadable.
        ScriptFileError: it is of another kind, too large, broken, or holds no text.
    """
    status = require_regular_file(path)
    if status.st_size > SIZE_MAX_BYTES:
        raise ScriptFileError(path, reason=_("it is far too large for a script"))
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ScriptFileError(path, reason=_("only .txt, .docx and .srt files are read"))
    text, encoding = reader(path)
    text = _clean(text)
    if not any(sign.isalnum() for sign in text):
        raise ScriptFileError(path, reason=_("there is no text in it"))
    if len(text) > CHARACTERS_MAX:
        raise ScriptFileError(path, reason=_("it is far too large for a script"))
    return Script(path, file_sha256(path), encoding, text, find_asides(text))


def decode(path: Path, data: bytes) -> tuple[str, str]:
    """Return a text and its encoding: by its byte order mark, else the first of UTF-8, UTF-16 and GB 18030 that fits.

    Raises:
        ScriptFileError: it is text in none of them.
    """
    candidates: tuple[str, ...]
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            data, candidates = data[len(bom) :], (encoding,)
            break
    else:
        candidates = ("utf-16-le", "utf-16-be") if 0 in data[:400] else ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding.removesuffix("-le").removesuffix("-be")
    raise ScriptFileError(path, reason=_("it is not text in UTF-8, UTF-16 or GB 18030"))


def find_asides(text: str) -> tuple[Aside, ...]:
    """Return the parts of a script that may well not be spoken, in order and apart from each other."""
    found = [Aside("direction", each.start(), each.end()) for each in _DIRECTION.finditer(text)]
    found += [Aside("label", each.start(), each.end()) for each in _LABEL.finditer(text)]
    place = 0
    lines = text.split("\n")
    for line in lines:
        if len(lines) > 1 and _is_heading(line):
            found.append(Aside("heading", place, place + len(line)))
        place += len(line) + 1
    apart: list[Aside] = []
    for aside in sorted(found, key=lambda each: (each.start, -each.end)):
        if not apart or aside.start >= apart[-1].end:
            apart.append(aside)
    return tuple(apart)


def _is_heading(line: str) -> bool:
    bare = _LABEL.sub("", _DIRECTION.sub("", line)).strip()
    return 0 < len(bare) <= _HEADING_MAX and bare[-1] not in _SENTENCE_ENDS and not any(s in bare for s in "。？！")


def _read_txt(path: Path) -> tuple[str, str]:
    return decode(path, path.read_bytes())


def _read_srt(path: Path) -> tuple[str, str]:
    text, encoding = decode(path, path.read_bytes())
    plain = srt_text(text)
    if plain is None:
        raise ScriptFileError(path, reason=_("no line of times such as 00:00:01,000 --> 00:00:03,000 is in it"))
    return plain, encoding


def _read_docx(path: Path) -> tuple[str, str]:
    text = docx_text(path)
    if text is None:
        raise ScriptFileError(path, reason=_("it is not a Word document (.docx)"))
    return text, "docx"


def _clean(text: str) -> str:
    import opencc

    text = "".join(
        sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if sign in "\n\t" or sign.isprintable()
    )
    lines = (re.sub(r"[ \t\u00a0\u3000]+", " ", line).strip() for line in text.split("\n"))
    simplified: str = opencc.OpenCC("t2s").convert("\n".join(line for line in lines if line))
    return simplified


_READERS: Mapping[str, Callable[[Path], tuple[str, str]]] = {
    ".txt": _read_txt,
    ".docx": _read_docx,
    ".srt": _read_srt,
}
