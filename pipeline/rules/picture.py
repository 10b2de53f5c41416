"""What the whole lecture looks and sounds like: black, freeze, silence, flashes."""

from pipeline.presets import Preset
from pipeline.records import Measurements, Span
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message


@rule("picture.black")
def picture_black(measurements: Measurements, preset: Preset) -> Verdict:
    """No black picture of the preset's length or longer."""
    if measurements.recording.video is None:
        return _no_picture()
    detail = Message(N_("The picture is black for a while. Cut these places, or check that the camera was on."))
    return _stretches(measurements.black, preset.limits.black_min_s, detail)


@rule("picture.freeze")
def picture_freeze(measurements: Measurements, preset: Preset) -> Verdict:
    """No frozen picture of the preset's length or longer; slides may stand still, so the limit is wide."""
    if measurements.recording.video is None:
        return _no_picture()
    detail = Message(N_("The picture stands still for long. Check these places: a slide may, a speaker does not."))
    return _stretches(measurements.frozen, preset.limits.freeze_min_s, detail)


@rule("sound.silence")
def sound_silence(measurements: Measurements, preset: Preset) -> Verdict:
    """No silence of the preset's length or longer."""
    if measurements.recording.audio is None:
        return Verdict("notApplicable", detail=Message(N_("The file has no sound.")))
    detail = Message(N_("Nothing is heard for a while. Cut these places, or check the microphone."))
    return _stretches(measurements.silent, preset.limits.silence_min_s, detail)


@rule("picture.flash")
def picture_flash(measurements: Measurements, preset: Preset) -> Verdict:
    """Never more than the preset's flashes in any second. Source: WCAG 2.2, 2.3.1."""
    if measurements.recording.video is None:
        return _no_picture()
    spans, expected = measurements.flashes, f"≤ {preset.limits.flashes_per_s}"
    if not spans:
        return Verdict("pass", expected, expected, "1/s", detail=_looked_at(measurements))
    detail = Message(N_("The picture flashes fast enough to harm some viewers. Cut or slow down these places."))
    return Verdict("fail", f"> {preset.limits.flashes_per_s} ({len(spans)}×)", expected, "1/s", spans, detail)


def _looked_at(measurements: Measurements) -> Message | None:
    """Return what a clean picture's verdict rests on, when not every frame was looked at."""
    if not measurements.picture_sure_s:
        return None
    return Message(
        N_(
            "Looked at: {share} of the frames. Flashing that goes on for {seconds} s is found for certain, "
            "a shorter burst may not be; a thorough check looks at every frame."
        ),
        {"share": f"{measurements.picture_share:.0%}", "seconds": f"{measurements.picture_sure_s:.2f}"},
    )


def _stretches(spans: tuple[Span, ...], limit_s: float, detail: Message) -> Verdict:
    expected = f"< {limit_s:g}"
    long = tuple(span for span in spans if span.duration_ms >= limit_s * 1000)
    if not long:
        return Verdict("pass", "0", expected, "s")
    longest = max(span.duration_ms for span in long) / 1000
    return Verdict("fail", f"{longest:.1f} ({len(long)}×)", expected, "s", long, detail)


def _no_picture() -> Verdict:
    return Verdict("notApplicable", detail=Message(N_("The file holds no picture.")))
