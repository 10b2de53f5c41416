"""A register's cells, from XLSX or CSV: what stands where, before anybody asks what it means."""

import codecs
import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.cells import meant
from pipeline.errors import RegisterFileError
from pipeline.media.sources import require_regular_file
from pipeline.texts import _

SIZE_MAX_BYTES = 50_000_000
UNPACKED_MAX_BYTES = 500_000_000
"""A workbook that would unpack to more than this is no register."""
ROWS_MAX, COLUMNS_MAX = 20_000, 60
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BROKEN = (KeyError, ValueError, TypeError, SyntaxError, OSError, EOFError)
"""What openpyxl raises over a workbook that is none; XML errors are SyntaxErrors."""
_DELIMITERS = ",\t;，；"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell."""

    value: Any
    """Text, number, date; ``None`` when it is empty. Text is what a person meant, without guards against formulas."""
    is_formula: bool = False
    is_error: bool = False
    """A formula's error, such as ``#REF!``."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a sheet that are not empty."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    """With the number that a spreadsheet gives each, from 1."""


EMPTY = Cell(None)


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of a register; a CSV file is one.

    Raises:
        InputError: no regular file.
        RegisterFileError: neither a workbook nor a table of text that can be read.
    """
    status = require_regular_file(path)
    if status.st_size > SIZE_MAX_BYTES:
        raise RegisterFileError(path, reason=_("it is far too large for a register"))
    if zipfile.is_zipfile(path):
        return tuple(_workbook(path))
    with path.open("rb") as file:
        data = file.read(SIZE_MAX_BYTES)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RegisterFileError(path, reason=_("it is in the old Excel format (.xls)"))
    return (_table(path, data),)


def _workbook(path: Path) -> Iterator[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_MAX_BYTES:
                raise RegisterFileError(path, reason=_("it is far too large for a register"))
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                yield Sheet(sheet.title, _limited(path, _rows_of(sheet)))
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        SyntaxError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise RegisterFileError(path, reason=_("it is no workbook that can be opened"), log=repr(error)) from None


def _rows_of(sheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    # Rows whose number leaps to a million are made up by the reader one by one, so they are counted too.
    numbered = enumerate(sheet.iter_rows(max_col=COLUMNS_MAX), 1)
    for number, row in islice(numbered, 4 * ROWS_MAX):
        cells = tuple(map(_cell, row))
        if any(cell is not EMPTY for cell in cells):
            yield number, cells


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return EMPTY
    is_formula = cell.data_type == "f" or (isinstance(value, str) and value.lstrip().startswith("="))
    return Cell(meant(value) if isinstance(value, str) else value, is_formula, cell.data_type == "e")


def _table(path: Path, data: bytes) -> Sheet:
    text = _decoded(path, data)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return Sheet("", _limited(path, _lines(reader)))
    except csv.Error as error:
        where = _("its line {line} is no line of a table").format(line=reader.line_num)
        raise RegisterFileError(path, reason=where, log=str(error)) from None


def _lines(reader: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    for number, fields in enumerate(reader, 1):
        cells = tuple(
            Cell(meant(field), field.lstrip().startswith("=")) if field.strip() else EMPTY
            for field in fields[:COLUMNS_MAX]
        )
        if any(cell is not EMPTY for cell in cells):
            yield number, cells


def _decoded(path: Path, data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise RegisterFileError(path, reason=_("it is neither a workbook nor text in UTF-8 or GB 18030"))


def _limited(path: Path, rows: Iterator[tuple[int, tuple[Cell, ...]]]) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    kept = tuple(islice(rows, ROWS_MAX + 1))
    if len(kept) > ROWS_MAX:
        raise RegisterFileError(path, reason=_("it has more than {count} rows").format(count=ROWS_MAX))
    return kept
