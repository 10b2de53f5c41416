"""Subtitles in the JSON report: flags, removals, how they were recognised, what the picture says."""

from pipeline.records import Cue, ReadBack, Removal, Report, ScriptMatch, Span, Transcript
from pipeline.reporting.json_values import Data, both, messages, number_of, span_of, time_of
from pipeline.reporting.listing import flags_by_weight, removals


def subtitles_of(report: Report) -> Data:
    """Return the subtitles, their doubts and what was left out of them."""
    facts, sheet = report.measurements, report.cue_sheet
    cues = facts.cues if facts.cues is not None else sheet.cues if sheet else None
    return {
        "cues": None if cues is None else len(cues),
        "sidecar": facts.sidecar and facts.sidecar.name,
        "person_file": report.person_subtitles and report.person_subtitles.name,
        "sidecar_problems": messages(facts.sidecar_problems),
        "flags": [_flag(*flagged) for flagged in flags_by_weight(sheet.cues if sheet else ())],
        "removals": [_removal(removal) for removal in removals(report)],
        "script": report.transcript and report.transcript.script and _script(report.transcript.script),
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
        "found": flag.found,
        "suggestion": flag.suggestion,
        "suggestion_confidence": number_of(flag.confidence, 4),
    }


def _removal(removal: Removal) -> Data:
    return {"span": span_of(removal.span), "text": removal.text, "reason": both(removal.reason)}


def _script(script: ScriptMatch) -> Data:
    return {
        "name": script.path.name,
        "sha256": script.sha256,
        "encoding": script.encoding,
        "characters": script.characters,
        "followed": round(script.followed, 4),
        "deviations": [
            {
                "kind": deviation.kind,
                "span": span_of(deviation.span),
                "script": deviation.script,
                "spoken": deviation.spoken,
                "confidence": round(deviation.confidence, 4),
            }
            for deviation in script.deviations
        ],
    }


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
        "contrast": number_of(read.contrast),
        "box": read.box and dict(zip(("left", "top", "right", "bottom"), read.box, strict=True)),
        "is_inside_margins": read.is_inside_margins,
    }
