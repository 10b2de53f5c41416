"""The report as JSON, the canonical form: stable keys, both languages, no path of the machine it was made on.

Its schema (JSON Schema, draft 2020-12) lies in ``schema/report.schema.json`` and says what each key means.
"""

import json
from collections.abc import Iterable
from fractions import Fraction
from importlib.resources import files
from typing import Any

from pipeline.presets import Preset
from pipeline.records import (
    AudioStream,
    Cue,
    Delivery,
    Finding,
    Loudness,
    Recording,
    Removal,
    Report,
    Soundtrack,
    Span,
    Transcript,
    VideoStream,
)
from pipeline.reporting.rule_names import rule_text
from pipeline.reporting.words import GB, GIB, clock_hms, total_ms
from pipeline.texts import LANGUAGES, Message, _, speaking

FORMAT = "1.0"
EXIT_COMPLIANT, EXIT_FINDINGS = 0, 10
Data = dict[str, Any]


def report_as_json(report: Report, preset: Preset) -> Data:
    """Return the report as JSON values; see the schema for each key."""
    return {
        "$schema": "urn:weike:report:1",
        "format": FORMAT,
        "verdict": "compliant" if report.is_compliant else "noncompliant",
        "exit_code": EXIT_COMPLIANT if report.is_compliant else EXIT_FINDINGS,
        "created_utc": report.created_utc,
        "lecture": {
            "name": report.lecture.name,
            "title": report.lecture.title,
            "speaker": report.lecture.speaker,
            "unit": report.lecture.unit,
        },
        "preset": {
            "id": report.preset,
            "version": preset.version,
            "title": {"zh_CN": preset.title.zh_CN, "en": preset.title.en},
            "notice": report.notice,
        },
        "file": _file(report),
        "summary": _summary(report),
        "findings": [_finding(finding) for finding in report.findings],
        "subtitles": _subtitles(report),
        "read_backs": [
            {
                "cue": read.cue_number,
                "at": _time(read.at_ms),
                "expected": read.expected,
                "read": read.read,
                "similarity": round(read.similarity, 4),
            }
            for read in report.measurements.read_backs
        ],
        "recognition": report.transcript and _recognition(report.transcript),
        "soundtrack": report.soundtrack and _soundtrack(report.soundtrack),
        "delivery": report.delivery and _delivery(report.delivery),
        "source": report.source and _recording(report.source),
        "notices": _messages(report.notices),
        "tools": [{"name": name, "version": version} for name, version in report.tools],
    }


