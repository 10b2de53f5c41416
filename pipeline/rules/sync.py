"""Picture and sound against each other: starts, ends, offset."""

from fractions import Fraction

from pipeline.presets import Preset
from pipeline.records import AudioStream, Measurements, VideoStream
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message

_AAC_FRAME_S = Fraction(1024, 48000)
"""Sound ends on a whole AAC frame: at 50 and 60 frames a second that is longer than a picture."""
_ROUNDING_S = Fraction(1, 1000)
_ONE_MISSING = N_("Picture or sound is missing, so they cannot be compared.")


@rule("video.edit_list")
def video_edit_list(measurements: Measurements, _preset: Preset) -> Verdict:
    """Picture and sound start within one frame of each other."""
    pair = _pair(measurements)
    if pair is None:
        return _not_applicable()
    video, audio = pair
    frame_s = _frame(video)
    offset_s = audio.start_s - video.start_s
    measured, expected = _ms(offset_s), f"±{_ms(frame_s).lstrip('+')}"
    if abs(offset_s) <= frame_s + _ROUNDING_S:
        return Verdict("pass", measured, expected, "ms")
    detail = Message(
        N_("Sound and picture do not start together; a player that ignores edit lists loses sync. Encode it again.")
    )
    return Verdict("fail", measured, expected, "ms", detail=detail)


@rule("av.sync")
def av_sync(measurements: Measurements, preset: Preset) -> Verdict:
    """Streams end within one frame; the sound's offset stays within the preset's bounds, early and late.

    Source: EBU R 37, ITU-R BT.1359.
    """
    pair = _pair(measurements)
    if pair is None:
        return _not_applicable()
    video, audio = pair
    limits = preset.limits
    offset_s = audio.start_s - video.start_s
    end_s = audio.end_s - video.end_s
    slack_s = max(_frame(video), _AAC_FRAME_S) + _ROUNDING_S
    measured = f"⊢ {_ms(offset_s)}, ⊣ {_ms(end_s)}"
    expected = f"⊢ −{limits.sync_early_ms}…+{limits.sync_late_ms}, ⊣ ±{_ms(slack_s - _ROUNDING_S).lstrip('+')}"
    early_s, late_s = Fraction(limits.sync_early_ms, 1000), Fraction(limits.sync_late_ms, 1000)
    values = {"start": _ms(offset_s), "end": _ms(end_s)}
    if not -early_s <= offset_s <= late_s:
        detail = Message(
            N_("Sound starts {start} ms against the picture. Move it back and mux the file again."), values
        )
        return Verdict("fail", measured, expected, "ms", detail=detail)
    if abs(end_s) > slack_s:
        detail = Message(N_("Sound ends {end} ms against the picture. Cut or pad it to the picture's length."), values)
        return Verdict("fail", measured, expected, "ms", detail=detail)
    return Verdict("pass", measured, expected, "ms")


def _pair(measurements: Measurements) -> tuple[VideoStream, AudioStream] | None:
    video, audio = measurements.recording.video, measurements.recording.audio
    return None if video is None or audio is None else (video, audio)


def _not_applicable() -> Verdict:
    return Verdict("notApplicable", detail=Message(_ONE_MISSING))


def _frame(video: VideoStream) -> Fraction:
    return 1 / video.frame_rate if video.frame_rate > 0 else Fraction(1, 25)


def _ms(seconds: Fraction) -> str:
    milliseconds = float(seconds * 1000)
    sign = "−" if milliseconds < -0.05 else "+"
    return f"{sign}{abs(milliseconds):.1f}".removesuffix(".0")
