import time
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import EmptyFileError, NotARegularFileError, RegisterFileError
from pipeline.register.columns import COLUMNS
from pipeline.register.reading import letters, read_register
from pipeline.season import Register
from tests.register.registers import fill

HEAD = "题目,主讲人,单位,计划提交时间,录像文件,讲稿,备注二\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("第一讲.mp4", "第一讲下.mp4", "讲稿.txt"):
        (tmp_path / name).write_text("x")
    return tmp_path


def told(register: Register) -> list[tuple[str, str]]:
    """Place and reason of each bad cell."""
    return [(f"{cell.column}{cell.row}", cell.why.text) for cell in register.bad_cells]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_usual_encoding(folder: Path, encoding: str) -> None:
    path = folder / "登记表.csv"
    line = '责任与担当,李文清、王建国,示例学院,2020年7月10日,"第一讲.mp4\n第一讲下.mp4",讲稿.txt,x\n'
    path.write_bytes((HEAD + line).encode(encoding))
    register = read_register(path)
    assert register.bad_cells == ()
    (entry,) = register.entries
    assert (entry.title, entry.speakers, entry.unit) == ("责任与担当", ("李文清", "王建国"), "示例学院")
    assert entry.planned_at == datetime(2020, 7, 10)
    assert [path.name for path in entry.recordings] == ["第一讲.mp4", "第一讲下.mp4"]
    assert entry.script == folder / "讲稿.txt"
    assert "备注二" in register.notices[0].show()


