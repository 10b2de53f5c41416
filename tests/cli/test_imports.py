"""Nothing heavy is imported before it is needed: what is done before costs neither the work nor the packages for it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"torch", "whisper", "faster_whisper", "ctranslate2", "moviepy", "onnxruntime", "cv2", "rapidocr"}
PROBE = """
import json, runpy, sys
sys.argv = ["weike", *sys.argv[1:]]
try:
    runpy.run_module("pipeline.cli", run_name="__main__")
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]), file=sys.stderr)
"""
CLIP = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=3", "-f", "lavfi"]
SOUND = ["-i", "aevalsrc=0.1*sin(440*2*PI*t):s=48000:d=3", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
SRT = "1\n00:00:00,500 --> 00:00:02,500\n同学们好\n"


def imported_by(*args: object) -> set[str]:
    """Return the packages that a command of the command line imports; it must end as one that works."""
    argv = [sys.executable, "-c", PROBE, *map(str, args)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=280)
    code, names = json.loads(done.stderr.splitlines()[-1])
    assert code in {0, 10}, done.stderr
    return set(names)


def test_help_imports_nothing_heavy() -> None:
    assert not imported_by("--help") & (HEAVY | {"numpy", "av"})


def test_burning_what_was_burned_before_imports_nothing_heavy(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    clip = make_clip("burned.mp4", [*CLIP, *SOUND])
    (tmp_path / "x.srt").write_text(SRT, "utf-8")
    burn = ("burn", clip, tmp_path / "x.srt", "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    assert imported_by(*burn) & HEAVY, "the first time voice activity is looked for and subtitles are read back"
    assert not imported_by(*burn) & HEAVY
