"""A file that every rule passes, as measurements, and helpers that change one thing in it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.presets import Preset, load_preset
from pipeline.records import (
    AudioStream,
    Cue,
    Finding,
    GopStructure,
    Loudness,
    Measurements,
    Opening,
    OpeningText,
    ReadBack,
    Recording,
    Span,
    VideoStream,
)
from pipeline.rules import judge

LENGTH_S = 1000
SEU = load_preset("seu-2020")
MOOC = load_preset("mooc")

VIDEO = VideoStream(
    index=0, codec="h264", profile="High", level=40, width=1920, height=1080, sar=Fraction(1), rotation=0,
    is_mirrored=False, pixel_format="yuv420p", bit_depth=8, is_full_range=False, primaries="bt709", transfer="bt709",
    matrix="bt709", is_interlaced=False, field_order="progressive", frame_rate=Fraction(25), is_constant_rate=True,
    frame_count=25 * LENGTH_S, start_s=Fraction(0), end_s=Fraction(LENGTH_S), time_base=Fraction(1, 12800),
    bit_rate_bps=2_000_000, keyframe_interval_max_s=Fraction(2), is_seekable=True,
)  # fmt: skip
AUDIO = AudioStream(
    index=1, codec="aac", profile="LC", sample_rate_hz=48000, channels=2, channel_layout="stereo", start_s=Fraction(0),
    end_s=Fraction(LENGTH_S), bit_rate_bps=160_000, language="chi", is_default=True,
)  # fmt: skip
RECORDING = Recording(
    path=Path("lecture.mp4"), sha256="0" * 64, size_bytes=300_000_000, container="mov,mp4,m4a,3gp,3g2,mj2", video=VIDEO,
    audio=AUDIO, other_streams=(), origin_s=Fraction(0), duration_s=Fraction(LENGTH_S), has_moov_first=True,
    has_edit_list=False,
)  # fmt: skip


def cue(start_ms: int, end_ms: int, text: str = "我们一起学习", screen: str | None = None) -> Cue:
    return Cue(start_ms, end_ms, text, screen or text, None)


CUES = tuple(cue(n * 3000, n * 3000 + 2800) for n in range(4))
READS = tuple(ReadBack(n + 1, c.start_ms + 1400, c.text, c.text, 1.0, None) for n, c in enumerate(CUES))
OPENING = Opening(
    tuple(OpeningText(*pair, 1.0, 1000) for pair in (("title", "不忘初心"), ("speaker", "张三"), ("unit", "机械学院"))),
    1000,
)
GOOD = Measurements(
    recording=RECORDING, pts_deltas_equal=True, gop=GopStructure(2.0, True, True), loudness=Loudness(-16.0, 5.0, -1.6),
    clipped_runs=0, dead_channels=(), is_phase_inverted=False, black=(), frozen=(), silent=(), flashes=(),
    bars=(0, 0, 0, 0), speech=(Span(0, 11800),), cues=CUES, sidecar=Path("lecture.srt"), sidecar_problems=(),
    read_backs=READS, decode_errors=0, major_brand="isom", opening=OPENING,
)  # fmt: skip


def with_video(**changes: Any) -> Measurements:
    return replace(GOOD, recording=replace(RECORDING, video=replace(VIDEO, **changes)))


def with_audio(**changes: Any) -> Measurements:
    return replace(GOOD, recording=replace(RECORDING, audio=replace(AUDIO, **changes)))


def with_recording(**changes: Any) -> Measurements:
    return replace(GOOD, recording=replace(RECORDING, **changes))


def finding(rule: str, measurements: Measurements, preset: Preset = SEU) -> Finding:
    return next(found for found in judge(measurements, preset) if found.rule == rule)
