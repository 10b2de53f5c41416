"""Registers for tests: the template, filled in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl

from pipeline.register.columns import COLUMNS
from pipeline.register.template import write_template

PLANNED = datetime(2020, 7, 10)


def fill(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write a template with these rows; a planned date is filled in where none is told."""
    write_template(path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    places = {column.key: number for number, column in enumerate(COLUMNS, 1)}
    for number, row in enumerate(rows, 2):
        for key, value in {"planned_at": PLANNED, **row}.items():
            sheet.cell(number, places[key], value)
    book.save(path)
    return path
