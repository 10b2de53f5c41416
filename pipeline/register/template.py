"""A register to fill in, as a workbook with checks and a sheet of help, or as CSV."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cells import neutral
from pipeline.errors import OutputUnwritableError, RegisterThereError
from pipeline.register.columns import COLUMNS, Column
from pipeline.register.reading import letters
from pipeline.store import put_in_place
from pipeline.texts import _

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ROWS = 300
"""Rows that are made ready for typing."""
_INK, _HEAD, _MUST, _LINE = "1B2330", "E9F0FA", "FDF3DF", "B9BFC9"
_FORMATS = {"moment": "yyyy-mm-dd hh:mm", "number": "0"}


def write_template(path: Path) -> None:
    """Write an empty register in the language in force to ``path``: CSV when it is called so, else a workbook.

    Raises:
        RegisterThereError: something stands there already.
        OutputUnwritableError: it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise RegisterThereError(path)
    data = _csv() if path.suffix.lower() == ".csv" else _xlsx()
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        put_in_place(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputUnwritableError(path.parent, reason=error.strerror or str(error)) from error


def _csv() -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([neutral(_(column.heading)) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("Register")
    _fill(sheet)
    _check(sheet)
    _help(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: "Worksheet") -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    line = Border(bottom=Side("thin", color=_LINE))
    for number, column in enumerate(COLUMNS, 1):
        sheet.column_dimensions[letters(number - 1)].width = column.width
        head = sheet.cell(1, number, neutral(_(column.heading) + (" *" if column.is_required else "")))
        head.font = Font(bold=True, color=_INK)
        head.fill = PatternFill("solid", fgColor=_MUST if column.is_required else _HEAD)
        head.alignment = Alignment(vertical="center", wrap_text=True)
        head.border = line
        for row in range(2, ROWS + 2):
            cell = sheet.cell(row, number)
            cell.number_format = _FORMATS.get(column.kind, "@")
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "B2"


def _check(sheet: "Worksheet") -> None:
    """Let the spreadsheet itself refuse what is no date, number or yes and no, with the column's help."""
    from openpyxl.worksheet.datavalidation import DataValidation

    bounds = {
        "moment": {"type": "date", "operator": "greaterThan", "formula1": "36526"},  # 2000-01-01
        "number": {"type": "whole", "operator": "between", "formula1": "1", "formula2": "99"},
        "choice": {"type": "list", "formula1": f'"{_("yes")},{_("no")}"'},
    }
    for number, column in enumerate(COLUMNS):
        rule = DataValidation(**bounds.get(column.kind, {"type": None}), allow_blank=True)
        rule.showInputMessage = True
        rule.promptTitle, rule.prompt = _(column.heading)[:32], _(column.help)[:255]
        if column.kind in bounds:
            rule.showErrorMessage = True
            rule.errorTitle, rule.error = _(column.heading)[:32], _(column.help)[:255]
        rule.add(f"{letters(number)}2:{letters(number)}{ROWS + 1}")
        sheet.add_data_validation(rule)


def _help(book: "Workbook") -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = book.create_sheet(_("How to fill it in"))
    rows = [(_("Column"), _("Must be filled"), _("What belongs in it"), _("Example")), *map(_told, COLUMNS)]
    for row, texts in enumerate(rows, 1):
        for place, text in enumerate(texts, 1):
            cell = sheet.cell(row, place, neutral(text))
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if row == 1:
                cell.font, cell.fill = Font(bold=True, color=_INK), PatternFill("solid", fgColor=_HEAD)
    for place, width in enumerate((18, 12, 64, 34)):
        sheet.column_dimensions[letters(place)].width = width
    notes = (
        _("One row is one lecture. Columns may stand in any order; other columns may be added."),
        _("Check it with: weike register check FILE. Convert everything with: weike batch FILE"),
    )
    for row, note in enumerate(notes, len(rows) + 2):
        sheet.cell(row, 1, neutral(note))


def _told(column: Column) -> tuple[str, str, str, str]:
    return _(column.heading), _("yes") if column.is_required else "", _(column.help), column.example
