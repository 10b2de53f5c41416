"""The columns of a register: what each is called in both languages and by other people, and what belongs in it."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.texts import LANGUAGES, N_, _, speaking

Kind = Literal["text", "moment", "files", "file", "number", "choice"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``heading`` and ``help`` are gettext sources."""

    key: str
    heading: str
    help: str
    example: str
    """Written the same in every language."""
    aliases: tuple[str, ...] = ()
    """What others call it."""
    kind: Kind = "text"
    is_required: bool = False
    width: float = 18
    """In characters, for the template."""


COLUMNS = (
    Column(
        "title",
        N_("Title"),
        N_("The lecture's title, as it is registered. It also names the delivered files."),
        "疫情大考中的责任与担当",
        ("标题", "微党课题目", "党课题目", "课程名称", "课题"),
        is_required=True,
        width=34,
    ),
    Column(
        "speaker",
        N_("Speaker"),
        N_("Who speaks. Several speakers around one theme: separate them by 、 or write one on each line of the cell."),
        "李文清、王建国",
        ("主讲", "讲者", "主讲教师", "speakers"),
        is_required=True,
    ),
    Column(
        "unit",
        N_("Unit"),
        N_("The Party organisation or school that registers the lecture."),
        "示例大学马克思主义学院",
        ("党组织", "基层党组织", "所在单位", "学院", "部门"),
        width=28,
    ),
    Column(
        "registered_at",
        N_("Registered on"),
        N_("When it was registered: a date, with a time if it matters. May stay empty."),
        "2020-06-12 09:30",
        ("报名时间", "登记日期"),
        "moment",
    ),
    Column(
        "planned_at",
        N_("Planned delivery"),
        N_("When the lecture is meant to be delivered: a date, with a time if it matters."),
        "2020-07-10",
        ("计划报送时间", "计划提交日期", "拟提交时间"),
        "moment",
        is_required=True,
    ),
    Column(
        "recordings",
        N_("Recording"),
        N_(
            "The recording's path, from the folder of this register. Several recordings of one lecture: one on each "
            "line of the cell, in their order."
        ),
        "录像/第一讲.mp4",
        ("录像", "视频", "视频文件", "recordings"),
        "files",
        is_required=True,
        width=32,
    ),
    Column(
        "script",
        N_("Script"),
        N_("The script: .txt, .docx or .srt. Empty: the one of the same name beside the recording, if there is one."),
        "讲稿/第一讲.docx",
        ("讲稿文件", "文稿"),
        "file",
        width=26,
    ),
    Column(
        "terms",
        N_("List of terms"),
        N_("A list of terms for this lecture, one term on each line of the file. May stay empty."),
        "术语.txt",
        ("术语",),
        "file",
    ),
    Column(
        "audio_track",
        N_("Sound track"),
        N_("Which sound track of the recording to use, counted from 1. Empty: the recording's own."),
        "1",
        ("声道",),
        "number",
        width=10,
    ),
    Column(
        "card",
        N_("Opening card"),
        N_("Whether an opening card stands before the lecture: yes or no. Empty: as the preset or the command says."),
        "是",
        ("片头页", "是否加片头", "card"),
        "choice",
        width=10,
    ),
    Column(
        "logo",
        N_("Logo"),
        N_("The picture of the school's logo, for card and cover: .png, .jpg, .webp or .bmp. May stay empty."),
        "校徽.png",
        ("校徽", "标志"),
        "file",
    ),
    Column(
        "name",
        N_("File name"),
        N_("What the delivered files are called. Empty: as the title."),
        "责任与担当",
        ("交付文件名", "输出名称"),
    ),
    Column("remark", N_("Remark"), N_("For people; Weike does not read it."), "", ("备注说明", "notes"), width=24),
)
BY_KEY = {column.key: column for column in COLUMNS}


def normal(heading: str) -> str:
    """Return a heading without spaces, stars, brackets and what stands in them, in lower case."""
    text = unicodedata.normalize("NFKC", heading)
    return re.sub(r"\([^()]*\)|[\s*:：_]", "", text).lower()


@lru_cache
def known_headings() -> dict[str, str]:
    """Return the key of a column for each of its names, as ``normal`` writes them."""
    found = {}
    for column in COLUMNS:
        names = [column.heading, *column.aliases]
        for language in LANGUAGES:
            with speaking(language):
                names.append(_(column.heading))
        found.update({normal(name): column.key for name in names})
    return found
