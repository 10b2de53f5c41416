from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.presets import load_preset
from pipeline.rules.register import judge_register, timeliness
from pipeline.season import Entry

ENTRY = Entry(
    2,
    "责任与担当",
    ("李文清",),
    planned_at=datetime(2020, 7, 10),
    registered_at=datetime(2020, 6, 15, 12),
    recordings=(Path("/a.mp4"),),
)


def kinds(entry: Entry | None, name: str = "责任与担当", preset: str = "seu-2020") -> dict[str, tuple[str, str]]:
    return {f.rule: (f.kind, f.level) for f in judge_register(entry, name, load_preset(preset))}


def test_a_complete_row_in_time_passes() -> None:
    assert kinds(ENTRY) == {"register.complete": ("pass", "required"), "register.name": ("pass", "required")}


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"speakers": ()},
        {"planned_at": None},
        {"registered_at": datetime(2020, 6, 15, 12, 1)},
        {"planned_at": datetime(2020, 7, 18)},
    ],
)
def test_what_is_missing_or_late_is_a_required_miss(change: dict[str, object]) -> None:
    assert kinds(replace(ENTRY, **change))["register.complete"] == ("fail", "required")


def test_deadlines_hold_only_where_a_preset_says_so() -> None:
    late = replace(ENTRY, registered_at=datetime(2026, 1, 1), planned_at=datetime(2026, 2, 1))
    assert kinds(late)["register.complete"][0] == "fail"
    for preset in ("moe-2020", "mooc"):
        assert load_preset(preset).deadlines.registered_by is None
        assert kinds(late, preset=preset)["register.complete"][0] == "pass"


def test_without_a_register_only_the_name_is_judged() -> None:
    assert list(kinds(None)) == ["register.name"]


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0042",
        "img-0042",
        "DSC00017",
        "微信图片_20200710",
        "新建 Microsoft 文档",
        "未命名",
        "20200710",
        "VID_2020",
        "mmexport159",
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    assert kinds(None, name)["register.name"] == ("fail", "required")


@pytest.mark.parametrize(
    "name",
    [
        "责任与担当",
        "新建党支部的故事",
        "IMG是什么",
        "2020年的春天",
        "Movement and Party",
        "第1讲 视频里的党史",
        "Design of DSC",
    ],
)
def test_names_after_a_theme(name: str) -> None:
    assert kinds(None, name)["register.name"] == ("pass", "required")


def test_moments_without_a_zone_are_the_deadlines_own() -> None:
    deadline = load_preset("seu-2020").deadlines.registered_by
    assert timeliness(datetime(2020, 6, 15, 12), deadline) == "on_time"
    assert timeliness(datetime(2020, 6, 15, 12, 0, 1), deadline) == "late"
    assert timeliness(None, deadline) == "missing"
    assert timeliness(datetime(2020, 6, 15), None) is None
