"""The report stage: three files, each whole or absent."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import store
from pipeline.errors import NoFontError, OutputUnwritableError
from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.reporting.pdf import PdfError
from pipeline.stages import report as stage
from pipeline.stages.report import write_report
from tests.reporting.sample import make_report


def no_font(*_args: object) -> bytes:
    raise NoFontError(folder="x")


def test_three_files_and_events(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path, bad=True)
    events: list[Event] = []
    paths = write_report(report, preset, tmp_path, events.append)
    assert [path.name for path in paths] == ["report.json", "report.html", "report.pdf"]
    assert json.loads(paths[0].read_bytes())["verdict"] == "noncompliant"
    assert 'href="kangyi.mp4#t=' in paths[1].read_text("utf-8")
    assert paths[2].read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json", "report.pdf"]
    assert events == [
        StageStarted("report", 3, "files"),
        *(StageAdvanced("report", done) for done in (1, 2, 3)),
        StageFinished("report"),
    ]


def test_report_in_another_folder_does_not_link_into_the_video(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path / "elsewhere", bad=True)
    folder = tmp_path / "folder"
    folder.mkdir()
    write_report(report, preset, folder, silent)
    assert "href=" not in (folder / "report.html").read_text("utf-8")


def test_without_a_font_the_rest_is_written_and_an_old_pdf_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "report_pdf", no_font)
    (tmp_path / "report.pdf").write_bytes(b"of another file")
    events: list[Event] = []
    paths = write_report(*make_report(tmp_path), tmp_path, events.append)
    assert [path.name for path in paths] == ["report.json", "report.html"]
    assert not (tmp_path / "report.pdf").exists()
    assert [event.message.show() for event in events if isinstance(event, Notice)] == [
        "report.pdf was not written, because there is no Chinese font; report.html holds the same."
    ]


def test_a_pdf_that_cannot_be_laid_out_does_not_lose_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> bytes:
        raise PdfError("unknown variable")

    monkeypatch.setattr(stage, "report_pdf", fail)
    events: list[Event] = []
    assert len(write_report(*make_report(tmp_path), tmp_path, events.append)) == 2
    assert [event.message.show() for event in events if isinstance(event, Notice)] == [
        "report.pdf could not be laid out (unknown variable); report.html holds the same."
    ]


def test_a_failure_leaves_the_old_report_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report, preset = make_report(tmp_path)
    write_report(report, preset, tmp_path, silent)
    before = (tmp_path / "report.json").read_bytes()

    def full(_temporary: Path, _final: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "put_in_place", full)
    with pytest.raises(OutputUnwritableError, match="No space left"):
        write_report(replace(report, sha256="ff" * 32), preset, tmp_path, silent)
    assert (tmp_path / "report.json").read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputUnwritableError):
        write_report(*make_report(tmp_path), tmp_path / "out", silent)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path, bad=True)
    with pytest.raises(OutputUnwritableError):
        write_report(report, preset, tmp_path / "gone", silent)
    assert not (tmp_path / "gone").exists()
