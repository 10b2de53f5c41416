from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch import plan_folder, plan_register
from pipeline.batch.asked import asked_key, files_of
from pipeline.errors import NoRecordingsError, RegisterRowError
from pipeline.jobs import Edits
from pipeline.output import MARKER
from pipeline.register.reading import read_register
from tests.batch.seasons import options
from tests.register.registers import fill


def names(tasks: tuple) -> list[str]:
    return [task.name for task in tasks]


def test_a_folder_in_the_order_people_count_in(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "学院").mkdir(parents=True)
    for name in ("第10讲.mp4", "第2讲.MOV", "第2讲.mp4", "讲稿.docx", ".hidden.mp4", "学院/第2讲.mp4"):
        (folder / name).write_text("x")
    (folder / "link.mp4").symlink_to(folder / "第2讲.mp4")
    tasks = plan_folder(folder, options(tmp_path))
    assert names(tasks) == ["第2讲", "第2讲 mp4", "第10讲", "学院 第2讲"]
    assert all(task.job is not None and task.job.raw.is_absolute() for task in tasks)


def test_what_weike_delivered_is_no_recording(tmp_path: Path) -> None:
    wanted = replace(options(tmp_path), out=tmp_path / "out")
    for folder in ("out/甲", "elsewhere/乙"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.mp4").write_text("x")
    (tmp_path / "elsewhere/乙" / MARKER).write_text("{}")
    with pytest.raises(NoRecordingsError):
        plan_folder(tmp_path, wanted)


def test_the_command_line_wins_over_the_register(tmp_path: Path) -> None:
    for name in ("a.mp4", "own.txt", "all.txt"):
        (tmp_path / name).write_text("x")
    row = {"title": "甲/乙", "speaker": "李、王", "unit": "学院", "recordings": "a.mp4", "terms": "own.txt"}
    register = read_register(fill(tmp_path / "r.xlsx", [row]))
    (task,) = plan_register(register, options(tmp_path))
    assert task.job is not None
    assert (task.name, task.job.info.title) == ("甲_乙", "甲/乙")
    assert (task.job.info.speaker, task.job.info.unit) == ("李、王", "学院")
    assert task.job.terms == tmp_path / "own.txt"
    (task,) = plan_register(register, options(tmp_path, unit="大学", terms=tmp_path / "all.txt"))
    assert task.job is not None
    assert (task.job.info.unit, task.job.terms) == ("大学", tmp_path / "all.txt")


def test_a_row_says_of_card_and_logo_what_the_command_line_does_not_change(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "own.png", "all.png"):
        (tmp_path / name).write_text("x")
    rows = [
        {"title": "甲", "speaker": "李", "recordings": "a.mp4", "card": "否", "logo": "own.png"},
        {"title": "乙", "speaker": "王", "recordings": "b.mp4"},
    ]
    edits = Edits(trim=True, card=True, logo=tmp_path / "all.png", lower_third=True)
    register = read_register(fill(tmp_path / "r.xlsx", rows))
    own, other = plan_register(register, replace(options(tmp_path), edits=edits))
    assert own.job is not None
    assert other.job is not None
    assert own.job.edits == replace(edits, card=False, logo=tmp_path / "own.png")
    assert other.job.edits == edits
    assert tmp_path / "own.png" in files_of(own), "another logo in the file would not be noticed"


def test_every_edit_is_part_of_what_is_asked_for(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.png", "b.png"):
        (tmp_path / name).write_text("x")
    logo = tmp_path / "a.png"
    every = [Edits(**{name: value}) for name in Edits.__dataclass_fields__ for value in (True, False) if name != "logo"]
    tasks = [plan_folder(tmp_path, replace(options(tmp_path), edits=edits))[0] for edits in (Edits(), *every)]
    (with_logo,) = plan_folder(tmp_path, replace(options(tmp_path), edits=Edits(logo=logo)))
    keys = {asked_key(task) for task in (*tasks, with_logo)}
    assert len(keys) == 2 + 2 * 6
    (other,) = plan_folder(tmp_path, replace(options(tmp_path), edits=Edits(logo=tmp_path / "b.png")))
    assert asked_key(other) == asked_key(with_logo), "the name of a file says nothing"
    assert files_of(other) != files_of(with_logo), "its content does"


def test_a_row_with_bad_cells_is_a_task_that_cannot_begin(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("x")
    rows = [{"title": "甲", "speaker": "李", "recordings": "a.mp4"}, {"title": "乙", "recordings": "b.mp4"}]
    good, bad = plan_register(read_register(fill(tmp_path / "r.xlsx", rows)), options(tmp_path))
    assert good.problem is None
    assert isinstance(bad.problem, RegisterRowError)
    assert bad.job is None
    assert "B3, F3" in bad.problem.message.show()


def test_a_register_without_a_needed_column_or_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("题目,主讲人\n甲,李\n", "utf-8")
    with pytest.raises(RegisterRowError):
        plan_register(read_register(tmp_path / "r.csv"), options(tmp_path))
    with pytest.raises(NoRecordingsError):
        plan_register(read_register(fill(tmp_path / "r.xlsx", [])), options(tmp_path))


def test_several_recordings_in_a_row_are_parts_of_one_lecture(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mov"):
        (tmp_path / name).write_text("x")
    row = {"title": "甲", "speaker": "李", "unit": "学院", "recordings": "a.mp4\nb.mov"}
    (task,) = plan_register(read_register(fill(tmp_path / "r.xlsx", [row])), options(tmp_path))
    assert task.job is not None
    assert (task.job.raw, task.job.more) == (tmp_path / "a.mp4", (tmp_path / "b.mov",))


def test_a_row_without_a_recording_cannot_begin(tmp_path: Path) -> None:
    row = {"title": "甲", "speaker": "李", "unit": "学院", "recordings": ""}
    (task,) = plan_register(read_register(fill(tmp_path / "r.xlsx", [row])), options(tmp_path))
    assert isinstance(task.problem, RegisterRowError)
