"""The sound: format, loudness, distortion."""

from pipeline.presets import Preset
from pipeline.records import Measurements
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message

_RATE_SLACK = 0.98
"""An AAC encoder told 128 kb/s averages a little less over quiet speech; 2 % is not held against it."""


@rule("audio.format")
def audio_format(measurements: Measurements, preset: Preset) -> Verdict:
    """AAC at the preset's sample rate, channels and bit rate, and it decodes."""
    sound, audio = preset.sound, measurements.recording.audio
    layout = "stereo" if sound.channels == 2 else f"{sound.channels} ch"
    expected = f"aac, {sound.sample_rate_hz} Hz, {layout}, ≥ {sound.accept_bit_rate_bps / 1000:g} kb/s"
    if audio is None:
        detail = Message(N_("The file has no sound. Deliver the lecture with its sound."))
        return Verdict("fail", None, expected, detail=detail)
    channels = "stereo" if audio.channels == 2 else f"{audio.channels} ch"
    bit_rate = _bit_rate_while_heard(measurements)
    rate = "?" if bit_rate is None else f"{bit_rate / 1000:.0f}"
    measured = f"{audio.codec}, {audio.sample_rate_hz} Hz, {channels}, {rate} kb/s"
    if measurements.sound_decode_errors:
        detail = Message(
            N_("Decoding the sound met {count} errors: the file is damaged or cut off. Export or copy it again."),
            {"count": str(measurements.sound_decode_errors)},
        )
        return Verdict("fail", measured, expected, detail=detail)
    is_right = (
        audio.codec == "aac"
        and audio.sample_rate_hz == sound.sample_rate_hz
        and audio.channels == sound.channels
        and (bit_rate is None or bit_rate >= sound.accept_bit_rate_bps * _RATE_SLACK)
    )
    if is_right:
        return Verdict("pass", measured, expected)
    detail = Message(
        N_("The sound is {measured}; {expected} is asked. Encode the sound again."),
        {"measured": measured, "expected": expected},
    )
    return Verdict("fail", measured, expected, detail=detail)


@rule("audio.loudness")
def audio_loudness(measurements: Measurements, preset: Preset) -> Verdict:
    """Integrated loudness within the preset's bounds, true peak below its limit. Source: GY/T 377, ITU-R BS.1770."""
    sound, loudness = preset.sound, measurements.loudness
    expected = f"{sound.accept_min_lufs:g}…{sound.accept_max_lufs:g} LUFS, ≤ {sound.accept_peak_dbtp:g} dBTP"
    if measurements.recording.audio is None:
        return _no_sound(expected)
    if loudness is None:
        return Verdict("open", None, expected, detail=Message(N_("The loudness could not be measured.")))
    if loudness.integrated_lufs is None:
        detail = Message(N_("The sound track is silent. Check that the right track was exported."))
        return Verdict("fail", "−∞ LUFS", expected, detail=detail)
    lufs, peak = round(loudness.integrated_lufs, 1), loudness.true_peak_dbtp
    measured = f"{lufs:.1f} LUFS" + ("" if peak is None else f", {peak:.1f} dBTP")
    if lufs < sound.accept_min_lufs or lufs > sound.accept_max_lufs:
        change = f"{sound.target_lufs - lufs:+.1f}"
        text = (
            N_("The lecture is too quiet. Change the sound by {change} dB, with a limiter, and encode it again.")
            if lufs < sound.accept_min_lufs
            else N_("The lecture is too loud. Change the sound by {change} dB and encode it again.")
        )
        return Verdict("fail", measured, expected, detail=Message(text, {"change": change}))
    if peak is not None and round(peak, 1) > sound.accept_peak_dbtp:
        detail = Message(
            N_("Peaks reach {peak} dBTP and may distort. Limit the sound to {most} dBTP and encode it again."),
            {"peak": f"{peak:.1f}", "most": f"{sound.true_peak_dbtp:g}"},
        )
        return Verdict("fail", measured, expected, detail=detail)
    return Verdict("pass", measured, expected)


@rule("audio.clipping")
def audio_clipping(measurements: Measurements, _preset: Preset) -> Verdict:
    """No clipped runs, no dead channel, no inverted channel."""
    expected = "clip 0, dead 0, φ +"
    if measurements.recording.audio is None:
        return _no_sound(expected)
    runs, dead, inverted = measurements.clipped_runs, measurements.dead_channels, measurements.is_phase_inverted
    measured = f"clip {runs}, dead {len(dead)}, φ {'−' if inverted else '+'}"
    if dead:
        names = ", ".join(str(channel + 1) for channel in dead)
        detail = Message(N_("Channel {names} is dead. Copy the live channel onto it."), {"names": names})
    elif inverted:
        detail = Message(N_("Left and right cancel each other: one is inverted. Invert it back, or use one for both."))
    elif runs:
        detail = Message(
            N_("The sound is clipped in {count} places. Lower the recording level, or repair these places."),
            {"count": str(runs)},
        )
    else:
        return Verdict("pass", measured, expected)
    return Verdict("fail", measured, expected, detail=detail)


def _bit_rate_while_heard(measurements: Measurements) -> float | None:
    """Return the bit rate outside the silent stretches, which cost an encoder nothing; ``None`` when unknown."""
    audio = measurements.recording.audio
    if audio is None or audio.bit_rate_bps is None:
        return None
    length_ms = float(audio.end_s - audio.start_s) * 1000
    heard_ms = length_ms - sum(span.duration_ms for span in measurements.silent)
    return audio.bit_rate_bps * length_ms / heard_ms if heard_ms > 1000 else None


def _no_sound(expected: str) -> Verdict:
    return Verdict("notApplicable", None, expected, detail=Message(N_("The file has no sound.")))
