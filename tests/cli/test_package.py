"""``weike package`` as a person calls it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from tests.packages.making import PRESET, right_package


@pytest.fixture
def folder(tmp_path: Path, make_clip: Callable[..., Path]) -> Path:
    return right_package(tmp_path / "机械学院党委", make_clip)


def ask(tmp_path: Path, *args: str | Path) -> Result:
    (tmp_path / "small.toml").write_text(PRESET)
    shared = ["--preset", tmp_path / "small.toml", "--cache", tmp_path / "cache", "--out", tmp_path / "out"]
    return CliRunner().invoke(app, ["package", *map(str, [*args, *shared])])


def test_a_right_package_ends_with_0_and_a_zip_and_a_wrong_one_with_10(folder: Path, tmp_path: Path) -> None:
    done = ask(tmp_path, folder, "--zip")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Compliant")
    assert (tmp_path / "out" / folder.name / f"{folder.name}.zip").is_file()
    (folder / "工作案例" / "网格化管理的一天.txt").rename(folder / "工作案例" / "IMG_1.txt")
    done = ask(tmp_path, folder, "--zip", "--json")
    assert done.exit_code == 10
    manifest = json.loads(done.output)
    (missed,) = [rule for rule in manifest["rules"] if rule["kind"] == "fail"]
    assert (missed["rule"], missed["faults"][0]["file"]) == ("package.names", "工作案例/IMG_1.txt")
    assert missed["faults"][0]["message"] == {
        "zh_CN": "文件名是相机自动取的：IMG_1。",
        "en": "The name is a camera's: IMG_1.",
    }
    assert not list((tmp_path / "out").rglob("*.zip")), "the ZIP of before is not of this package"


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        ([], 2, "package.unnamed"),
        (["没有"], 3, "input.missing"),
        (["small.toml"], 3, "package.not-a-folder"),
        (["--story", "没有.docx"], 3, "input.missing"),
    ],
)
def test_what_was_named_wrongly_is_told(args: list[str], code: int, reason: str, tmp_path: Path) -> None:
    done = ask(tmp_path, *[arg if arg.startswith("--") else tmp_path / arg for arg in args])
    assert (done.exit_code, f"[{reason}]" in done.output) == (code, True), done.output
