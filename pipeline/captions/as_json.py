"""Cues, words and doubts of a lecture as JSON, for other programs.

Its schema (JSON Schema, draft 2020-12) lies in ``schema/subtitles.schema.json`` and says what each key means.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.records import Cue, CueSheet, Flag, Recording, Removal, ScriptMatch, Transcript
from pipeline.texts import LANGUAGES, Message, speaking
from pipeline.timing import FrameGrid

FORMAT = "1.0"
Data = dict[str, Any]


def subtitles_as_json(recording: Recording, grid: FrameGrid, transcript: Transcript, sheet: CueSheet) -> Data:
    """Return everything that is known of a lecture's subtitles as JSON values; see the schema for each key."""
    return {
        "$schema": "urn:weike:subtitles:1",
        "format": FORMAT,
        "recording": {"name": recording.name, "sha256": recording.sha256, "duration_ms": grid.duration_ms},
        "frame_rate": f"{grid.rate.numerator}/{grid.rate.denominator}",
        "recognition": {
            "engine": transcript.engine,
            "model": transcript.model,
            "is_demo_model": transcript.is_demo_model,
            "language": transcript.language,
        },
        "script": transcript.script and _script(transcript.script),
        "cues": [_cue(number, cue) for number, cue in enumerate(sheet.cues, 1)],
        "words": _words(transcript),
        "removals": removals_as_json(sheet),
    }


def flags_by_weight(cues: Sequence[Cue]) -> tuple[tuple[int, Cue, Flag], ...]:
    """Return each flag with its cue and the cue's number from 1, the weightiest first, then by time."""
    found = [(number, cue, flag) for number, cue in enumerate(cues, 1) for flag in cue.flags]
    return tuple(sorted(found, key=lambda item: (-item[2].weight, item[0])))


def doubts_as_json(sheet: CueSheet) -> list[Data]:
    """Return every flag with its cue, the weightiest first."""
    return [
        {"cue": number, "start_ms": cue.start_ms, "end_ms": cue.end_ms, "text": cue.text, **_flag(flag)}
        for number, cue, flag in flags_by_weight(sheet.cues)
    ]


def removals_as_json(sheet: CueSheet) -> list[Data]:
    """Return what was recognised and is not shown, in order of time."""
    return [_removal(removal) for removal in sheet.removals]


def write_json(data: Data, path: Path) -> None:
    """Write JSON values as UTF-8 text."""
    path.write_text(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n", "utf-8", newline="\n")


def schema() -> Data:
    """Return the published JSON Schema of the subtitles."""
    text = files("pipeline.captions").joinpath("schema/subtitles.schema.json").read_text("utf-8")
    loaded: Data = json.loads(text)
    return loaded


def _cue(number: int, cue: Cue) -> Data:
    return {
        "number": number,
        "start_ms": cue.start_ms,
        "end_ms": cue.end_ms,
        "text": cue.text,
        "screen": cue.screen,
        "confidence": _rounded(cue.confidence),
        "flags": [_flag(flag) for flag in cue.flags],
    }


def _flag(flag: Flag) -> Data:
    return {
        "kind": flag.kind,
        "weight": round(flag.weight, 4),
        "message": _said(flag.message),
        "found": flag.found,
        "suggestion": flag.suggestion,
        "suggestion_confidence": _rounded(flag.confidence),
    }


def _words(transcript: Transcript) -> list[Data]:
    return [
        {
            "text": word.text,
            "start_ms": word.start_ms,
            "end_ms": word.end_ms,
            "probability": _rounded(word.probability),
            "is_from_script": word.is_from_script,
        }
        for segment in transcript.segments
        for word in segment.words
    ]


def _removal(removal: Removal) -> Data:
    span = removal.span
    return {
        "start_ms": span.start_ms,
        "end_ms": span.end_ms,
        "text": removal.text,
        "reason": _said(removal.reason),
    }


def _script(match: ScriptMatch) -> Data:
    return {
        "name": match.path.name,
        "sha256": match.sha256,
        "followed": _rounded(match.followed),
        "deviations": [
            {
                "kind": deviation.kind,
                "start_ms": deviation.span.start_ms,
                "end_ms": deviation.span.end_ms,
                "script": deviation.script,
                "spoken": deviation.spoken,
                "confidence": _rounded(deviation.confidence),
            }
            for deviation in match.deviations
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _said(message: Message) -> dict[str, str]:
    """Return a message in every language, under the language's name."""
    said = {}
    for name in LANGUAGES:
        with speaking(name):
            said[name] = message.show()
    return said
