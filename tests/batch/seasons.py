"""Small lectures for tests of batches: clips of a few seconds, a quick preset, and runs of the command line."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.batch import BatchOptions
from pipeline.presets import load_preset

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "short-lecture.mp4"
MODEL = ROOT / "samples" / "demo-model" / "demo-zh.pt"
QUICK = """
id = "quick"
extends = "seu-2020"
[limits]
duration_min_s = 1.0
width_px = 320
height_px = 180
[encoder]
width_px = 320
height_px = 180
speed = "ultrafast"
segment_s = 1.0
[captions]
burn = false
[levels]
"subtitle.burned" = "note"
"register.name" = "advised"
"""

MakeClip = Callable[..., Path]


def tone(make_clip: MakeClip, number: int, seconds: float = 3) -> Path:
    """A recording with a tone of its own, so that no two are alike."""
    sound = f"aevalsrc=0.1*sin({300 + 40 * number}*2*PI*t):s=48000:d={seconds}"
    return make_clip(
        f"tone{number}.mp4",
        [
            *("-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={seconds}", "-f", "lavfi", "-i", sound),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac"),
        ],
    )


def spoken(make_clip: MakeClip) -> Path:
    """Six seconds of speech."""
    args = ["-t", "6", "-i", str(SAMPLE), "-s", "160x90", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
    return make_clip("spoken6.mp4", [*args, "-c:a", "aac"])


def quick_preset(folder: Path) -> Path:
    """The quick preset as a file."""
    path = folder / "quick.toml"
    path.write_text(QUICK)
    return path


def options(folder: Path, **changes: Any) -> BatchOptions:
    """Options with the quick preset, delivering to ``folder/out``."""
    return BatchOptions(folder / "out", load_preset(str(quick_preset(folder))), **changes)


def command(folder: Path, *args: str | Path) -> list[str]:
    """The command line of a batch in ``folder``."""
    shared = ["--preset", quick_preset(folder), "--cache", folder / "cache", "--out", folder / "out", "--model", MODEL]
    return [sys.executable, "-m", "pipeline.cli", "batch", *map(str, [*args, *shared])]


def environment(folder: Path) -> dict[str, str]:
    """English, and nothing of this person's own."""
    own = {"XDG_DATA_HOME": str(folder / "data"), "XDG_STATE_HOME": str(folder / "state"), "WEIKE_LANG": "en"}
    return {**os.environ, **own, "PYTHONPATH": str(ROOT)}


def run(folder: Path, *args: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a batch to its end."""
    return subprocess.run(
        command(folder, *args), env=environment(folder), cwd=folder, capture_output=True, text=True, timeout=280
    )


def season(folder: Path) -> dict[str, Any]:
    """What ``season.json`` says."""
    told: dict[str, Any] = json.loads((folder / "out" / "season.json").read_text("utf-8"))
    return told


def segment_puts(cache: Path) -> Counter[str]:
    """How often each segment was put into the store, over all runs."""
    lines = (cache / "artefacts" / "segments" / "sums").read_text().splitlines()
    return Counter(line.split()[0] for line in lines)
