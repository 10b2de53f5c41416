"""The report of a season as a workbook: numbers, dates and links are typed, text is text, nothing is a formula."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.cells import neutral
from pipeline.presets import Preset
from pipeline.reporting.palette import COLOURS
from pipeline.reporting.season_view import Line, season_view
from pipeline.season import SeasonRow
from pipeline.texts import _

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class _Field:
    """What a cell holds."""

    value: Value
    form: str = "@"
    """Number format."""
    link: str | None = None
    tone: str | None = None


_WIDTHS = (6, 12, 36, 18, 28, 18, 18, 11, 18, 11, 12, 12, 10, 10, 10, 54, 34, 22)


def season_xlsx(rows: Sequence[SeasonRow], preset: Preset, created_utc: str) -> bytes:
    """Return the workbook in the language in force: one sheet of lectures, one of the season as a whole."""
    from openpyxl import Workbook

    view = season_view(rows, preset, created_utc)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("Lectures")
    for place, heading in enumerate(_headings(), 1):
        _head(sheet.cell(1, place), heading)
    for number, (row, line) in enumerate(zip(rows, view.lines, strict=True), 2):
        for place, field in enumerate(_fields(row, line), 1):
            _fill(sheet.cell(number, place), field)
    _lay_out(sheet, len(rows) + 1)
    whole = book.create_sheet(_("Season"))
    facts: list[tuple[str, Value]] = [(_("Preset"), f"{preset.id} {preset.version}"), (view.preset, view.headline)]
    facts += [(word, count) for _verdict, word, _tone, count in view.counts]
    for number, (name, value) in enumerate(facts, 1):
        _fill(whole.cell(number, 1), _Field(name))
        _fill(whole.cell(number, 2), _Field(value, "0" if isinstance(value, int) else "@"))
    whole.column_dimensions["A"].width, whole.column_dimensions["B"].width = 30, 60
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _headings() -> tuple[str, ...]:
    return (
        _("No."),
        _("Verdict"),
        _("Title"),
        _("Speaker"),
        _("Unit"),
        _("Registered on"),
        _("Planned delivery"),
        _("Registration"),
        _("Converted (UTC)"),
        _("Delivery"),
        _("Length (min)"),
        _("Size (MB)"),
        _("Requirements missed"),
        _("Recommendations missed"),
        _("Doubtful subtitles"),
        _("Reasons"),
        _("Video"),
        _("SHA-256"),
    )


def _fields(row: SeasonRow, line: Line) -> tuple[_Field, ...]:
    made, entry = row.delivered, row.entry
    moment = "yyyy-mm-dd hh:mm"
    return (
        _Field(line.number, "0"),
        _Field(line.word, tone=line.tone),
        _Field(line.title, link=line.report),
        _Field(row.speaker),
        _Field(row.unit),
        _Field(entry.registered_at if entry else None, moment),
        _Field(entry.planned_at if entry else None, moment),
        _Field(line.registration),
        _Field(_utc(made.created_utc) if made else None, moment),
        _Field(line.delivery),
        _Field(round(made.duration_ms / 60_000, 2) if made else None, "0.00"),
        _Field(round(made.size_bytes / 1e6, 3) if made else None, "#,##0.0"),
        _Field(len(row.missed) if made else None, "0"),
        _Field(made.advised_missed if made else None, "0"),
        _Field(made.doubtful if made else None, "0"),
        _Field("\n".join((*line.reasons, *filter(None, (line.advice,))))),
        _Field(made.video if made else None, link=line.video),
        _Field(line.sha256),
    )


def _fill(cell: "Cell | MergedCell", field: _Field) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.value = neutral(field.value) if isinstance(field.value, str) else field.value
    if isinstance(field.value, str):
        cell.data_type = "s"
    cell.number_format = field.form
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if field.link:
        cell.hyperlink = quote(field.link)
        cell.font = Font(color=COLOURS["look"][1:], underline="single")
    if field.tone:
        cell.font = Font(bold=True, color=COLOURS[field.tone][1:])
        cell.fill = PatternFill("solid", fgColor=COLOURS[f"{field.tone}-paper"][1:])


def _head(cell: "Cell | MergedCell", heading: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.value = neutral(heading)
    cell.font = Font(bold=True, color=COLOURS["ink"][1:])
    cell.fill = PatternFill("solid", fgColor=COLOURS["shade"][1:])
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _lay_out(sheet: "Worksheet", last: int) -> None:
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_WIDTHS))}{last}"


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
