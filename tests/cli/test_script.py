"""A lecture's script on the command line; what alignment itself does is tested where it lives."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Weike
from tests.cli.test_subtitle import heard

SCRIPT = "大家好，这是一节很短的微课。今天我们只讲一件事。"


@pytest.fixture
def recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.transcribing.recognise", heard)


def words_in(folder: Path) -> list[dict[str, object]]:
    (path,) = folder.glob("第*.json")
    words: list[dict[str, object]] = json.loads(path.read_text("utf-8"))["words"]
    return words


@pytest.mark.usefixtures("recognised")
def test_a_script_beside_the_recording_is_found_used_and_named(weike: Weike, spoken: Path, tmp_path: Path) -> None:
    spoken.with_suffix(".txt").write_text(SCRIPT, "gb18030")
    done = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "json")
    assert "The script 第二讲.txt, which lies beside the recording, is used." in done.output
    assert any(word["is_from_script"] for word in words_in(tmp_path / "out" / "第二讲"))


@pytest.mark.usefixtures("recognised")
def test_no_script_switches_that_off(weike: Weike, spoken: Path, tmp_path: Path) -> None:
    spoken.with_suffix(".txt").write_text(SCRIPT, "utf-8")
    done = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "json", "--no-script")
    assert "第二讲.txt" not in done.output
    assert not any(word["is_from_script"] for word in words_in(tmp_path / "out" / "第二讲"))


@pytest.mark.usefixtures("recognised")
def test_another_lecture_s_script_is_refused_when_given_and_left_alone_when_found(
    weike: Weike, spoken: Path, tmp_path: Path
) -> None:
    other = spoken.with_suffix(".txt")
    other.write_text("春天的田野里开满了油菜花，蜜蜂飞来飞去，农民伯伯正在地里忙着播种玉米和大豆。" * 3, "utf-8")
    given = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "json", "--script", other)
    assert (given.exit_code, "[script.foreign]" in given.output) == (3, True)
    found = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "json")
    assert found.exit_code == 0, found.output
    assert "does not fit the recording" in found.output
    assert not any(word["is_from_script"] for word in words_in(tmp_path / "out" / "第二讲"))


def test_without_a_model_the_script_still_makes_subtitles_and_it_is_said_loudly(
    weike: Weike, spoken: Path, tmp_path: Path
) -> None:
    (tmp_path / "讲稿.txt").write_text(SCRIPT, "utf-8")
    done = weike(
        "subtitle", spoken, "--out", tmp_path / "out", "--format", "json", "--flags", "--script", tmp_path / "讲稿.txt"
    )
    assert done.exit_code == 0, done.output
    assert "the script was shared out over the speech by length. Check every subtitle." in done.output
    assert "The recognition model large-v3-turbo is not on this machine." in done.output
    assert "[low-confidence]" in done.output
    assert "".join(str(word["text"]) for word in words_in(tmp_path / "out" / "第二讲")).strip() == SCRIPT


@pytest.mark.parametrize("command", ["convert", "subtitle"])
def test_without_model_and_script_it_ends_with_4(weike: Weike, spoken: Path, tmp_path: Path, command: str) -> None:
    done = weike(command, spoken, "--out", tmp_path / "out")
    assert (done.exit_code, "[model.missing]" in done.output) == (4, True)
    assert "large-v3-turbo.pt" in done.output
    assert str(tmp_path / "models") in done.output
    assert not list((tmp_path / "out").glob("*"))


def test_a_silent_recording_does_not_use_its_script(weike: Weike, silent: Path, tmp_path: Path) -> None:
    silent.with_suffix(".txt").write_text(SCRIPT, "utf-8")
    done = weike("subtitle", silent, "--out", tmp_path / "out", "--format", "json")
    assert done.exit_code == 0, done.output
    assert "Nobody speaks in the recording, so its script is not used." in done.output


@pytest.mark.parametrize("option", ["--script", "--terms"])
@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (None, {"input.missing"}),
        (b"", {"input.empty"}),
        (bytes(range(256)) * 9, {"script.unreadable", "terms.unreadable"}),
    ],
)
def test_a_script_or_list_of_terms_that_cannot_be_used_is_refused(
    weike: Weike, silent: Path, tmp_path: Path, option: str, content: bytes | None, reasons: set[str]
) -> None:
    path = tmp_path / "给的.txt"
    if content is not None:
        path.write_bytes(content)
    done = weike("convert", silent, "--out", tmp_path / "out", option, path)
    assert done.exit_code in {2, 3}
    assert any(f"[{reason}]" in done.output for reason in reasons), done.output
    assert str(path) in done.output
    assert not list((tmp_path / "out").glob("*"))
