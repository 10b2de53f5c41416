import os
import time
from pathlib import Path

import pytest

from pipeline.housekeeping import artefacts, kinds, prune, verify
from pipeline.store import SUMS, Store

DAY_S = 24 * 3600


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    for number, (kind, size) in enumerate([("segments", 4000), ("segments", 3000), ("sound", 500)]):
        made.file(kind, f"key{number}", ".bin", lambda path, size=size: path.write_bytes(b"x" * size))
    return made


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))


def test_it_lists_what_there_is_the_largest_first(store: Store) -> None:
    assert [(kind.name, kind.count, kind.size_bytes) for kind in kinds(store)] == [
        ("segments", 2, 7000),
        ("sound", 1, 500),
    ]


def test_a_damaged_artefact_is_found_and_made_again(store: Store) -> None:
    path = store.path("segments", "key0", ".bin")
    path.write_bytes(b"y" * 4000)
    found = verify(store)
    assert (found.whole, found.damaged, found.unknown) == (2, (path,), ())
    store.file("segments", "key0", ".bin", lambda fresh: fresh.write_bytes(b"x" * 4000))
    assert verify(store).whole == 3


def test_an_artefact_without_a_sum_is_named_and_kept(store: Store) -> None:
    sums = store.root / "artefacts" / "segments" / SUMS
    sums.write_text(sums.read_text().splitlines()[0] + "\nkey1.bin 30")
    found = verify(store)
    assert found.unknown == (store.path("segments", "key1", ".bin"),)
    assert found.unknown[0].exists()


def test_pruning_takes_the_longest_unused_first_and_stops_at_the_size(store: Store) -> None:
    age(store.path("segments", "key1", ".bin"), 5)
    age(store.path("segments", "key0", ".bin"), 3)
    gone = prune(store, keep_bytes=5000)
    assert [artefact.path.name for artefact in gone] == ["key1.bin"]
    assert sum(artefact.size_bytes for artefact in artefacts(store)) == 4500


def test_what_was_used_today_is_never_pruned(store: Store) -> None:
    age(store.path("segments", "key0", ".bin"), 3)
    store.file("segments", "key0", ".bin", lambda path: path.write_bytes(b""))
    assert prune(store) == ()


def test_only_what_was_unused_for_so_long_goes(store: Store) -> None:
    age(store.path("segments", "key0", ".bin"), 40)
    age(store.path("sound", "key2", ".bin"), 20)
    assert [artefact.path.name for artefact in prune(store, unused_s=30 * DAY_S)] == ["key0.bin"]
