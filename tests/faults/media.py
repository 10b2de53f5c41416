"""The recordings that faults are tried on, made here by ffmpeg: tiny ones, of every usual container."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.media.graph import run_ffmpeg

SUBTITLES = "1\n00:00:00,200 --> 00:00:01,000\n同志们\n\n2\n00:00:01,100 --> 00:00:01,900\n今天我们学习\n"

_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "12")
_AAC = ("-c:a", "aac", "-b:a", "32k")
_SEEDS: dict[str, tuple[str, ...]] = {
    "a.mp4": (*_X264, *_AAC, "-movflags", "+faststart"),
    "b.mov": (*_X264, "-bf", "2", *_AAC),
    "c.mkv": (*_X264, *_AAC),
    "d.ts": (*_X264, *_AAC),
    "e.flv": (*_X264, *_AAC),
    "f.avi": ("-c:v", "mpeg4", "-c:a", "mp3"),
    "g.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "h.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "i.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "j.mp4": (
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=none",
        *_AAC,
        "-movflags",
        "frag_keyframe",
    ),
}
"""Ten seeds of mutants: containers and codecs of phones, cameras, screen recorders and old archives."""


def make_recording(path: Path, seconds: float = 2.0) -> Path:
    """Write a recording of a moving card and a tone; nobody speaks in it."""
    return _make(path, (*_X264, *_AAC), "320x180", seconds)


def make_seeds(folder: Path) -> list[Path]:
    """Write the seeds; one whose encoder is not here becomes MPEG-4 in its container."""
    return [_seed(folder / name, options) for name, options in _SEEDS.items()]


def _seed(path: Path, options: Sequence[str]) -> Path:
    from pipeline.errors import WeikeError

    try:
        return _make(path, options, "96x64", 1.0)
    except WeikeError:
        return _make(path, ("-c:v", "mpeg4", "-c:a", "aac"), "96x64", 1.0)


def _make(path: Path, options: Sequence[str], size: str, seconds: float) -> Path:
    sources = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}")
    sounds = ("-f", "lavfi", "-i", f"sine=f=440:r=48000:d={seconds}")
    run_ffmpeg([*sources, *sounds, "-ac", "2", "-pix_fmt", "yuv420p", *options, str(path)], subject=path)
    return path
