"""From cells to a register: every row becomes an entry, and every bad cell is named at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pipeline.errors import RegisterFileError
from pipeline.register.columns import BY_KEY, COLUMNS, known_headings, normal
from pipeline.register.files import FileCells
from pipeline.register.moments import moment_of
from pipeline.register.sheets import EMPTY, Cell, Sheet, read_sheets
from pipeline.season import BadCell, Entry, Register
from pipeline.texts import N_, Message, _

T = TypeVar("T")
_HEADING_ROWS = 10
"""The headings stand in one of the first rows."""
_HEADINGS_MIN = 2
_BETWEEN_FILES = re.compile(r"[\n\r;；|]+")
_BETWEEN_PEOPLE = re.compile(r"[\n\r;；|,，、/]+")
_FOUND_MAX = 40
_CHOICES = {
    **dict.fromkeys(("是", "要", "有", "yes", "y", "true", "1"), True),
    **dict.fromkeys(("否", "不", "不要", "无", "no", "n", "false", "0"), False),
}


def read_register(path: Path) -> Register:
    """Return the register at ``path`` with everything that is wrong in it.

    Raises:
        InputError: no regular file.
        RegisterFileError: it cannot be read, or holds no row of headings.
    """
    path = path.absolute()
    sheets = read_sheets(path)
    found = next(((sheet, at, keys) for sheet in sheets for at, keys in _headings(sheet)), None)
    if found is None:
        known = "、".join(_(column.heading) for column in COLUMNS if column.is_required)
        raise RegisterFileError(path, reason=_("it has no row with the headings {headings}").format(headings=known))
    sheet, at, keys = found
    return _Reading(path, sheet, at, keys).register()


def _headings(sheet: Sheet) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield the index of the row of headings and where each column stands in it."""
    for index, (_number, cells) in enumerate(sheet.rows[:_HEADING_ROWS]):
        keys: dict[str, int] = {}
        for place, cell in enumerate(cells):
            key = known_headings().get(normal(cell.value)) if isinstance(cell.value, str) else None
            if key is not None:
                keys.setdefault(key, place)
        if len(keys) >= _HEADINGS_MIN:
            yield index, keys
            return


