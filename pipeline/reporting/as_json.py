"""The report as JSON, the canonical form: stable keys, both languages, no path of the machine it was made on.

Its schema (JSON Schema, draft 2020-12) lies in ``schema/report.schema.json`` and says what each key means.
"""

import json
from importlib.resources import files

from pipeline.presets import Preset
from pipeline.records import Finding, Report
from pipeline.reporting.json_media import delivery_of, loudness_of, recording_of, soundtrack_of
from pipeline.reporting.json_subtitles import read_back_of, recognition_of, subtitles_of
from pipeline.reporting.json_values import Data, both, messages, said, size_of, span_of
from pipeline.reporting.rule_names import rule_text
from pipeline.reporting.words import total_ms

FORMAT = "1.2"
EXIT_COMPLIANT, EXIT_FINDINGS = 0, 10


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
        "subtitles": subtitles_of(report),
        "read_backs": [read_back_of(read) for read in report.measurements.read_backs],
        "recognition": report.transcript and recognition_of(report.transcript),
        "soundtrack": report.soundtrack and soundtrack_of(report.soundtrack),
        "delivery": report.delivery and delivery_of(report.delivery),
        "source": report.source and recording_of(report.source),
        "notices": messages(report.notices),
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


def _file(report: Report) -> Data:
    facts = report.measurements
    return {
        **recording_of(facts.recording),
        "sha256": report.sha256,
        "size": size_of(report.size_bytes),
        "loudness": facts.loudness and loudness_of(facts.loudness),
        "clipped_runs": facts.clipped_runs,
        "dead_channels": list(facts.dead_channels),
        "is_phase_inverted": facts.is_phase_inverted,
        "bars": dict(zip(("left", "top", "right", "bottom"), facts.bars, strict=True)),
        "speech_ms": total_ms(facts.speech),
        "decode_errors": facts.decode_errors,
        "picture_share": facts.picture_share,
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
        "title": said(rule_text(finding.rule).title),
        "level": finding.level,
        "kind": finding.kind,
        "measured": finding.measured,
        "expected": finding.expected,
        "unit": finding.unit,
        "spans": [span_of(span) for span in finding.spans],
        "detail": finding.detail and both(finding.detail),
        "source": finding.source,
        "waiver": None,
    }
