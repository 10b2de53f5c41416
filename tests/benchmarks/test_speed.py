"""``make bench`` itself, on a picture of a hand's size: every row can be computed. Its figures mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.sources import ROOT
from tests.benchmarks.speed import GROUPS, page
from tests.benchmarks.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_row_can_be_computed(tmp_path: Path) -> None:
    argv = ["-m", "tests.benchmarks.speed", "--quick", "--folder", str(tmp_path), "--page", str(tmp_path / "page")]
    done = subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, timeout=1180)
    rows = json.loads((tmp_path / "quick.json").read_text("utf-8"))
    assert [row["id"] for row in rows if row["failure"]] == [], done.stdout + done.stderr
    assert done.returncode == 0
    assert {row["id"].partition("/")[0] for row in rows} == set(GROUPS)
    assert all(value >= 0 for row in rows for value in row["values"] if "vmaf" not in row["id"])
    told = (tmp_path / "page").read_text("utf-8")
    assert all(f"| `{row['id']}` |" in told for row in rows)


def test_a_failed_row_stands_on_the_page_with_its_reason() -> None:
    told = page([Row("whole/camera", "all", 1.1, failure="no room", when="2026-01-01 abc")])
    [line] = [line for line in told.splitlines() if line.startswith("| `whole/camera` | all |")]
    assert line.endswith("| failed | failed: no room |")
    assert "2026-01-01 abc" in told
    assert "{" not in told