def test_a_workbook_in_any_order_of_columns_below_a_title(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2020年微党课登记表"])
    sheet.append([])
    sheet.append(["录像", "主 讲 人（姓名）", "标题 *", "计划提交时间"])
    sheet.append(["第一讲.mp4", "李文清", "责任与担当", datetime(2020, 7, 10, 12)])
    book.save(folder / "r.xlsx")
    register = read_register(folder / "r.xlsx")
    assert register.bad_cells == ()
    assert register.entries[0].row == 4
    assert register.entries[0].planned_at == datetime(2020, 7, 10, 12)


@pytest.mark.parametrize(
    ("written", "card"),
    [("是", True), (" Yes ", True), (True, True), (1, True), ("否", False), (False, False), ("", None)],
)
def test_card_and_logo(written: object, card: bool | None, folder: Path) -> None:
    (folder / "校徽.png").write_text("x")
    row = {"title": "甲", "speaker": "李", "recordings": "第一讲.mp4", "card": written, "logo": "校徽.png"}
    register = read_register(fill(folder / "r.xlsx", [row]))
    assert register.bad_cells == ()
    assert (register.entries[0].card, register.entries[0].logo) == (card, folder / "校徽.png")


def test_a_bad_card_and_a_missing_logo_are_named(folder: Path) -> None:
    row = {"title": "甲", "speaker": "李", "recordings": "第一讲.mp4", "card": "也许", "logo": "没有.png"}
    register = read_register(fill(folder / "r.xlsx", [row]))
    places = {column.key: letters(number) for number, column in enumerate(COLUMNS)}
    assert [(cell.column, cell.row, cell.found) for cell in register.bad_cells] == [
        (places["card"], 2, "也许"),
        (places["logo"], 2, "没有.png"),
    ]
    assert "neither yes nor no" in register.bad_cells[0].why.text


def test_every_bad_cell_is_named_at_once(folder: Path) -> None:
    (folder / "link.mp4").symlink_to(folder / "第一讲.mp4")
    (folder / "empty.mp4").touch()
    register = read_register(
        fill(
            folder / "r.xlsx",
            [
                {"title": "甲", "speaker": "李", "recordings": "第一讲.mp4", "audio_track": "two"},
                {"title": "=1+1", "speaker": "李", "recordings": "第一讲下.mp3", "planned_at": "7月10日"},
                {"title": "丙", "recordings": "link.mp4"},
                {"title": "甲", "speaker": "李", "recordings": "empty.mp4"},
                {"title": "戊", "speaker": "李", "recordings": "../r.xlsx/x", "script": "."},
                {"title": "己", "speaker": "李", "recordings": "第一讲.mp4"},
            ],
        )
    )
    assert told(register) == [
        ("I2", "It is no whole number from 1."),
        ("A3", "It holds a formula."),
        ("E3", "It is no date."),
        ("F3", "There is no such file."),
        ("B4", "It is empty."),
        ("F4", "{path} is {kind}, not a file."),
        ("A5", "Row {row} has the same."),
        ("F5", "The file {path} is empty (0 bytes)."),
        ("F6", "There is no such file."),
        ("G6", "{path} is {kind}, not a file."),
        ("F7", "Row {row} has the same."),
    ]
    assert "第一讲下.mp4" in register.bad_cells[3].remedy.show()
    assert all(cell.remedy.show() and cell.heading and cell.sheet == "Register" for cell in register.bad_cells)


def test_a_missing_column_is_named_once(folder: Path) -> None:
    (folder / "r.csv").write_text("题目,主讲人\n甲,李\n乙,王\n", "utf-8")
    register = read_register(folder / "r.csv")
    assert told(register) == [("1", "The register has no such column.")] * 2
    assert [cell.heading for cell in register.bad_cells] == ["Planned delivery", "Recording"]


def test_a_formula_in_csv_is_no_text(folder: Path) -> None:
    (folder / "r.csv").write_text(HEAD + "=cmd|'/c calc'!A1,李,,2020-07-10,第一讲.mp4,,\n", "utf-8")
    assert told(read_register(folder / "r.csv")) == [("A2", "It holds a formula.")]


def test_guards_against_formulas_are_taken_away_again(folder: Path) -> None:
    (folder / "r.csv").write_text(HEAD + "'+1的故事,李,,2020-07-10,第一讲.mp4,,\n", "utf-8")
    assert read_register(folder / "r.csv").entries[0].title == "+1的故事"


def test_what_is_no_register(folder: Path) -> None:
    (folder / "a.csv").write_text("a,b\n1,2\n")
    (folder / "b.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    (folder / "c.csv").write_bytes(bytes(range(256)) * 9)
    with zipfile.ZipFile(folder / "d.xlsx", "w") as packed:
        packed.writestr("a.txt", "no workbook")
    good = (fill(folder / "good.xlsx", [])).read_bytes()
    (folder / "e.xlsx").write_bytes(good[: len(good) // 2])
    for name in "a.csv", "b.xlsx", "c.csv", "d.xlsx", "e.xlsx":
        with pytest.raises(RegisterFileError) as caught:
            read_register(folder / name)
        assert caught.value.exit_code == 3
    (folder / "f.csv").touch()
    with pytest.raises(EmptyFileError):
        read_register(folder / "f.csv")
    with pytest.raises(NotARegularFileError):
        read_register(folder)


def test_a_workbook_that_unpacks_to_a_mountain_is_refused(folder: Path) -> None:
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(6):
            packed.writestr(f"{number}.xml", b" " * 100_000_000)
    with pytest.raises(RegisterFileError, match="too large"):
        read_register(folder / "bomb.xlsx")


def test_two_thousand_rows_and_a_thousand_bad_cells(tmp_path: Path) -> None:
    rows = []
    for number in range(2000):
        (tmp_path / f"{number}.mp4").write_text("x")
        rows.append({"title": f"题目{number}", "speaker": "李、王", "recordings": f"{number}.mp{4 - number % 2}"})
    path = fill(tmp_path / "r.xlsx", rows)
    before = time.process_time()
    register = read_register(path)
    used = time.process_time() - before
    assert len(register.entries) == 2000
    assert len(register.bad_cells) == 1000
    print(f"2000 rows: {used:.2f} s of processor time")


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
