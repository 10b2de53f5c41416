import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.batch import (
    BatchEnded,
    BatchEvent,
    LectureEnded,
    LectureStarted,
    Ledger,
    exit_code_of,
    plan_folder,
    run_batch,
)
from pipeline.batch import lectures as work
from pipeline.batch.events import silent
from pipeline.errors import (
    EngineFailedError,
    FfmpegFailedError,
    NoModelError,
    NotMediaError,
    OutputBusyError,
    WeikeError,
)
from pipeline.season import Delivered, Failure, Outcome, SeasonRow
from pipeline.store import Store
from tests.batch.seasons import options


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number in range(5):
        (tmp_path / "in" / f"{number}.mp4").write_text("x")
    return tmp_path


def failing_with(failures: list[BaseException]) -> Callable[..., None]:
    left = iter(failures)

    def convert(*_args: object) -> None:
        raise next(left)

    return convert


def test_no_failure_stops_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [
        NotMediaError("a"),
        MemoryError(),
        EngineFailedError("a", reason="r"),
        RecursionError(),
        NotMediaError("b"),
    ]
    monkeypatch.setattr(work, "convert", failing_with(failures))
    heard: list[BatchEvent] = []
    wanted = options(folder)
    rows = run_batch(plan_folder(folder / "in", wanted), wanted, Store(folder / "cache"), heard.append)
    assert [row.failure.id for row in rows if row.failure] == [
        "input.not-media", "batch.crashed", "recognition.failed", "batch.crashed", "input.not-media"
    ]  # fmt: skip
    kinds = [type(event) for event in heard]
    assert kinds[1:-1] == [LectureStarted, LectureEnded] * 5
    assert kinds[-1] is BatchEnded
    assert {path.name for path in (folder / "out").iterdir()} == {
        ".weike-batch",
        "index.html",
        "season.xlsx",
        "season.json",
    }
    assert exit_code_of(rows) == 5


def test_the_report_is_written_when_a_person_stops_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "convert", failing_with([NotMediaError("a"), KeyboardInterrupt()]))
    wanted = options(folder)
    with pytest.raises(KeyboardInterrupt):
        run_batch(plan_folder(folder / "in", wanted), wanted, Store(folder / "cache"), silent)
    assert (folder / "out" / "season.json").is_file()
    with Ledger(folder / "out").held():
        pass


def test_two_batches_do_not_work_on_one_output(folder: Path) -> None:
    wanted = options(folder)
    tasks = plan_folder(folder / "in", wanted)
    refused = []

    def other() -> None:
        try:
            run_batch(tasks, wanted, Store(folder / "cache"), silent)
        except OutputBusyError as error:
            refused.append(error.exit_code)

    with Ledger(folder / "out").held():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert refused == [2]


def test_what_may_be_fatal_goes_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "convert", failing_with([NotMediaError("a")] * 5))
    wanted = options(folder)
    tasks = plan_folder(folder / "in", wanted)
    ledger = Ledger(folder / "out")
    for _ in range(2):
        ledger.write(work._begun(tasks[0], ledger.find(tasks[0].name), retry_failed=False))
    heard: list[BatchEvent] = []
    run_batch(tasks, wanted, Store(folder / "cache"), heard.append)
    assert [event.name for event in heard if isinstance(event, LectureStarted)] == ["1", "2", "3", "4", "0"]


def row(*, compliant: bool = True, failure: WeikeError | None = None) -> SeasonRow:
    made = Delivered(
        "a", "a.mp4", "0", "0", 1, 1, 1, "quick", compliant, () if compliant else ("duration.range",), 0, 0, 0, 0, "t"
    )
    told = failure and Failure(failure.id, failure.exit_code, failure.message, failure.advice)
    state = "failed" if failure else "delivered"
    outcome = Outcome("a", state, "k", (), "t", delivered=None if failure else made, failure=told)
    return SeasonRow("a", None, None, None, (), None, outcome, (), None, None)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row()], 0),
        ([row(), row(compliant=False)], 10),
        ([row(compliant=False), row(failure=NotMediaError("a"))], 3),
        ([row(failure=NotMediaError("a")), row(failure=EngineFailedError("a", reason="r"))], 6),
        ([row(failure=EngineFailedError("a", reason="r")), row(failure=FfmpegFailedError("a", reason="r"))], 5),
        (
            [
                row(failure=FfmpegFailedError("a", reason="r")),
                row(failure=NoModelError(name="m", file="f", folder="d")),
            ],
            4,
        ),
    ],
)
def test_the_gravest_failure_gives_the_exit_code(rows: list[SeasonRow], code: int) -> None:
    assert exit_code_of(rows) == code
