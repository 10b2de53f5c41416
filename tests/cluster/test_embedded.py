"""A batch is one process without a server: nothing of Dask is even imported for it."""

import subprocess
import sys
from pathlib import Path

from tests.batch.seasons import ROOT, environment

SCRIPT = """
import sys
from pipeline import cli
sys.argv = ["weike", "batch", {folder!r}, "--out", {out!r}, "--cache", {cache!r}]
try:
    cli.main()
finally:
    print("LOADED", sorted({{name.partition(".")[0] for name in sys.modules}} & {{"dask", "distributed", "tornado"}}))
"""


def test_a_batch_imports_no_distributed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.mp4").write_text("no recording")
    places = {name: str(tmp_path / name) for name in ("out", "cache")}
    script = SCRIPT.format(folder=str(tmp_path / "in"), **places)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 3, done.stderr
    assert "LOADED []" in done.stdout
