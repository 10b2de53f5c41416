"""Subtitles in the JSON report: flags, removals, how they were recognised, what the picture says."""

from pipeline.records import Cue, ReadBack, Removal, Report, Span, Transcript
from pipeline.reporting.json_values import Data, both, messages, number_of, span_of, time_of
from pipeline.reporting.listing import flags_by_weight, removals


def subtitles_of(report: Report) -> Data:
    """Return the subtitles, their doubts and what was left out of them."""
    facts, sheet = report.measurements, report.cue_sheet
    cues = facts.cues if facts.cues is not None else sheet.cues if sheet else None
    return {
        "cues": None if cues is None else len(cues),
        "sidecar": facts.sidecar and facts.sidecar.name,
        "sidecar_problems": messages(facts.sidecar_problems),
        "flags": [_flag(*flagged) for flagged in flags_by_weight(sheet.cues if sheet else ())],
        "removals": [_removal(removal) for removal in removals(report)],
    }


def _flag(number: int, cue: Cue, index: int) -> Data:
    flag = cue.flags[index]
    return {
        "cue": number,
        "span": span_of(Span(cue.start_ms, cue.end_ms)),
        "text": cue.text,
        "confidence": number_of(cue.confidence, 4),
        "kind": flag.kind,
        "weight": round(flag.weight, 4),
        "message": both(flag.message),
    }


def _removal(removal: Removal) -> Data:
    return {"span": span_of(removal.span), "text": removal.text, "reason": both(removal.reason)}


def recognition_of(transcript: Transcript) -> Data:
    """Return how the speech was recognised."""
    return {
        "engine": transcript.engine,
        "model": transcript.model,
        "model_sha256": transcript.model_sha256,
        "is_demo_model": transcript.is_demo_model,
        "language": transcript.language,
    }


def read_back_of(read: ReadBack) -> Data:
    """Return one cue as the picture says it."""
    return {
        "cue": read.cue_number,
        "at": time_of(read.at_ms),
        "expected": read.expected,
        "read": read.read,
        "similarity": round(read.similarity, 4),
    }
