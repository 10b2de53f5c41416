"""Clips of every kind, made by the ffmpeg under test from cards and beeps."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from pipeline.media.graph import run_ffmpeg
from tests.media.rendering.test_picture import MATRICES, with_matrix
from tests.truth import beeps
from tests.truth.card import draw
from tests.truth.kinds import Kind
from tests.truth.light import as_signal

_FLASH_S = 0.1
_RED = ["-f", "lavfi", "-i", "color=red:s=64x36:r=10:d=1"]
_SRT = "1\n00:00:01,000 --> 00:00:02,000\n不忘初心\n"


def make(kind: Kind, folder: Path) -> Path:
    """Return a clip of that kind in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{kind.name}{kind.suffix}"
    first = folder / f"whole{kind.suffix}" if kind.cut_s or kind.turn else out
    run_ffmpeg([*_inputs(kind, folder), *_maps(kind), "-filter:v:0", _filters(kind), *kind.codecs, *_company(kind),
                str(first)], subject=out)  # fmt: skip
    if kind.cut_s:
        args = ["-ss", str(kind.cut_s), "-i", str(first), "-map", "0", "-c", "copy"]
        run_ffmpeg([*args, str(out)], subject=out)
    if kind.turn:
        with_matrix(first, MATRICES[kind.turn], out)
    (folder / "card.rgb").unlink()
    return out


def settled(kind: Kind, clip: Path) -> Kind:
    """Return the kind with what the file itself says about the start of its sound."""
    if not kind.delay_s or kind.suffix == ".avi":  # AVI tells decoding times alone
        return kind
    with av.open(str(clip)) as container:
        picture = container.streams.video[0]
        packets = container.demux(picture)
        starts = [packet.pts * packet.time_base for packet in packets if packet.pts is not None]
    with av.open(str(clip)) as container:
        frame = next(container.decode(audio=(kind.audio_track or len(kind.sounds)) - 1))
        assert frame.pts is not None
        assert frame.time_base is not None
        apart = min(starts) - frame.pts * frame.time_base
    is_unsaid = apart - (kind.picture_at - kind.sound_at) > kind.delay_s / 2
    return replace(kind, lead_s=kind.delay_s) if is_unsaid and apart > 0 else kind


def is_lit(time_s: float) -> bool:
    """Return whether the card flashes at that time of its own clock: for a tenth of each second from 1 on."""
    return time_s >= 1 - 1e-9 and (time_s + 1e-9) % 1 < _FLASH_S


def _inputs(kind: Kind, folder: Path) -> list[str]:
    raw = folder / "card.rgb"
    width, height = _draw_all(kind, raw)
    form = "rgb24" if kind.light == "sdr" else "rgb48le"
    rate = f"{kind.rate.numerator}/{kind.rate.denominator}"
    args = [*kind.before_picture, "-f", "rawvideo", "-pix_fmt", form, "-s", f"{width}x{height}", "-framerate", rate]
    args += ["-i", str(raw)]
    for number, name in enumerate(kind.sounds):
        args += [*kind.before_sound, "-i", str(_sound(kind, name, folder / f"{number}.wav"))]
    for name in kind.more:
        args += _more(name, folder)
    return args


def _draw_all(kind: Kind, raw: Path) -> tuple[int, int]:
    """Write all cards, those that the recorder drops too; return width and height as stored."""
    stored = kind.size
    with raw.open("wb") as file:
        for number in range(round(kind.seconds * kind.rate)):
            card = draw(number, kind.size, is_lit=is_lit(float(number / kind.rate)))
            if kind.turn:
                card = _as_stored(card, MATRICES[kind.turn])
                stored = card.shape[1], card.shape[0]
            file.write(as_signal(card, kind.light))
    return stored


def _as_stored(shown: np.ndarray, matrix: tuple[int, ...]) -> np.ndarray:  # type: ignore[type-arg]
    """Return the picture of which a stored point (x, y) is shown at (ax + cy, bx + dy)."""
    a, b, c, d = matrix
    height, width = shown.shape[:2] if a else shown.shape[1::-1]
    y, x = np.mgrid[:height, :width]
    column, row = a * x + c * y, b * x + d * y
    return shown[row - row.min(), column - column.min()]


def _sound(kind: Kind, name: str, path: Path) -> Path:
    rate, channels = (8000 if name == "8k" else 48000), {"mono": 1, "8k": 1, "5.1": 6}.get(name, 2)
    shift_s, hz = (0.5, 600) if name == "other" else (0, 1000)
    seconds = kind.sound_s if name == kind.used_sound else kind.seconds
    return beeps.write(path, seconds, rate=rate, channels=channels, shift_s=shift_s, hz=hz)


def _more(name: str, folder: Path) -> list[str]:
    if name == "subtitles":
        (folder / "in.srt").write_text(_SRT, "utf-8")
        return ["-i", str(folder / "in.srt")]
    if name == "cover":
        run_ffmpeg([*_RED, "-frames:v", "1", str(folder / "cover.png")], subject=folder)
        return ["-i", str(folder / "cover.png")]
    return _RED


def _maps(kind: Kind) -> list[str]:
    inputs = range(1 + len(kind.sounds) + len(kind.more))
    return [arg for number in inputs for arg in ("-map", str(number))]


def _filters(kind: Kind) -> str:
    chain = []
    if kind.jitter_s:
        chain += ["settb=1/90000", f"setpts=PTS+mod(7*N\\,5)*{float(kind.jitter_s)}/TB"]
    if kind.dropped:
        chain.append("select=not(" + "+".join(rf"between(n\,{a}\,{b})" for a, b in kind.dropped) + ")")
    if kind.matrix != "rgb":
        out_range = "full" if kind.is_full_range else "limited"
        matrix = f"out_color_matrix={kind.matrix}:out_range={out_range}"
        chain.append(f"scale=flags=area+accurate_rnd+full_chroma_int:{matrix}")
    chain += [f"format={kind.pixels}", *kind.filters]
    if kind.marks:
        chain.append(f"setparams={kind.marks}")
    return ",".join(chain)


def _company(kind: Kind) -> list[str]:
    args = []
    if "cover" in kind.more:
        args += ["-c:v:1", "copy", "-disposition:v:1", "attached_pic"]
    if "empty" in kind.more:
        args += ["-filter:v:1", "select=0"]
    if "subtitles" in kind.more:
        args += ["-c:s", "mov_text" if kind.suffix == ".mp4" else "subrip"]
    return args
