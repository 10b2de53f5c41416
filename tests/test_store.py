import errno
import multiprocessing
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.errors import CacheUnwritableError, DiskFullError, OutputBusyError
from pipeline.presets import load_preset
from pipeline.records import Span
from pipeline.store import (
    SUMS,
    Store,
    file_sha256,
    is_as_made,
    key_of,
    noted_sums,
    require_free,
    this_machine,
)


@dataclass(frozen=True, slots=True)
class Sample:
    rate: Fraction
    spans: tuple[Span, ...]
    path: Path | None = None


def test_keys_depend_on_every_part_and_on_nothing_else() -> None:
    preset = load_preset()
    assert key_of("a", Fraction(1, 3), preset) == key_of("a", Fraction(1, 3), load_preset())
    other = preset.model_copy(update={"version": "2"})
    assert len({key_of("a", Fraction(1, 3), preset), key_of("a", Fraction(1, 3), other), key_of("a", preset)}) == 3


def test_a_store_stays_where_it_was_named_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    relative = Store(Path("kept"))
    monkeypatch.chdir("/")
    assert relative.file("sound", "a" * 32, ".txt", lambda path: path.write_text("一") and None).read_text() == "一"
    assert relative.root == tmp_path / "kept"


def test_a_file_is_made_once(store: Store) -> None:
    calls = []

    def make(path: Path) -> None:
        calls.append(path)
        path.write_text("x")

    first = store.file("kind", "k", ".txt", make)
    assert store.file("kind", "k", ".txt", make) == first
    assert len(calls) == 1
    assert first.read_text() == "x"


def test_a_proven_file_that_changed_is_made_again(store: Store) -> None:
    calls = []

    def make(path: Path) -> None:
        calls.append(path)
        path.write_text("x")

    kept = store.file("kind", "k", ".txt", make)
    store.file("kind", "k", ".txt", make, is_proven=True)
    assert len(calls) == 1
    kept.write_text("y")
    assert store.file("kind", "k", ".txt", make, is_proven=True).read_text() == "x"
    (kept.parent / "sums").unlink()
    store.file("kind", "k", ".txt", make, is_proven=True)
    store.file("kind", "k", ".txt", make, is_proven=True)
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("before", "after", "holds"),
    [
        ("", "", True),
        ("k.txt 9 {other}\n", "", True),
        ("", "k.txt 9 {other}\n", False),
        ("other.txt 1 12", "", False),
        ("", "k.txt 9", True),
        ("xk.txt 9 {other}\n", "xk.txt 9 {other}\n", True),
    ],
    ids=["alone", "noted again", "another since", "joined to a cut line", "cut short since", "neighbours"],
)
def test_the_last_whole_line_counts(store: Store, before: str, after: str, holds: bool) -> None:
    kept = store.file("kind", "k", ".txt", lambda path: path.write_bytes(b"x") and None)
    sums, other = kept.parent / SUMS, "0" * 64
    sums.write_text(before.format(other=other) + sums.read_text() + after.format(other=other))
    assert is_as_made(kept) is holds
    assert (noted_sums(kept.parent).get(kept.name) == (1, file_sha256(kept))) is holds


def test_a_failed_attempt_leaves_nothing(store: Store) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        store.file("kind", "k", ".txt", fail)
    assert not store.path("kind", "k", ".txt").exists()
    assert not list((store.root / "attempts").iterdir())


def test_records_come_back_equal(store: Store) -> None:
    record = Sample(Fraction(30000, 1001), (Span(0, 5),), Path("/x"))
    assert store.record("kind", "k", Sample, lambda: record) == record
    assert store.record("kind", "k", Sample, lambda: pytest.fail("made twice")) == record


def test_a_damaged_record_is_made_again(store: Store) -> None:
    record = Sample(Fraction(1), ())
    store.put_record("kind", "k", Sample, record)
    store.path("kind", "k", ".json").write_bytes(b'{"rate": ')
    assert store.record("kind", "k", Sample, lambda: record) == record
    assert store.find_record("kind", "k", Sample) == record


def test_leftovers_of_dead_processes_are_removed(tmp_path: Path) -> None:
    root = Store(tmp_path / "c").root
    child = multiprocessing.get_context("fork").Process(target=os._exit, args=(0,))
    child.start()
    child.join()
    dead, alive = root / "attempts" / f"{child.pid}-aaaa", root / "attempts" / f"{os.getpid()}-bbbb"
    dead.mkdir()
    alive.mkdir()
    Store(root)
    assert not dead.exists()
    assert alive.exists()


def test_what_another_machine_works_on_is_left_alone(tmp_path: Path) -> None:
    attempts = Store(tmp_path / "c").root / "attempts"
    elsewhere, old = attempts / "999999999-0badcafe-aaaa", attempts / "999999999-0badcafe-bbbb"
    mine = attempts / f"999999999-{this_machine()}-cccc"
    for folder in (elsewhere, old, mine):
        folder.mkdir()
    os.utime(old, (0, 0))
    Store(attempts.parent)
    assert [folder.exists() for folder in (elsewhere, old, mine)] == [True, False, False]


def test_two_runs_on_one_output(store: Store, tmp_path: Path) -> None:
    other = Store(store.root).exclusive(tmp_path / "out")
    with store.exclusive(tmp_path / "out"), pytest.raises(OutputBusyError):
        other.__enter__()
    with store.exclusive(tmp_path / "out"):
        pass


def test_too_little_space_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError) as caught:
        require_free(tmp_path, 10**18)
    assert caught.value.exit_code == 4


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CacheUnwritableError) as caught:
        Store(tmp_path / "file" / "cache")
    assert caught.value.exit_code == 2


def test_a_cache_disk_that_runs_full_is_named(store: Store) -> None:
    def fill(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFullError, match="cache"):
        store.file("kind", "k", ".txt", fill)
    assert not store.path("kind", "k", ".txt").exists()


def test_a_record_that_cannot_be_read_is_made_again(store: Store) -> None:
    store.path("kind", "k", ".json").mkdir(parents=True)
    assert store.find_record("kind", "k", Sample) is None
