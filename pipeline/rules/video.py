"""The picture's stream: codec, raster, geometry, rate, structure, colour."""

from fractions import Fraction

from pipeline.presets import Preset
from pipeline.records import GopStructure, Measurements, VideoStream
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message
from pipeline.timing import STANDARD_RATES

HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_PROGRESSIVE = frozenset({"progressive", "unknown"})
_NO_PICTURE = N_("The file holds no picture.")

_LEVELS = (
    (10, 1_485, 99),
    (11, 3_000, 396),
    (12, 6_000, 396),
    (13, 11_880, 396),
    (20, 11_880, 396),
    (21, 19_800, 792),
    (22, 20_250, 1_620),
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (41, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
)
"""H.264 level × 10, most macroblocks a second, most a frame. Source: ITU-T H.264, table A-1."""


@rule("video.codec")
def video_codec(measurements: Measurements, _preset: Preset) -> Verdict:
    """H.264, and it decodes to its end without an error."""
    video = measurements.recording.video
    if video is None:
        return Verdict("fail", None, "h264", detail=Message(N_("The file holds no picture. Deliver a video.")))
    if video.codec != "h264":
        detail = Message(N_("The picture is coded as {codec}. Encode it again as H.264."), {"codec": video.codec})
        return Verdict("fail", video.codec, "h264", detail=detail)
    errors = measurements.decode_errors
    if errors:
        detail = Message(
            N_("Decoding the picture met {count} errors: the file is damaged or cut off. Export or copy it again."),
            {"count": str(errors)},
        )
        return Verdict("fail", f"h264, ✗ {errors}", "h264, ✗ 0", detail=detail)
    return Verdict("pass", "h264", "h264")


@rule("video.raster")
def video_raster(measurements: Measurements, preset: Preset) -> Verdict:
    """Width and height as coded: exact, or a least height where the preset says so."""
    limits, video = preset.limits, measurements.recording.video
    least = "≥ " if limits.is_raster_minimum else ""
    expected = f"{least}{limits.width_px}×{limits.height_px}"
    if video is None:
        return _no_picture(expected)
    measured = f"{video.width}×{video.height}"
    size = (video.width, video.height)
    if limits.is_raster_minimum:
        is_right = size[0] >= limits.width_px and size[1] >= limits.height_px
    else:
        is_right = size == (limits.width_px, limits.height_px)
    if is_right:
        return Verdict("pass", measured, expected, "px")
    detail = Message(
        N_("The picture is {measured} pixels; {expected} is asked. Export it again at that size."),
        {"measured": measured, "expected": expected},
    )
    return Verdict("fail", measured, expected, "px", detail=detail)


@rule("video.geometry")
def video_geometry(measurements: Measurements, _preset: Preset) -> Verdict:
    """Square pixels, no rotation or mirroring left to the player."""
    video, expected = measurements.recording.video, "SAR 1:1, 0°"
    if video is None:
        return _no_picture(expected)
    mirrored = ", ⇋" if video.is_mirrored else ""
    measured = f"SAR {video.sar.numerator}:{video.sar.denominator}, {video.rotation}°{mirrored}"
    if video.sar == 1 and not video.rotation and not video.is_mirrored:
        return Verdict("pass", measured, expected)
    detail = Message(N_("Players must stretch or turn this picture, and not all do. Encode it upright, pixels square."))
    return Verdict("fail", measured, expected, detail=detail)


@rule("video.bars")
def video_bars(measurements: Measurements, _preset: Preset) -> Verdict:
    """No black bars that stay for the whole file."""
    if measurements.recording.video is None:
        return _no_picture("0")
    left, top, right, bottom = measurements.bars
    measured = f"← {left}, ↑ {top}, → {right}, ↓ {bottom}"
    if not any(measurements.bars):
        return Verdict("pass", "0", "0", "px")
    detail = Message(N_("Black bars stand beside the picture throughout. Crop them, or record in 16:9."))
    return Verdict("fail", measured, "0", "px", detail=detail)


@rule("video.frame_rate")
def video_frame_rate(measurements: Measurements, _preset: Preset) -> Verdict:
    """Constant (every PTS delta equal) and a standard rate."""
    expected = " / ".join(_rate(rate) for rate in STANDARD_RATES)
    video = measurements.recording.video
    if video is None:
        return _no_picture(expected)
    measured = _rate(video.frame_rate)
    if not measurements.pts_deltas_equal:
        detail = Message(N_("The frame rate varies; sound may drift from the picture. Encode it at a constant rate."))
        return Verdict("fail", f"VFR, ∅ {measured}", f"CFR {expected}", "fps", detail=detail)
    if any(abs(video.frame_rate / rate - 1) < Fraction(1, 2000) for rate in STANDARD_RATES):
        return Verdict("pass", f"CFR {measured}", f"CFR {expected}", "fps")
    detail = Message(N_("{rate} frames a second is no standard rate. Encode it at 25 or 30."), {"rate": measured})
    return Verdict("fail", f"CFR {measured}", f"CFR {expected}", "fps", detail=detail)


@rule("video.structure")
def video_structure(measurements: Measurements, preset: Preset) -> Verdict:
    """Progressive, High, 4:2:0 8-bit, right level, closed GOPs of bounded length, index first."""
    video = measurements.recording.video
    if video is None:
        return _no_picture("High")
    parts = (
        _scan(video),
        (video.profile or "?", "High", video.profile == "High"),
        (video.pixel_format, "yuv420p", video.pixel_format in {"yuv420p", "yuvj420p"} and video.bit_depth == 8),
        _level(video),
        *_gop(measurements.gop, preset.encoder.gop_s, float(video.frame_rate)),
        _index_first(measurements.recording.has_moov_first),
    )
    measured = "; ".join(found for found, _, _ in parts)
    expected = "; ".join(wanted for _, wanted, _ in parts)
    wrong = [f"{found} → {wanted}" for found, wanted, is_right in parts if not is_right]
    if not wrong:
        return Verdict("pass", measured, expected)
    detail = Message(
        N_(
            "Some players and platforms want the picture built otherwise: {wrong}. Encode it again with these settings."
        ),
        {"wrong": "; ".join(wrong)},
    )
    return Verdict("fail", measured, expected, detail=detail)


@rule("video.colour")
def video_colour(measurements: Measurements, _preset: Preset) -> Verdict:
    """BT.709 in all three marks, limited range; an HDR picture is a required miss."""
    expected = "bt709/bt709/bt709, tv"
    video = measurements.recording.video
    if video is None:
        return _no_picture(expected)
    marks = (video.primaries, video.transfer, video.matrix)
    measured = f"{'/'.join(mark or '-' for mark in marks)}, {'pc' if video.is_full_range else 'tv'}"
    if video.transfer in HDR_TRANSFERS:
        detail = Message(N_("The picture is HDR and looks washed out on ordinary screens. Tone-map it to BT.709."))
        return Verdict("fail", measured, expected, detail=detail, level="required")
    if marks == ("bt709",) * 3 and not video.is_full_range:
        return Verdict("pass", measured, expected)
    if None in marks and set(marks) <= {None, "bt709"} and not video.is_full_range:
        detail = Message(N_("The colours are not fully marked, so players guess. Mark the stream as BT.709."))
    else:
        detail = Message(N_("The colours are not BT.709, limited range. Convert the picture and mark it so."))
    return Verdict("fail", measured, expected, detail=detail)


Part = tuple[str, str, bool]
"""What was found, what is wanted, and whether it is right."""


def level_for(width: int, height: int, rate: Fraction) -> int:
    """Return the lowest H.264 level × 10 for a raster and rate; 0 when none is high enough."""
    blocks = -(-width // 16) * -(-height // 16)
    return next((level for level, speed, size in _LEVELS if blocks <= size and blocks * rate <= speed), 0)


def _scan(video: VideoStream) -> Part:
    is_progressive = not video.is_interlaced and video.field_order in _PROGRESSIVE
    return ("progressive" if is_progressive else f"interlaced ({video.field_order})", "progressive", is_progressive)


def _level(video: VideoStream) -> Part:
    """The lowest level that fits, or the next one where it allows the same raster and rate (4.0 and 4.1)."""
    wanted = level_for(video.width, video.height, video.frame_rate)
    limits = {level: (speed, size) for level, speed, size in _LEVELS}
    found = video.level or 0
    is_right = bool(wanted) and (found == wanted or limits.get(found) == limits[wanted])
    return (f"L{found / 10:.1f}", f"L{wanted / 10:.1f}", is_right)


def _gop(gop: GopStructure | None, most_s: float, rate: float) -> tuple[Part, ...]:
    if gop is None:
        return (("GOP ?", f"GOP ≤ {most_s:g} s", False),)
    # Half a frame: a GOP of exactly the limit is right however its timestamps are rounded.
    is_short = gop.longest_s <= most_s + 0.5 / max(rate, 1.0)
    kind = {True: "closed", False: "open", None: "?"}[gop.is_closed]
    return (
        (f"GOP {gop.longest_s:.2f} s", f"GOP ≤ {most_s:g} s", is_short),
        (kind, "closed", gop.is_closed is not False),
    )


def _index_first(has_moov_first: bool | None) -> Part:
    if has_moov_first is None:
        return ("moov -", "moov first", False)
    return ("moov first" if has_moov_first else "moov last", "moov first", has_moov_first)


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _no_picture(expected: str) -> Verdict:
    return Verdict("notApplicable", None, expected, detail=Message(_NO_PICTURE))