@dataclass
class _Reading:
    """One register while it is read."""

    path: Path
    sheet: Sheet
    at: int
    """Index of the row of headings."""
    places: dict[str, int]
    """Where each column stands, from 0."""
    bad: list[BadCell] = field(default_factory=list)

    def register(self) -> Register:
        rows = self.sheet.rows[self.at + 1 :]
        self._require_columns()
        files = FileCells(self.path.parent)
        entries = tuple(self._entry(number, cells, files) for number, cells in rows)
        self._require_own_names(entries)
        self._require_own_recordings(entries)
        return Register(
            self.path, entries, tuple(sorted(self.bad, key=lambda cell: (cell.row, cell.column))), self._notices()
        )

    def _entry(self, row: int, cells: tuple[Cell, ...], files: FileCells) -> Entry:
        def text(key: str) -> str | None:
            cell = self._cell(row, cells, key)
            return None if cell is None else _one_line(_as_text(cell.value))

        def listed(key: str, between: re.Pattern[str]) -> tuple[str, ...]:
            cell = self._cell(row, cells, key)
            parts = between.split(_as_text(cell.value)) if cell else []
            return tuple(part for part in map(_one_line, parts) if part)

        def paths(key: str, names: tuple[str, ...]) -> tuple[Path, ...]:
            looked = [files.look(name) for name in names]
            for name, path in zip(names, looked, strict=True):
                if isinstance(path, Message):
                    self._name(row, key, name, path, files.advice(name, path))
            return tuple(path for path in looked if isinstance(path, Path))

        def one_path(key: str) -> Path | None:
            name = text(key)
            return next(iter(paths(key, (name,))), None) if name else None

        return Entry(
            row=row,
            title=text("title"),
            speakers=listed("speaker", _BETWEEN_PEOPLE),
            unit=text("unit"),
            registered_at=self._moment(row, cells, "registered_at"),
            planned_at=self._moment(row, cells, "planned_at"),
            recordings=paths("recordings", listed("recordings", _BETWEEN_FILES)),
            script=one_path("script"),
            terms=one_path("terms"),
            audio_track=self._number(row, cells, "audio_track"),
            card=self._choice(row, cells, "card"),
            logo=one_path("logo"),
            name=text("name"),
            remark=text("remark"),
        )

    def _cell(self, row: int, cells: tuple[Cell, ...], key: str) -> Cell | None:
        """Return what stands under a heading; ``None`` when nothing does or when it cannot be used."""
        place = self.places.get(key)
        cell = cells[place] if place is not None and place < len(cells) else EMPTY
        if cell.is_formula or cell.is_error:
            self._name(row, key, str(cell.value), Message(_FORMULA), Message(_NO_FORMULA))
            return None
        if cell is EMPTY:
            if BY_KEY[key].is_required and place is not None:
                values = {"help": _(BY_KEY[key].example)}
                self._name(row, key, "", Message(N_("It is empty.")), Message(N_("Write, for example: {help}"), values))
            return None
        return cell

    def _moment(self, row: int, cells: tuple[Cell, ...], key: str) -> datetime | None:
        return self._parsed(row, cells, key, moment_of, Message(N_("It is no date.")), Message(_DATE_ADVICE))

    def _number(self, row: int, cells: tuple[Cell, ...], key: str) -> int | None:
        why = Message(N_("It is no whole number from 1."))
        return self._parsed(row, cells, key, _count_of, why, Message(N_("Write 1, 2 …, or leave it empty.")))

    def _choice(self, row: int, cells: tuple[Cell, ...], key: str) -> bool | None:
        why = Message(N_("It is neither yes nor no."))
        return self._parsed(row, cells, key, _choice_of, why, Message(N_("Write yes or no, or leave it empty.")))

    def _parsed(
        self,
        row: int,
        cells: tuple[Cell, ...],
        key: str,
        parse: Callable[[object], T | None],
        why: Message,
        remedy: Message,
    ) -> T | None:
        cell = self._cell(row, cells, key)
        if cell is None:
            return None
        value = parse(cell.value)
        if value is None:
            self._name(row, key, _as_text(cell.value), why, remedy)
        return value

    def _name(self, row: int, key: str, found: str, why: Message, remedy: Message) -> None:
        place = self.places.get(key)
        shown = _one_line(found)
        shown = shown if len(shown) <= _FOUND_MAX else f"{shown[:_FOUND_MAX]}…"
        self.bad.append(
            BadCell(
                self.sheet.name, row, "" if place is None else letters(place), BY_KEY[key].heading, shown, why, remedy
            )
        )

    def _require_columns(self) -> None:
        row = self.sheet.rows[self.at][0]
        for column in COLUMNS:
            if column.is_required and column.key not in self.places:
                why = Message(N_("The register has no such column."))
                remedy = Message(N_("Add a column with this heading; `weike register new` writes a template."))
                self._name(row, column.key, "", why, remedy)

    def _require_own_names(self, entries: tuple[Entry, ...]) -> None:
        seen: dict[str, int] = {}
        column = BY_KEY["name"].heading
        for entry in entries:
            name = entry.name or entry.title
            if not name:
                continue
            other = seen.setdefault(name.casefold(), entry.row)
            if other != entry.row:
                why = Message(N_("Row {row} has the same."), {"row": str(other)})
                remedy = Message(
                    N_("Give one of the two a file name of its own in the column {column}."),
                    {"column": _(column)},
                )
                self._name(entry.row, "name" if entry.name else "title", name, why, remedy)

    def _require_own_recordings(self, entries: tuple[Entry, ...]) -> None:
        seen: dict[Path, int] = {}
        for entry in entries:
            for path in entry.recordings:
                other = seen.setdefault(path, entry.row)
                if other != entry.row:
                    why = Message(N_("Row {row} has the same."), {"row": str(other)})
                    remedy = Message(N_("Give each lecture its own recording; several rows cannot share one."))
                    self._name(entry.row, "recordings", path.name, why, remedy)

    def _notices(self) -> tuple[Message, ...]:
        used = set(self.places.values())
        cells = self.sheet.rows[self.at][1]
        unknown = [_as_text(cell.value) for place, cell in enumerate(cells) if place not in used and cell is not EMPTY]
        if not unknown:
            return ()
        return (Message(N_("Columns that Weike does not read: {names}"), {"names": "、".join(unknown)}),)


_FORMULA = N_("It holds a formula.")
_NO_FORMULA = N_("Write the text or the date itself; in a spreadsheet, copy the cell and paste its value only.")
_DATE_ADVICE = N_("Write year, month and day, such as 2020-07-10 or 2020年7月10日 14:30.")


def letters(place: int) -> str:
    """Return what a spreadsheet calls the column at ``place``, counted from 0."""
    text, left = "", place + 1
    while left:
        left, digit = divmod(left - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _count_of(value: object) -> int | None:
    text = _as_text(value).strip()
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 99 else None


def _choice_of(value: object) -> bool | None:
    return _CHOICES.get(_as_text(value).strip().lower())
