"""A watched folder, and strangers who write to it."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.batch import BatchEvent, BatchNotice, LectureEnded, Ledger, Rhythm, Watch
from pipeline.batch import lectures as work
from pipeline.batch.watching import StillGrowing, copy_unchanged, spooled
from pipeline.errors import NotARegularFileError, NotMediaError
from pipeline.store import Store
from tests.batch.seasons import options, tone

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, pipes")


def watch(folder: Path, heard: list[BatchEvent], looks: int = 6) -> None:
    """Look a few times, a moment apart."""
    left = iter(range(looks))
    watched = Watch(folder / "in", options(folder), Store(folder / "cache"), heard.append, Rhythm(0.05, 0.1))
    watched.run(lambda: next(left, None) is None)


def ended(heard: list[BatchEvent]) -> list[tuple[str, str]]:
    return [(event.name, event.outcome.state) for event in heard if isinstance(event, LectureEnded)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def test_what_is_put_there_becomes_a_lecture_once(folder: Path, make_clip: Callable[..., Path]) -> None:
    shutil.copyfile(tone(make_clip, 1), folder / "in" / "第一讲.mp4")
    heard: list[BatchEvent] = []
    watch(folder, heard)
    assert ended(heard) == [("第一讲", "delivered")]
    assert (folder / "out" / "第一讲" / "第一讲.mp4").is_file()
    assert (folder / "out" / "index.html").is_file()
    assert list((folder / "cache" / "attempts").iterdir()) == [], "the copy is gone"
    watch(folder, heard)
    assert len(ended(heard)) == 1, "a restart does nothing twice"


def test_nothing_is_done_before_its_success_is_noted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_args: object) -> None:
        raise KeyboardInterrupt

    (folder / "in" / "a.mp4").write_text("x")
    monkeypatch.setattr(work, "convert", stop)
    with pytest.raises(KeyboardInterrupt):
        watch(folder, [])
    asked = []

    def refuse(job: object, *_args: object) -> None:
        asked.append(job)
        raise NotMediaError("a")

    monkeypatch.setattr(work, "convert", refuse)
    heard: list[BatchEvent] = []
    watch(folder, heard)
    assert ended(heard) == [("a", "failed")]
    watch(folder, heard)
    assert len(asked) == 1, "a failure waits until its file changes"
    (folder / "in" / "a.mp4").write_text("another")
    watch(folder, heard)
    assert len(asked) == 2


def test_a_growing_file_is_left_alone(folder: Path) -> None:
    path = folder / "in" / "a.mp4"
    path.write_bytes(b"x")
    heard: list[BatchEvent] = []
    left = iter(range(8))

    def is_over() -> bool:
        with path.open("ab") as file:
            file.write(b"x")
        return next(left, None) is None

    Watch(folder / "in", options(folder), Store(folder / "cache"), heard.append, Rhythm(0.05, 0.5)).run(is_over)
    assert ended(heard) == []


def test_nothing_but_regular_files_is_touched(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_text("a secret")
    (folder / "in" / "link.mp4").symlink_to(secret)
    os.link(secret, folder / "in" / "hard.mp4")
    os.mkfifo(folder / "in" / "pipe.mp4")
    (folder / "in" / "folder.mp4").mkdir()
    (folder / "in" / "empty.mp4").touch()
    heard: list[BatchEvent] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "in" / "socket.mp4"))
        watch(folder, heard)
    assert ended(heard) == []
    told = [event.message.show() for event in heard if isinstance(event, BatchNotice)]
    assert len(told) == 4, "each is told once"
    assert not list((folder / "out" / ".weike-batch").glob("*.json"))
    assert not [path for path in (folder / "out").rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


def test_a_file_that_is_exchanged_for_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "a.mp4").symlink_to(tmp_path / "secret")
    with pytest.raises(NotARegularFileError):
        copy_unchanged(tmp_path / "a.mp4", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_changes_while_it_is_copied_is_taken_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 100)
    copy = shutil.copyfileobj

    def meanwhile(source: object, target: object, length: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")
        copy(source, target, length)

    monkeypatch.setattr(shutil, "copyfileobj", meanwhile)
    with pytest.raises(StillGrowing):
        copy_unchanged(path, tmp_path / "copy")


def test_the_script_beside_a_recording_comes_along(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("film")
    (tmp_path / "a.txt").write_text("words")
    with spooled(tmp_path / "a.mp4", Store(tmp_path / "cache")) as copy:
        assert sorted(path.name for path in copy.parent.iterdir()) == ["a.mp4", "a.txt"]
    assert not copy.exists()


def test_two_recordings_that_differ_in_their_endings_are_two_lectures(folder: Path) -> None:
    for name in ("a.mp4", "a.mov"):
        (folder / "in" / name).write_text("no film")
    heard: list[BatchEvent] = []
    watch(folder, heard)
    assert sorted(ended(heard)) == [("a", "failed"), ("a mp4", "failed")]
    assert Ledger(folder / "out").find("a mp4") is not None
