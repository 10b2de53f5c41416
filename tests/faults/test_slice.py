"""A small slice of ``make test-faults``, in one process of its own, since its cases fork."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.run import PARTS, SLICE

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the cases fork and look into /proc"),
    pytest.mark.xdist_group("faults"),
]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("faults")
    command = [sys.executable, "-m", "tests.faults.run", "--slice", "--json", folder / "counts", "--folder", folder]
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert (folder / "counts").exists(), done.stdout + done.stderr
    return json.loads((folder / "counts").read_text("utf-8"))


@pytest.mark.parametrize("part", PARTS)
def test_no_fault_does_harm(counts: dict[str, Any], part: str) -> None:
    found = counts["parts"][part]
    assert found["violations"] == []
    if part == "disks" and any(note.startswith("disks") for note in counts["notes"]):
        pytest.skip("mounting is not allowed here")
    assert found["cases"] > 0


def test_kills_killed_and_errors_were_told(counts: dict[str, Any]) -> None:
    assert counts["parts"]["kills"]["endings"]["killed"] > 20
    assert {"disk.full", "output.unwritable"} <= set(counts["parts"]["errors"]["endings"])


def test_exactly_one_wins_each_round(counts: dict[str, Any]) -> None:
    endings = counts["parts"]["races"]["endings"]
    assert endings == {f"1 ok, {SLICE.runners - 1} output.busy": SLICE.rounds}


def test_most_mutants_are_read_and_some_refused(counts: dict[str, Any]) -> None:
    endings = counts["parts"]["mutants"]["endings"]
    assert endings["ok"] > 50
    assert len(endings) > 1


def test_nobody_else_s_process_is_ended(counts: dict[str, Any]) -> None:
    assert counts["decoy"] is True
