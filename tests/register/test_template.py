from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import RegisterThereError
from pipeline.register.columns import COLUMNS, known_headings
from pipeline.register.reading import read_register
from pipeline.register.template import write_template
from pipeline.texts import speaking


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("name", ["r.xlsx", "r.csv"])
def test_a_template_is_a_register_without_rows(tmp_path: Path, name: str, language: str) -> None:
    with speaking(language):
        write_template(tmp_path / name)
    register = read_register(tmp_path / name)
    assert (register.entries, register.bad_cells, register.notices) == ((), (), ())


def test_the_workbook_has_checks_and_help_and_no_formula(tmp_path: Path) -> None:
    with speaking("zh_CN"):
        write_template(tmp_path / "登记表.xlsx")
    book = openpyxl.load_workbook(tmp_path / "登记表.xlsx")
    sheet, helps = book.worksheets
    assert [cell.value for cell in sheet[1]][:2] == ["题目 *", "主讲人 *"]
    checked = {rule.type: str(rule.sqref) for rule in sheet.data_validations.dataValidation if rule.type}
    assert checked == {"date": "E2:E301", "whole": "I2:I301", "list": "J2:J301"}
    assert sheet["A2"].number_format == "@"
    assert sheet["E2"].number_format == "yyyy-mm-dd hh:mm"
    assert helps.title == "填写说明"
    assert [row[0].value for row in helps.iter_rows(min_row=2, max_row=14)] == [
        "题目", "主讲人", "单位", "登记时间", "计划提交时间", "录像文件", "讲稿", "术语表", "音轨", "片头", "校标",
        "文件名", "备注",
    ]  # fmt: skip
    assert all(cell.data_type != "f" for part in book.worksheets for row in part.iter_rows() for cell in row)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_text("mine")
    with pytest.raises(RegisterThereError):
        write_template(tmp_path / "r.xlsx")
    assert (tmp_path / "r.xlsx").read_text() == "mine"


def test_no_heading_means_two_columns() -> None:
    names = [name for column in COLUMNS for name in {column.heading, *column.aliases}]
    assert len(names) == len(set(names))
    assert set(known_headings().values()) == {column.key for column in COLUMNS}
