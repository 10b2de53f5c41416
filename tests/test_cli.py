"""The command line as a person meets it: real processes, real exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "samples" / "demo-model" / "demo-zh.pt"


@pytest.fixture
def weike(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Return a runner of the command line with a private cache, speaking English."""
    environment = {**os.environ, "WEIKE_LANG": "en", "XDG_CACHE_HOME": str(tmp_path / "xdg")}

    def call(*args: str | Path, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *map(str, args)],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT), **extra},
            capture_output=True,
            text=True,
            timeout=250,
        )

    return call


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['weike', '--help']\n"
        "from pipeline.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'whisper', 'moviepy', 'numpy', 'av', 'pydantic', 'rich', 'tqdm'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "convert" in done.stdout


def test_presets_are_shown(weike: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    assert [p["id"] for p in json.loads(weike("presets", "--json").stdout)] == ["seu-2020", "moe-2020", "mooc"]
    shown = weike("presets", "seu-2020").stdout
    assert "duration_max_s = 1200.0" in shown
    assert "package.names        required  校党组〔2020〕13号三" in shown
    assert "[package]" not in weike("presets", "mooc").stdout


BAD = {
    "missing": ("input.missing", 3),
    "folder": ("input.not-a-file", 3),
    "pipe": ("input.not-a-file", 3),
    "empty": ("input.empty", 3),
    "text": ("input.not-media", 3),
    "playlist": ("input.not-media", 3),
    "truncated": ("input.truncated", 3),
    "sound": ("input.no-picture", 3),
}


def bad_file(kind: str, folder: Path, make_clip: Callable[..., Path]) -> Path:
    path = folder / f"{kind} 文件.mp4"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "truncated":
        whole = make_clip("whole.mp4", ["-f", "lavfi", "-i", "testsrc2=d=3", "-c:v", "libx264"])
        path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    elif kind == "sound":
        sound = make_clip("sound.m4a", ["-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac"])
        path.write_bytes(sound.read_bytes())
    elif kind != "missing":
        path.write_text({"empty": "", "text": "not a video", "playlist": "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"}[kind])
    return path


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_ends_in_one_clear_sentence(
    kind: str, weike: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    reason, code = BAD[kind]
    path = bad_file(kind, tmp_path, make_clip)
    done = weike("convert", path, "--out", tmp_path / "out", "--model", MODEL)
    assert done.returncode == code
    assert f"[{reason}]" in done.stderr
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 3
    assert not list((tmp_path / "out").glob("*"))


def test_an_output_that_is_not_ours_is_left_alone(
    weike: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path
) -> None:
    theirs = tmp_path / "out" / "a"
    theirs.mkdir(parents=True)
    (theirs / "thesis.txt").write_text("mine")
    done = weike("convert", tmp_path / "a.mp4", "--out", tmp_path / "out", "--model", MODEL)
    assert done.returncode == 2
    assert "[output.exists]" in done.stderr
    assert (theirs / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("args", [["convert"], ["convert", "a.mp4", "--nonsense"], ["nonsense"], ["presets", "nobody"]])
def test_wrong_usage_ends_with_2(weike: Callable[..., "subprocess.CompletedProcess[str]"], args: list[str]) -> None:
    assert weike(*args).returncode == 2


def test_errors_speak_chinese(weike: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path) -> None:
    done = weike("check", tmp_path / "没有.mp4", WEIKE_LANG="zh")
    assert f"文件 {tmp_path / '没有.mp4'} 不存在。" in done.stderr


def test_doctor_tells_what_there_is(weike: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path) -> None:
    done = weike("doctor", "--json", WEIKE_MODELS=str(tmp_path))
    checks = {check["id"]: check for check in json.loads(done.stdout)}
    assert checks["ffmpeg.used"]["state"] == "ok"
    assert checks["font"]["state"] == "ok"
    assert "libx264" in checks["encoders"]["found"]
    assert checks["model.default"]["state"] == "missing"
    assert "large-v3-turbo.pt" in checks["model.default"]["advice"]
    assert done.returncode == 4
