"""Recordings for the speed benchmark: a minute or less is drawn and encoded, then repeated by copying packets."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from pipeline.media.rendering.fonts import find_font
from pipeline.presets import load_preset
from pipeline.store import key_of
from tests.benchmarks.painting import Look, frames

ROOT = Path(__file__).parents[2]
VERSION = 1
"""Raised when a source changes, so that kept ones are made anew."""
_SPEECH = ROOT / "samples" / "raw-lecture.mp4"
_SENTENCES = ROOT / "samples" / "demo-model" / "train" / "sentences.txt"
_CUE_S, _SHOWN_S = 4.0, 3.4
_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "24", "-tag:v", "hvc1", "-x265-params", "log-level=error")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of recording."""

    name: str
    what: str
    size: tuple[int, int]
    rate: int
    is_filmed: bool
    codec: tuple[str, ...]
    base_s: int
    """Length that is drawn."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("camera", "1080p30, slides, a moving lecturer, camera noise", (1920, 1080), 30, True, _X264, 60),
        Kind("camera-4k", "the same in 4K HEVC", (3840, 2160), 30, True, _X265, 10),
        Kind("slides", "720p30, slides alone", (1280, 720), 30, False, _X264, 60),
        Kind("still", "1080p30, slides alone", (1920, 1080), 30, False, _X264, 30),
        Kind("still-4k", "4K HEVC at 25 frames a second, slides alone", (3840, 2160), 25, False, _X265, 20),
        Kind("tiny", "180 lines, to try the benchmark itself", (320, 180), 25, True, _X264, 2),
    )
}


@dataclass(frozen=True, slots=True)
class Source:
    """A recording and its subtitles."""

    kind: Kind
    length_s: int
    video: Path
    srt: Path

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.length_s * self.kind.rate


def make_source(kind: Kind, length_s: int, folder: Path, ffmpeg: Path) -> Source:
    """Return the recording of that kind and length, made in ``folder`` unless it is there.

    Raises:
        ValueError: the length is no multiple of what is drawn, or its time stamps are not those of one picture.
    """
    if length_s % kind.base_s:
        raise ValueError(f"{length_s} s is no multiple of {kind.base_s} s")
    name = f"{kind.name}-{length_s}s-{key_of(VERSION, kind)[:8]}"
    source = Source(kind, length_s, folder / f"{name}.mp4", folder / f"{name}.srt")
    write_cues(source.srt, length_s)
    if not source.video.exists():
        folder.mkdir(parents=True, exist_ok=True)
        base, sound = _base(kind, folder, ffmpeg), _sound(length_s, folder, ffmpeg)
        part = folder / f"{name}.part.mp4"
        loop = ("-stream_loop", str(length_s // kind.base_s - 1), "-i", str(base), "-i", str(sound))
        _run(ffmpeg, (*loop, "-map", "0:v", "-map", "1:a", "-c", "copy", str(part)))
        require_steady(part, kind.rate, source.frames)
        part.rename(source.video)
    return source


def require_steady(video: Path, rate: int, count: int) -> None:
    """Refuse a picture whose frames are not ``count``, evenly spaced, in decoding order without a step back.

    Raises:
        ValueError: what is wrong.
    """
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        packets = [packet for packet in container.demux(stream) if packet.size]
        shown = sorted(packet.pts * stream.time_base for packet in packets if packet.pts is not None)
        decoded = [packet.dts for packet in packets if packet.dts is not None]
    if len(shown) != count:
        raise ValueError(f"{len(shown)} frames instead of {count}")
    if any(later <= sooner for sooner, later in pairwise(decoded)):
        raise ValueError("decoding times go back")
    if any(time - shown[0] != Fraction(number, rate) for number, time in enumerate(shown)):
        raise ValueError("frames are not evenly spaced")


def sentences() -> tuple[str, ...]:
    """Return sentences of 14 to 18 characters."""
    lines = _SENTENCES.read_text("utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#") and 14 <= len(line) <= 18)


def write_cues(path: Path, length_s: int, changed: Sequence[float] = ()) -> None:
    """Write a cue every four seconds; those nearest to the shares of ``changed`` (0 to 1) have another text."""
    texts = sentences()
    step = min(_CUE_S, length_s / 4)
    count = int(length_s / step)
    other = {round(share * (count - 1)) for share in changed}
    cues = []
    for number in range(count):
        start = number * step + step / 20
        text = texts[(number + (len(texts) // 2 if number in other else 0)) % len(texts)]
        cues.append(f"{number + 1}\n{_clock(start)} --> {_clock(start + step * _SHOWN_S / _CUE_S)}\n{text}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(cues), "utf-8")


def _clock(time_s: float) -> str:
    ms = round(time_s * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def _base(kind: Kind, folder: Path, ffmpeg: Path) -> Path:
    """Return the picture that is repeated."""
    path = folder / f"base-{kind.name}-{key_of(VERSION, kind)[:8]}.mp4"
    if path.exists():
        return path
    part = path.with_suffix(".part.mp4")
    font = find_font(load_preset().captions.font)
    look = Look(*kind.size, str(font.path), sentences(), kind.is_filmed)
    size = "x".join(map(str, kind.size))
    raw = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-framerate", str(kind.rate), "-i", "-")
    marks = ("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    encoder = subprocess.Popen(
        [ffmpeg, "-v", "error", "-y", *raw, *kind.codec, *marks, str(part)], stdin=subprocess.PIPE
    )
    assert encoder.stdin is not None
    with encoder.stdin as pipe:
        for frame in frames(look, kind.rate, kind.rate * kind.base_s):
            pipe.write(frame)
    if encoder.wait():
        raise ValueError(f"ffmpeg cannot make {kind.name}")
    part.rename(path)
    return path


def _sound(length_s: int, folder: Path, ffmpeg: Path) -> Path:
    """Return the sample lecture's speech, repeated to that length."""
    path = folder / f"sound-{length_s}s-{VERSION}.m4a"
    if not path.exists():
        part = path.with_suffix(".part.m4a")
        speech = ("-stream_loop", "-1", "-i", str(_SPEECH), "-vn", "-t", str(length_s))
        _run(ffmpeg, (*speech, "-ar", "48000", "-ac", "2", "-c:a", "aac", "-b:a", "128k", str(part)))
        part.rename(path)
    return path


def _run(ffmpeg: Path, args: Sequence[str]) -> None:
    done = subprocess.run([ffmpeg, "-v", "error", "-y", "-nostdin", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip()[-300:])
