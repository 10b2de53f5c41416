"""The report's technical appendix: tables of facts for whoever looks after the machines."""

from dataclasses import dataclass

from pipeline.presets import Preset
from pipeline.records import Loudness, Quality, Recording, Report
from pipeline.reporting import words
from pipeline.reporting.places import Fact
from pipeline.texts import _, language
from pipeline.timing import clock


@dataclass(frozen=True, slots=True)
class Table:
    """Facts under one heading."""

    title: str
    facts: tuple[Fact, ...]


def technical_tables(report: Report, preset: Preset) -> tuple[Table, ...]:
    """Return the appendix in the language in force; a table whose stage did not run is left out."""
    tables = [Table(_("Finished file"), (*_recording(report.measurements.recording), *_measured(report)))]
    if report.source:
        tables.append(
            Table(_("Original recording"), (*_recording(report.source), Fact("SHA-256", report.source.sha256)))
        )
    if report.soundtrack:
        tables.append(Table(_("Sound processing"), _soundtrack(report)))
    if report.transcript:
        tables.append(Table(_("Speech recognition"), _recognition(report)))
    if report.delivery:
        tables.append(Table(_("Encoding"), _delivery(report)))
    tables.append(Table(_("Versions"), _versions(report, preset)))
    return tuple(tables)


def _recording(recording: Recording) -> tuple[Fact, ...]:
    facts = [
        Fact(_("File name"), recording.name),
        Fact(_("Container"), words.container(recording.container)),
        Fact(_("Length"), words.length(recording.duration_ms), f"{float(recording.duration_s):.3f} s"),
        Fact(_("File size"), words.gigabytes(recording.size_bytes), words.size_note(recording.size_bytes)),
    ]
    video = recording.video
    if video:
        kind = _("constant") if video.is_constant_rate else _("variable")
        facts.append(Fact(_("Picture"), words.picture_line(video), _colour(recording)))
        facts.append(Fact(_("Frame rate"), f"{words.rate(video.frame_rate)} fps", kind))
        if video.bit_rate_bps:
            facts.append(Fact(_("Picture bit rate"), words.bit_rate(video.bit_rate_bps)))
    facts.append(Fact(_("Sound"), words.sound_line(recording.audio) if recording.audio else _("none")))
    if recording.other_streams:
        facts.append(Fact(_("Also inside, not used"), _(", ").join(recording.other_streams)))
    return tuple(facts)


def _colour(recording: Recording) -> str:
    video = recording.video
    if video is None:
        return ""
    marks = (video.primaries, video.transfer, video.matrix)
    named = marks[0] if len(set(marks)) == 1 and marks[0] else " / ".join(mark or "–" for mark in marks)
    span = _("full range") if video.is_full_range else _("limited range")
    return f"{named} · {span}"


def _measured(report: Report) -> tuple[Fact, ...]:
    facts = report.measurements
    made = []
    if facts.gop:
        closed = {True: _("closed"), False: _("open"), None: _("unknown")}[facts.gop.is_closed]
        made.append(Fact(_("Longest group of pictures"), f"{facts.gop.longest_s:.2f} s", closed))
    if facts.loudness:
        made.append(Fact(_("Loudness"), loudness_line(facts.loudness)))
    made.append(Fact(_("Messages while decoding"), str(facts.decode_errors)))
    if facts.recording.video is not None:
        made.append(Fact(_("Frames looked at"), f"{facts.picture_share:.0%}"))
    return tuple(made)


def loudness_line(loudness: Loudness) -> str:
    """Return integrated loudness, range and true peak in one line."""
    if loudness.integrated_lufs is None:
        return _("Silent")
    parts = [f"{words.figure(loudness.integrated_lufs)} LUFS", f"LRA {words.figure(loudness.range_lu)} LU"]
    if loudness.true_peak_dbtp is not None:
        parts.append(f"{words.figure(loudness.true_peak_dbtp)} dBTP")
    return " · ".join(parts)


def _soundtrack(report: Report) -> tuple[Fact, ...]:
    sound = report.soundtrack
    if sound is None or sound.raw is None:
        return (Fact(_("Recorded"), _("The recording has no sound.")),)
    return (
        Fact(_("Recorded"), loudness_line(sound.raw)),
        Fact(_("Gain"), f"{words.figure(sound.gain_db)} dB"),
        Fact(_("Speaking time"), words.length(words.total_ms(sound.speech))),
    )


def _recognition(report: Report) -> tuple[Fact, ...]:
    transcript = report.transcript
    if transcript is None:
        return ()
    demo = _("Demonstration model: not for real lectures") if transcript.is_demo_model else ""
    made = [Fact(_("Engine"), transcript.engine), Fact(_("Model"), transcript.model, demo)]
    if transcript.model_sha256:
        made.append(Fact(_("SHA-256 of the model"), transcript.model_sha256))
    return tuple(made)


def _delivery(report: Report) -> tuple[Fact, ...]:
    delivery = report.delivery
    if delivery is None:
        return ()
    made = _("{made} of {all} encoded in this run, the rest reused").format(
        made=delivery.segments_encoded, all=delivery.segments
    )
    return (
        Fact(_("Encoder"), delivery.encoder),
        _quality(delivery.quality),
        Fact(_("Frames"), f"{delivery.grid.count:,}", f"{words.rate(delivery.grid.rate)} fps"),
        Fact(_("Segments"), str(delivery.segments), made),
    )


def _quality(quality: Quality | None) -> Fact:
    """Return how the picture measured, beside what most tools would have made of it."""
    if quality is None:
        return Fact(_("Picture quality"), _("not measured"), _("a fixed setting, by the preset or for a short video"))
    said = _("{reference} reaches {mean}, lowest {minimum}, with {rate}; measured without subtitles at {times}")
    if not quality.is_reached:
        said = _("{reference} reaches {mean}, lowest {minimum}, with {rate}; no setting matched both, at {times}")
    note = said.format(
        reference=quality.reference,
        mean=f"{quality.reference_mean:.2f}",
        minimum=f"{quality.reference_minimum:.2f}",
        rate=words.bit_rate(quality.reference_bit_rate_bps),
        times=_(", ").join(clock(span.start_ms) for span in quality.stretches),
    )
    measured = _("{metric} {mean}, lowest {minimum}, with {rate}").format(
        metric=quality.metric,
        mean=f"{quality.mean:.2f}",
        minimum=f"{quality.minimum:.2f}",
        rate=words.bit_rate(quality.bit_rate_bps),
    )
    return Fact(_("Picture quality"), measured, note)


def _versions(report: Report, preset: Preset) -> tuple[Fact, ...]:
    named = Fact(
        _("Preset"), f"{report.preset} v{preset.version}", preset.title.en if language() == "en" else preset.title.zh_CN
    )
    return (named, *(Fact(name, version) for name, version in report.tools))
