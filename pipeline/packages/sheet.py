"""The list of a package as a workbook for people: a sheet of files, one of rules; the same package, the same bytes."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.cells import neutral
from pipeline.packages.judging import RULE_TITLES
from pipeline.packages.records import PART_TITLES, Package, Verdict
from pipeline.reporting.html import plain
from pipeline.texts import N_, _

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of everything in archives: the earliest that ZIP can tell, so that the same content gives the same bytes."""
_KINDS = {
    "pass": N_("✓ passed"),
    "fail": N_("✗ missed"),
    "review": N_("? to be looked at"),
    "open": N_("? not known"),
    "notApplicable": N_("– not asked"),
}
_LEVELS = {"required": N_("required"), "advised": N_("advised"), "note": N_("note")}
_FILES = (N_("No."), N_("Part"), N_("Work"), N_("File"), N_("Kind"), N_("Size or length"), N_("Bytes"), N_("SHA-256"))
_RULES = (N_("Result"), N_("Rule"), N_("Level"), N_("Found"), N_("Asked"), N_("File"), N_("What to do"), N_("Source"))
_FILE_WIDTHS = (6, 18, 30, 60, 14, 22, 14, 68)
_RULE_WIDTHS = (14, 34, 10, 12, 14, 46, 80, 60)


def manifest_xlsx(package: Package) -> bytes:
    """Return the list as a workbook in the language in force; every cell is text or a number, never a formula."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    first.title = _("Files")
    _fill(first, _FILES, _FILE_WIDTHS, _file_rows(package))
    _fill(book.create_sheet(_("Check")), _RULES, _RULE_WIDTHS, _rule_rows(package))
    book.properties.created = datetime(*EPOCH, tzinfo=UTC).replace(tzinfo=None)
    book.properties.title = neutral(plain(package.name))
    made = io.BytesIO()
    book.save(made)
    return _timeless(made.getvalue())


def _file_rows(package: Package) -> Iterable[Sequence[str | int]]:
    for number, item in enumerate(package.items, 1):
        content = item.content
        part = _(PART_TITLES[item.entry.part])
        yield number, part, item.work, item.place, content.form, content.detail, item.size_bytes, item.sha256


def _rule_rows(package: Package) -> Iterable[Sequence[str | int]]:
    for verdict in package.verdicts:
        first = (_(_KINDS[verdict.kind]), _(RULE_TITLES[verdict.rule]), _(_LEVELS[verdict.level]))
        values = (verdict.measured, verdict.expected)
        for place, said in _faults(verdict):
            yield (*first, *values, place, said, verdict.source)


def _faults(verdict: Verdict) -> list[tuple[str, str]]:
    return [(fault.place, fault.message.show()) for fault in verdict.faults] or [("", "")]


def _fill(sheet: "Worksheet", heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str | int]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, values in enumerate([[_(head) for head in heads], *rows], 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(number, column)
            cell.value = value if isinstance(value, int) else neutral(plain(value))
            if not isinstance(value, int):
                cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _timeless(data: bytes) -> bytes:
    """Return a workbook without the times of its making."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "docProps/core.xml":
                part = _CHANGED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", part)
            new.writestr(zipfile.ZipInfo(info.filename, EPOCH), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()


_CHANGED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
