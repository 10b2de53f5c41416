"""The plain text inside Word documents and subtitle files."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

UNPACKED_MAX_BYTES = 200_000_000
"""A document that would unpack to more than this is no script."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What a damaged ZIP raises; one with a password or a compression of its own is a RuntimeError."""
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
_TIMES = re.compile(r"^\s*\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}\s*-->")
_SENTENCE_END = "。？！…?!"
_MARKS = "，。？！、；：…,.?!;:”》"


def docx_text(path: Path) -> str | None:
    """Return the paragraphs and tables of a Word document in its order, one line each; ``None`` when it is none."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_MAX_BYTES:
                return None
        document = docx.Document(str(path))
        return "\n".join(_blocks(document))
    except (PackageNotFoundError, *DAMAGED, KeyError, AttributeError, SyntaxError):
        # XML errors are SyntaxErrors; a document without its main part is a KeyError or a ValueError.
        return None


def srt_text(text: str) -> str | None:
    """Return the text of subtitles, a line for each sentence; ``None`` when there is no line of times.

    Only the times and the numbers above them are left out, so that a broken subtitle loses no words. Subtitles without
    punctuation stay apart by spaces.
    """
    lines = text.splitlines()
    is_times = [bool(_TIMES.match(line)) for line in lines]
    if not any(is_times):
        return None
    spoken = [
        " ".join(_TAGS.sub("", line).split())
        for number, line in enumerate(lines)
        if not is_times[number] and not (line.strip("\ufeff \t").isdigit() and any(is_times[number + 1 : number + 2]))
    ]
    glue = "" if sum(line[-1:] in _MARKS for line in spoken if line) * 3 > len(spoken) - spoken.count("") else " "
    joined = ""
    for line in spoken:
        if line and joined:
            needs_space = joined[-1].isascii() and line[0].isascii()
            joined += "\n" if joined[-1] in _SENTENCE_END else (" " if needs_space else glue)
        joined += line
    return joined


def _blocks(document: "Document | _Cell") -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
        else:
            yield block.text


def _rows(table: "Table") -> Iterator[str]:
    """Yield the cells of a table row by row; a cell that spans several is given once."""
    seen = set()
    for row in table.rows:
        for cell in row.cells:
            if cell._tc not in seen:
                seen.add(cell._tc)
                yield from _blocks(cell)