def report_json(report: Report, preset: Preset) -> bytes:
    """Return the report as UTF-8 JSON text."""
    text = json.dumps(report_as_json(report, preset), ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode("utf-8", "replace") + b"\n"


def schema() -> Data:
    """Return the published JSON Schema of the report."""
    text = files("pipeline.reporting").joinpath("schema/report.schema.json").read_text("utf-8")
    loaded: Data = json.loads(text)
    return loaded


def both(message: Message) -> dict[str, str]:
    """Return a message in every language, under the language's name."""
    said = {}
    for name in LANGUAGES:
        with speaking(name):
            said[name] = message.show()
    return said


def _messages(messages: Iterable[Message]) -> list[dict[str, str]]:
    return [both(message) for message in messages]


def _said(text: str) -> dict[str, str]:
    said = {}
    for name in LANGUAGES:
        with speaking(name):
            said[name] = _(text)
    return said


def _time(time_ms: int) -> Data:
    return {"ms": time_ms, "clock": clock_hms(time_ms)}


def _span(span: Span) -> Data:
    return {"start": _time(span.start_ms), "end": _time(span.end_ms)}


def _number(value: float | None, digits: int = 2) -> float | None:
    """Return a rounded finite number; what is silent or unknown has none."""
    return None if value is None or not abs(value) < float("inf") else round(value, digits)


def _fraction(value: Fraction) -> Data:
    return {"exact": f"{value.numerator}/{value.denominator}", "value": round(float(value), 6)}


def _size(size_bytes: int) -> Data:
    return {"bytes": size_bytes, "gb": round(size_bytes / GB, 6), "gib": round(size_bytes / GIB, 6)}


def _file(report: Report) -> Data:
    facts = report.measurements
    return {
        **_recording(facts.recording),
        "sha256": report.sha256,
        "size": _size(report.size_bytes),
        "loudness": facts.loudness and _loudness(facts.loudness),
        "clipped_runs": facts.clipped_runs,
        "dead_channels": list(facts.dead_channels),
        "is_phase_inverted": facts.is_phase_inverted,
        "bars": dict(zip(("left", "top", "right", "bottom"), facts.bars, strict=True)),
        "speech_ms": total_ms(facts.speech),
        "decode_errors": facts.decode_errors,
    }


def _summary(report: Report) -> Data:
    kinds = [finding.kind for finding in report.findings]
    return {
        "required_missed": sum(finding.is_miss for finding in report.findings),
        "kinds": {kind: kinds.count(kind) for kind in ("pass", "fail", "review", "notApplicable", "open")},
    }


def _finding(finding: Finding) -> Data:
    return {
        "rule": finding.rule,
        "title": _said(rule_text(finding.rule).title),
        "level": finding.level,
        "kind": finding.kind,
        "measured": finding.measured,
        "expected": finding.expected,
        "unit": finding.unit,
        "spans": [_span(span) for span in finding.spans],
        "detail": finding.detail and both(finding.detail),
        "source": finding.source,
        "waiver": None,
    }


def _subtitles(report: Report) -> Data:
    facts, sheet = report.measurements, report.cue_sheet
    cues = facts.cues if facts.cues is not None else sheet.cues if sheet else None
    return {
        "cues": None if cues is None else len(cues),
        "sidecar": facts.sidecar and facts.sidecar.name,
        "sidecar_problems": _messages(facts.sidecar_problems),
        "flags": [_flag(*flagged) for flagged in flags_by_weight(sheet.cues if sheet else ())],
        "removals": [_removal(removal) for removal in removals(report)],
    }


def flags_by_weight(cues: tuple[Cue, ...]) -> list[tuple[int, Cue, int]]:
    """Return ``(cue number from 1, cue, index of the flag)`` for every flag, the weightiest first, then by time."""
    found = [(n, cue, i) for n, cue in enumerate(cues, 1) for i in range(len(cue.flags))]
    return sorted(found, key=lambda item: (-item[1].flags[item[2]].weight, item[0]))


def removals(report: Report) -> tuple[Removal, ...]:
    """Return everything that was recognised and is not shown, in order of time, each once."""
    everywhere = (report.transcript, report.cue_sheet)
    found = {(r.span, r.text): r for place in everywhere if place for r in place.removals}
    return tuple(found[key] for key in sorted(found))


def _flag(number: int, cue: Cue, index: int) -> Data:
    flag = cue.flags[index]
    return {
        "cue": number,
        "span": _span(Span(cue.start_ms, cue.end_ms)),
        "text": cue.text,
        "confidence": _number(cue.confidence, 4),
        "kind": flag.kind,
        "weight": round(flag.weight, 4),
        "message": both(flag.message),
    }


def _removal(removal: Removal) -> Data:
    return {"span": _span(removal.span), "text": removal.text, "reason": both(removal.reason)}


def _recognition(transcript: Transcript) -> Data:
    return {
        "engine": transcript.engine,
        "model": transcript.model,
        "model_sha256": transcript.model_sha256,
        "is_demo_model": transcript.is_demo_model,
        "language": transcript.language,
    }


def _soundtrack(soundtrack: Soundtrack) -> Data:
    return {
        "has_sound": soundtrack.delivery is not None,
        "raw_loudness": soundtrack.raw and _loudness(soundtrack.raw),
        "gain_db": _number(soundtrack.gain_db),
        "speech_ms": total_ms(soundtrack.speech),
        "duration": _time(soundtrack.duration_ms),
    }


def _loudness(loudness: Loudness) -> Data:
    return {
        "integrated_lufs": _number(loudness.integrated_lufs),
        "range_lu": _number(loudness.range_lu),
        "true_peak_dbtp": _number(loudness.true_peak_dbtp),
        "short_term_lufs": [_number(value, 1) for value in loudness.short_term_lufs],
    }


def _delivery(delivery: Delivery) -> Data:
    return {
        "encoder": delivery.encoder,
        "frame_rate": _fraction(delivery.grid.rate),
        "frames": delivery.grid.count,
        "segments": delivery.segments,
        "segments_encoded": delivery.segments_encoded,
        "repairs": _messages(delivery.repairs),
    }


def _recording(recording: Recording) -> Data:
    return {
        "name": recording.path.name,
        "sha256": recording.sha256,
        "size": _size(recording.size_bytes),
        "container": recording.container,
        "duration": _time(recording.duration_ms),
        "video": recording.video and _video(recording.video),
        "audio": recording.audio and _audio(recording.audio),
        "other_streams": list(recording.other_streams),
        "has_moov_first": recording.has_moov_first,
        "has_edit_list": recording.has_edit_list,
        "faults": _messages(recording.faults),
    }


def _video(video: VideoStream) -> Data:
    return {
        "codec": video.codec,
        "profile": video.profile,
        "level": None if video.level is None else video.level / 10,
        "width": video.width,
        "height": video.height,
        "sar": f"{video.sar.numerator}:{video.sar.denominator}",
        "rotation": video.rotation,
        "pixel_format": video.pixel_format,
        "is_full_range": video.is_full_range,
        "primaries": video.primaries,
        "transfer": video.transfer,
        "matrix": video.matrix,
        "is_interlaced": video.is_interlaced,
        "frame_rate": _fraction(video.frame_rate),
        "is_constant_rate": video.is_constant_rate,
        "frames": video.frame_count,
        "bit_rate_bps": video.bit_rate_bps,
        "keyframe_interval_max_s": _number(
            None if video.keyframe_interval_max_s is None else float(video.keyframe_interval_max_s), 3
        ),
    }


def _audio(audio: AudioStream) -> Data:
    return {
        "codec": audio.codec,
        "sample_rate_hz": audio.sample_rate_hz,
        "channels": audio.channels,
        "channel_layout": audio.channel_layout,
        "bit_rate_bps": audio.bit_rate_bps,
        "language": audio.language,
    }
