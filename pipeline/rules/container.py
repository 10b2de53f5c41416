"""The file as a whole: length, size, container."""

from pipeline.presets import Preset
from pipeline.records import Measurements
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message
from pipeline.timing import clock


@rule("duration.range")
def duration_range(measurements: Measurements, preset: Preset) -> Verdict:
    """Length of the picture between the least and the most, ± 1 frame; past the hard limit always required."""
    limits = preset.limits
    expected = f"{limits.duration_min_s:g}–{limits.duration_max_s:g}"
    video = measurements.recording.video
    if video is None:
        detail = Message(N_("The file holds no picture, so its length cannot be judged."))
        return Verdict("fail", None, expected, "s", detail=detail)
    length_s = float(video.end_s - video.start_s)
    frame_s = float(1 / video.frame_rate) if video.frame_rate > 0 else 0.0
    # A thousandth covers what rounding timestamps to a time base can add.
    slack_s = frame_s + 0.001
    measured = f"{length_s:.2f}"
    values = {"length": clock(round(length_s * 1000)), "most": clock(round(limits.duration_max_s * 1000))}
    if length_s > limits.duration_hard_max_s + slack_s:
        values["most"] = clock(round(limits.duration_hard_max_s * 1000))
        detail = Message(
            N_("The picture runs {length}; more than {most} is not accepted. Shorten the lecture."), values
        )
        return Verdict("fail", measured, f"≤ {limits.duration_hard_max_s:g}", "s", detail=detail, level="required")
    if length_s > limits.duration_max_s + slack_s:
        detail = Message(N_("The picture runs {length}, longer than {most}. Cut what can be left out."), values)
        return Verdict("fail", measured, expected, "s", detail=detail)
    if length_s < limits.duration_min_s - slack_s:
        values["least"] = clock(round(limits.duration_min_s * 1000))
        detail = Message(N_("The picture runs {length}, shorter than {least}. Deliver the whole lecture."), values)
        return Verdict("fail", measured, expected, "s", detail=detail)
    return Verdict("pass", measured, expected, "s")


@rule("size.cap")
def size_cap(measurements: Measurements, preset: Preset) -> Verdict:
    """Bytes up to the cap; up to 2**30 is the grey zone of "1 G"; above is a miss."""
    limits, size = preset.limits, measurements.recording.size_bytes
    measured, expected = str(size), f"≤ {limits.size_max_bytes}"
    if size <= limits.size_max_bytes:
        return Verdict("pass", measured, expected, "B")
    values = {"size": f"{size / 1e9:.3f} GB", "most": f"{limits.size_max_bytes / 1e9:.3f} GB"}
    if size <= limits.size_grey_bytes:
        values["gibibytes"] = f"{size / 2**30:.3f} GiB"
        detail = Message(
            N_(
                "{size} is more than {most} but {gibibytes} as computers count: ask the receiver, or encode it smaller."
            ),
            values,
        )
        return Verdict("review", measured, expected, "B", detail=detail)
    detail = Message(N_("{size} is more than {most}: encode the video again at a lower bit rate."), values)
    return Verdict("fail", measured, expected, "B", detail=detail)


@rule("container.mp4")
def container_mp4(measurements: Measurements, _preset: Preset) -> Verdict:
    """MP4 by content, not by name: QuickTime and 3GP share the demuxer, their brand tells them apart."""
    names = measurements.recording.container.split(",")
    brand = measurements.major_brand
    if "mp4" not in names:
        measured, is_mp4 = names[0], False
    elif brand is None or brand.startswith(_OTHER_BRANDS):
        measured, is_mp4 = f"{_FAMILIES.get((brand or 'qt')[:2], 'mov')} ({brand or '-'})", False
    else:
        measured, is_mp4 = f"mp4 ({brand})", True
    if is_mp4:
        return Verdict("pass", measured, "mp4")
    detail = Message(
        N_("The file is {container}, whatever its name says. Put its picture and sound into an MP4 file."),
        {"container": measured},
    )
    return Verdict("fail", measured, "mp4", detail=detail)


_OTHER_BRANDS = ("qt", "3g", "f4", "mjp2")
_FAMILIES = {"qt": "mov", "3g": "3gp", "f4": "f4v", "mj": "mj2"}
