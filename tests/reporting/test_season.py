"""The report of a season: the page, the workbook, the JSON; and texts that want to be more than texts."""

import base64
import hashlib
import io
import json
import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from pipeline.cells import LEADS
from pipeline.errors import NotMediaError
from pipeline.presets import load_preset
from pipeline.reporting.season_html import season_pages
from pipeline.reporting.season_json import season_json
from pipeline.reporting.season_text import season_lines
from pipeline.reporting.season_xlsx import season_xlsx
from pipeline.rules.register import judge_register
from pipeline.season import Delivered, Entry, Failure, Outcome, SeasonRow
from pipeline.texts import speaking

PRESET = load_preset("seu-2020")
MADE = "2026-07-01T08:00:00+00:00"


def row(title: str, *, compliant: bool | None = True, speaker: str = "李文清", late: bool = False) -> SeasonRow:
    """A lecture; ``compliant=None`` is one that failed."""
    entry = Entry(2, title, (speaker,), "学院", datetime(2020, 6, 16 if late else 12), datetime(2020, 7, 10))
    error = NotMediaError(Path("a <b>.mp4"))
    missed = () if compliant else ("video.raster",)
    made = Delivered(
        "夹 #1", "夹 #1.mp4", "a" * 64, "b" * 64, 10**9, 900_000, 1, "seu-2020", not missed, missed, 1, 2, 3, 4, MADE
    )
    if compliant is None:
        outcome = Outcome("n", "failed", "k", (), MADE, failure=Failure(error.id, 3, error.message, error.advice))
    else:
        outcome = Outcome("n", "delivered", "k", (), MADE, delivered=made)
    return SeasonRow(
        "n",
        title,
        speaker,
        "学院",
        (),
        entry,
        outcome,
        judge_register(entry, title, PRESET),
        "late" if late else "on_time",
        "late",
    )


ROWS = (row("责任"), row("担当", compliant=False), row("青春", compliant=None), row("逾期", late=True))


class Page(HTMLParser):
    """Tags and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _value in attrs]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def page(rows: tuple[SeasonRow, ...] = ROWS, language: str = "zh_CN") -> str:
    with speaking(language):
        return season_pages(rows, PRESET, MADE)["index.html"].decode()


def test_verdicts_of_delivery_and_register_together() -> None:
    assert [row.verdict for row in ROWS] == ["compliant", "noncompliant", "failed", "noncompliant"]


def test_the_page_has_both_languages_filters_and_links_and_no_script() -> None:
    text = page()
    seen = Page(text)
    assert "共 4 讲，合格 1 讲，另有 3 讲需要处理。" in text
    assert "1 of 4 lectures are compliant; 3 need attention." in text
    assert "script" not in seen.tags
    assert not [name for name in seen.attributes if name.startswith("on") or name == "style"]
    assert set(seen.links) == {"%E5%A4%B9%20%231/report.html"}
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    assert f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}" in text
    for verdict in ("compliant", "noncompliant", "failed"):
        assert f'id="show-{verdict}"' in text
        assert f"#show-{verdict}:checked~main tbody tr:not(.is-{verdict})" in style


def test_it_opens_in_the_language_in_force() -> None:
    assert re.search(r'id="in-zh"[^>]* checked', page())
    assert re.search(r'id="in-en"[^>]* checked', page(language="en"))


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "a\u202eb\x00"]
)
def test_texts_stay_texts(payload: str) -> None:
    text = page((row(payload, speaker=payload),))
    seen = Page(text)
    assert "script" not in seen.tags
    assert "img" not in seen.tags
    assert "49" not in re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    assert "\u202e" not in text


@pytest.mark.parametrize("lead", LEADS)
def test_no_text_becomes_a_formula(lead: str) -> None:
    text = f"{lead}HYPERLINK(1)"
    book = openpyxl.load_workbook(io.BytesIO(season_xlsx((row(text, speaker=text),), PRESET, MADE)))
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(tuple(LEADS))]


def test_numbers_dates_and_links_are_typed() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(season_xlsx(ROWS, PRESET, MADE))).worksheets[0]
    heads = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet[f"{heads['Length (min)']}2"].value == 15
    assert sheet[f"{heads['Size (MB)']}2"].value == 1000
    assert sheet[f"{heads['Planned delivery']}2"].value == datetime(2020, 7, 10)
    assert sheet[f"{heads['Title']}2"].hyperlink.target == "%E5%A4%B9%20%231/report.html"
    assert sheet[f"{heads['Length (min)']}4"].value is None
    assert sheet.auto_filter.ref == "A1:R5"


def test_the_json_says_it_for_machines() -> None:
    told = json.loads(season_json(ROWS, PRESET, MADE))
    assert told["summary"] == {"compliant": 1, "noncompliant": 2, "failed": 1, "waiting": 0}
    assert told["deadlines"]["registered_by"] == "2020-06-15T12:00:00+08:00"
    assert [row["required_missed"] for row in told["lectures"]] == [[], ["video.raster"], [], ["register.complete"]]
    assert set(told["lectures"][2]["failure"]["message"]) == {"zh_CN", "en"}


def test_the_lines_cannot_steer_a_terminal() -> None:
    lines = season_lines((row("a\x1b[2Jb"),), PRESET, with_hash=True)
    assert "\x1b" not in "".join(lines)
    assert any("a" * 64 in line for line in lines)
