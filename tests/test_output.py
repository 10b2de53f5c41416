import os
from pathlib import Path

import pytest

from pipeline.errors import DiskFullError, OutputBusyError, OutputExistsError, OutputUnwritableError
from pipeline.output import MARKER, file_name, safe_name, staged
from pipeline.records import LectureInfo


def deliver(folder: Path, **files: str) -> None:
    with staged(folder) as stage:
        for name, text in files.items():
            (stage / f"{name}.txt").write_text(text)


def visible(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != MARKER}


def test_the_folder_appears_whole(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "lecture"
    with staged(folder) as stage:
        (stage / "x.txt").write_text("x")
        assert not folder.exists()
    assert visible(folder) == {"x.txt": "x"}
    assert [path.name for path in folder.parent.iterdir()] == ["lecture"]


def test_a_failure_leaves_the_old_delivery_alone(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old")
    with pytest.raises(RuntimeError), staged(folder) as stage:
        (stage / "x.txt").write_text("new")
        raise RuntimeError
    assert visible(folder) == {"x.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["lecture"]


def test_a_folder_that_was_taken_away_on_the_way_is_not_delivered(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old")
    with pytest.raises(OutputUnwritableError), staged(folder) as stage:
        (stage / "x.txt").write_text("new")
        stage.rename(tmp_path / "elsewhere")
        stage.mkdir()
        (stage / "y.txt").write_text("the rest")
    assert visible(folder) == {"x.txt": "old"}


def test_ours_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old", y="gone")
    deliver(folder, x="new")
    assert visible(folder) == {"x.txt": "new"}


def test_what_a_person_changed_or_added_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old")
    (folder / "x.txt").write_text("corrected")
    (folder / "note.txt").write_text("mine")
    deliver(folder, x="new")
    assert visible(folder) == {"x.txt": "new", "x (1).txt": "corrected", "note.txt": "mine"}


def test_a_person_s_change_that_is_delivered_is_not_kept_twice(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old")
    (folder / "x.txt").write_text("corrected")
    deliver(folder, x="corrected")
    assert visible(folder) == {"x.txt": "corrected"}


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(OutputExistsError) as caught:
        deliver(folder, x="new")
    assert caught.value.exit_code == 2
    assert visible(folder) == {"thesis.txt": "mine"}
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(OutputExistsError):
        deliver(file, x="new")


def test_a_swap_that_was_killed_in_the_middle_is_undone(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    deliver(folder, x="old")
    folder.rename(tmp_path / ".lecture.old")
    with pytest.raises(RuntimeError), staged(folder):
        assert visible(folder) == {"x.txt": "old"}
        raise RuntimeError
    assert visible(folder) == {"x.txt": "old"}


def test_a_second_run_is_told_and_disturbs_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "lecture"
    (tmp_path / "link").symlink_to(tmp_path)
    with staged(folder) as stage:
        (stage / "x.txt").write_text("x")
        with pytest.raises(OutputBusyError):
            deliver(tmp_path / "link" / "lecture", x="y")
    assert visible(folder) == {"x.txt": "x"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lecture", "link"]


def test_the_lock_of_a_killed_run_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / ".lecture.lock").touch()
    deliver(tmp_path / "lecture", x="x")
    assert [path.name for path in tmp_path.iterdir()] == ["lecture"]


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError), staged(tmp_path / "lecture"):
        raise OSError(28, "No space left on device")


def test_an_impossible_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputUnwritableError):
        deliver(tmp_path / "file" / "below", x="x")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("微课 第一讲", "微课 第一讲"),
        ("a/b\\c:d*?", "a_b_c_d__"),
        ("..", "lecture"),
        ("con.txt", "_con.txt"),
        (" .hidden. ", "hidden"),
        ("长" * 200, "长" * 60),
        ("line\nbreak", "line_break"),
        (os.fsdecode("微课".encode("gbk")), "微课"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


INFO = LectureInfo("", "不忘初心：牢记使命?", "张三、李四", "马克思主义学院", None)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{recording}", "DSC_0001"),
        ("{unit}-{speaker}-{title}", "马克思主义学院-张三、李四-不忘初心：牢记使命_"),
        ("{title} {date}", "DSC_0001"),
        ("aux", "_aux"),
        ("COM¹.{unit}", "_COM¹.马克思主义学院"),
        ("con .x", "_con .x"),
        ("{title}" * 40, ("不忘初心：牢记使命_" * 40).encode()[:180].decode("utf-8", "ignore")),
        ("{title}. .", "不忘初心：牢记使命_"),
    ],
)
def test_a_template_names_the_files_and_every_name_is_safe(template: str, name: str) -> None:
    found = file_name(template, INFO, Path("DSC_0001.MTS"))
    assert found == name
    assert len(found.encode()) <= 180
    assert safe_name(found) == found
