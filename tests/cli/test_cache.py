import json
import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.store import Store


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    for number in range(3):
        path = store.file("segments", f"key{number}", ".mp4", lambda path: path.write_bytes(b"x" * 1000))
        then = time.time() - 3 * 24 * 3600
        os.utime(path, (then, then))
    return tmp_path


def ask(cache: Path, *options: str) -> dict:
    done = CliRunner().invoke(app, ["cache", "--cache", str(cache), "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_it_lists_what_the_cache_holds(cache: Path) -> None:
    assert ask(cache)["kinds"] == [{"kind": "segments", "files": 3, "bytes": 3000}]


def test_a_damaged_file_is_named_and_gone(cache: Path) -> None:
    damaged = Store(cache).path("segments", "key1", ".mp4")
    damaged.write_bytes(b"y" * 1000)
    assert ask(cache, "--verify")["damaged"] == [str(damaged)]
    assert not damaged.exists()


def test_pruning_keeps_as_much_as_was_asked(cache: Path) -> None:
    assert len(ask(cache, "--prune", "--keep-gb", "0.000002")["pruned"]) == 1
    assert len(ask(cache, "--prune")["pruned"]) == 2


def test_it_speaks_to_people(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIKE_LANG", "en")
    done = CliRunner().invoke(app, ["cache", "--cache", str(cache), "--verify", "--prune"])
    assert "3 whole, 0 damaged and removed" in done.output
    assert "3 files removed" in done.output
