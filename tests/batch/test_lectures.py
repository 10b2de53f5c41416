"""One lecture of many: done once, recognised afterwards, failed with a reason, and nothing in between."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch import BatchEvent, LectureEnded, Ledger, Task, run_task, settled
from pipeline.batch import lectures as work
from pipeline.batch.events import silent
from pipeline.batch.planning import task_of
from pipeline.errors import NoModelError, OutputUnwritableError
from pipeline.season import Outcome
from pipeline.store import Store
from tests.batch.seasons import options, tone

Convert = Callable[..., object]


@pytest.fixture(scope="module")
def delivered(make_clip: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one lecture has been delivered."""
    folder = tmp_path_factory.mktemp("delivered")
    shutil.copyfile(tone(make_clip, 1), folder / "一.mp4")
    outcome = run_task(task_in(folder), Ledger(folder / "out"), Store(folder / "cache"), silent)
    assert outcome.state == "delivered"
    return folder


@pytest.fixture
def folder(delivered: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    shutil.copytree(delivered, tmp_path / "copy", symlinks=True, copy_function=shutil.copy2)
    ledger = Ledger(tmp_path / "copy" / "out")
    known = ledger.find("一")
    assert known is not None
    ledger.write(replace(known, files=tuple(replace(seen, path=tmp_path / "copy" / "一.mp4") for seen in known.files)))
    return tmp_path / "copy"


@pytest.fixture
def no_convert(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Nothing is converted any more; what would have been is listed."""
    asked: list[object] = []

    def refuse(job: object, *_more: object) -> None:
        asked.append(job)
        raise NoModelError(name="m", file="f", folder="d")

    monkeypatch.setattr(work, "convert", refuse)
    return asked


def task_in(folder: Path, **changes: object) -> Task:
    return task_of(folder / "一.mp4", "一", options(folder, **changes))


def run_in(folder: Path, **changes: object) -> Outcome:
    return run_task(task_in(folder, **changes), Ledger(folder / "out"), Store(folder / "cache"), silent)


def test_the_outcome_says_what_the_report_says(folder: Path) -> None:
    outcome = Ledger(folder / "out").find("一")
    assert outcome is not None
    assert outcome.delivered is not None
    report = json.loads((folder / "out" / "一" / "report.json").read_text("utf-8"))
    assert outcome.delivered.sha256 == report["file"]["sha256"]
    assert outcome.delivered.source_sha256 == report["source"]["sha256"] == outcome.files[0].sha256
    assert outcome.delivered.duration_ms == 3000


def test_what_is_done_is_not_done_again(folder: Path, no_convert: list[object]) -> None:
    heard: list[BatchEvent] = []
    outcome = run_task(task_in(folder), Ledger(folder / "out"), Store(folder / "cache"), heard.append)
    assert (outcome.state, no_convert) == ("delivered", [])
    assert [event.reused for event in heard if isinstance(event, LectureEnded)] == [True]


def test_a_recording_that_was_only_touched_is_the_same(folder: Path, no_convert: list[object]) -> None:
    os.utime(folder / "一.mp4")
    os.utime(folder / "out" / "一" / "一.mp4")
    assert run_in(folder).state == "delivered"
    assert no_convert == []


def spoil_source(folder: Path) -> None:
    data = bytearray((folder / "一.mp4").read_bytes())
    data[-1] ^= 1
    (folder / "一.mp4").write_bytes(data)


def spoil_delivery(folder: Path) -> None:
    data = bytearray((folder / "out" / "一" / "一.mp4").read_bytes())
    data[-1] ^= 1
    (folder / "out" / "一" / "一.mp4").write_bytes(data)


def lose_delivery(folder: Path) -> None:
    shutil.rmtree(folder / "out" / "一")


def add_script(folder: Path) -> None:
    (folder / "一.txt").write_text("大家好。", "utf-8")


@pytest.mark.parametrize("spoil", [spoil_source, spoil_delivery, lose_delivery, add_script])
def test_what_changed_is_done_again(folder: Path, no_convert: list[object], spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    run_in(folder)
    assert len(no_convert) == 1


def test_other_options_are_another_lecture(folder: Path, no_convert: list[object]) -> None:
    run_in(folder, unit="学院")
    assert len(no_convert) == 1


def test_a_delivery_whose_note_a_kill_prevented_is_found(folder: Path, no_convert: list[object]) -> None:
    ledger = Ledger(folder / "out")
    known = ledger.find("一")
    assert known is not None
    ledger.write(replace(known, state="running", delivered=None, ended_utc=None))
    outcome = run_in(folder)
    assert (outcome.state, no_convert) == ("delivered", [])
    assert ledger.find("一") == outcome


def test_an_older_delivery_is_not_taken_for_this_runs(folder: Path, no_convert: list[object]) -> None:
    ledger = Ledger(folder / "out")
    known = ledger.find("一")
    assert known is not None
    ledger.write(replace(known, state="running", delivered=None, started_utc="2999-01-01T00:00:00+00:00"))
    run_in(folder)
    assert len(no_convert) == 1


def test_a_failure_of_this_machine_is_tried_again_by_itself(tmp_path: Path, no_convert: list[object]) -> None:
    (tmp_path / "一.mp4").write_text("x")
    for _ in range(2):
        assert run_in(tmp_path).failure is not None
    assert len(no_convert) == 2


def test_a_failure_of_the_lecture_stays_until_its_file_changes_or_a_person_asks(tmp_path: Path) -> None:
    (tmp_path / "一.mp4").write_text("no film")
    ledger = Ledger(tmp_path / "out")
    first = run_in(tmp_path)
    assert first.failure is not None
    assert first.failure.id == "input.not-media"
    assert settled(task_in(tmp_path), first, ledger.out) == first
    assert settled(task_in(tmp_path), first, ledger.out, retry_failed=True) is None
    (tmp_path / "一.mp4").write_text("still no film")
    assert settled(task_in(tmp_path), first, ledger.out) is None


def test_a_crash_is_contained_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr(work, "convert", crash)
    (tmp_path / "一.mp4").write_text("x")
    outcome = run_in(tmp_path)
    assert outcome.failure is not None
    assert (outcome.failure.id, outcome.failure.exit_code) == ("batch.crashed", 5)
    assert "by accident" in outcome.failure.message.show()
    assert "Traceback" in outcome.failure.log


def test_a_persons_stop_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "convert", stop)
    (tmp_path / "一.mp4").write_text("x")
    ledger = Ledger(tmp_path / "out")
    for _ in range(9):
        with pytest.raises(KeyboardInterrupt):
            run_in(tmp_path)
        assert not work.is_suspect(ledger.find("一"))


def test_a_lecture_that_takes_the_process_with_it_goes_last_and_is_set_aside(
    tmp_path: Path, no_convert: list[object]
) -> None:
    (tmp_path / "一.mp4").write_text("x")
    ledger = Ledger(tmp_path / "out")
    task = task_in(tmp_path)
    suspect = []
    for _ in range(6):
        begun = work._begun(task, ledger.find("一"), retry_failed=False)
        ledger.write(begun)  # and here the process dies
        suspect.append(work.is_suspect(begun))
    assert suspect == [False, True, True, True, True, True]
    outcome = run_in(tmp_path)
    assert outcome.failure is not None
    assert (outcome.failure.id, no_convert) == ("batch.fatal", [])
    run_task(task, ledger, Store(tmp_path / "cache"), silent, retry_failed=True)
    assert len(no_convert) == 1


def test_an_outcome_that_cannot_be_kept_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "一.mp4").write_text("x")
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(OutputUnwritableError):
        run_in(tmp_path)


def test_a_torn_outcome_counts_for_none(folder: Path) -> None:
    path = folder / "out" / ".weike-batch" / "一.json"
    path.write_bytes(path.read_bytes()[:100])
    assert Ledger(folder / "out").find("一") is None
