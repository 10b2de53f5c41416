"""The report of a season as JSON: stable keys, both languages, no path of the machine it was made on."""

import json
from collections.abc import Sequence
from datetime import datetime

from pipeline.presets import Preset
from pipeline.reporting.json_values import Data, both, size_of, time_of
from pipeline.season import BadCell, Delivered, Entry, Failure, SeasonRow

FORMAT = "1.0"


def season_as_json(rows: Sequence[SeasonRow], preset: Preset, created_utc: str) -> Data:
    """Return the season as JSON values."""
    verdicts = [row.verdict for row in rows]
    deadlines = preset.deadlines
    return {
        "format": FORMAT,
        "created_utc": created_utc,
        "preset": {"id": preset.id, "version": preset.version, "title": preset.title.model_dump()},
        "deadlines": {
            "registered_by": deadlines.registered_by and deadlines.registered_by.isoformat(),
            "delivered_by": deadlines.delivered_by and deadlines.delivered_by.isoformat(),
        },
        "summary": {name: verdicts.count(name) for name in ("compliant", "noncompliant", "failed", "waiting")},
        "lectures": [_row(row) for row in rows],
    }


def season_json(rows: Sequence[SeasonRow], preset: Preset, created_utc: str) -> bytes:
    """Return the season as UTF-8 JSON text."""
    text = json.dumps(season_as_json(rows, preset, created_utc), ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode("utf-8", "replace") + b"\n"


def bad_cell_as_json(cell: BadCell) -> Data:
    """Return a bad cell of a register."""
    return {
        "sheet": cell.sheet,
        "row": cell.row,
        "column": cell.column,
        "heading": cell.heading,
        "found": cell.found,
        "why": both(cell.why),
        "remedy": both(cell.remedy),
    }


def _row(row: SeasonRow) -> Data:
    return {
        "name": row.name,
        "title": row.title,
        "speaker": row.speaker,
        "unit": row.unit,
        "recordings": list(row.recordings),
        "verdict": row.verdict,
        "required_missed": list(row.missed),
        "registration": row.registration,
        "delivery": row.delivery,
        "register": row.entry and _entry(row.entry),
        "findings": [
            {
                "rule": finding.rule,
                "level": finding.level,
                "kind": finding.kind,
                "measured": finding.measured,
                "expected": finding.expected,
                "detail": finding.detail and both(finding.detail),
                "source": finding.source,
            }
            for finding in row.findings
        ],
        "bad_cells": [bad_cell_as_json(cell) for cell in row.bad_cells],
        "delivered": row.delivered and _delivered(row.delivered),
        "failure": row.failure and _failure(row.failure),
    }


def _entry(entry: Entry) -> Data:
    return {
        "row": entry.row,
        "registered_at": _moment(entry.registered_at),
        "planned_at": _moment(entry.planned_at),
        "remark": entry.remark,
    }


def _delivered(made: Delivered) -> Data:
    return {
        "folder": made.folder,
        "video": f"{made.folder}/{made.video}",
        "report": f"{made.folder}/report.json",
        "sha256": made.sha256,
        "source_sha256": made.source_sha256,
        "size": size_of(made.size_bytes),
        "duration": time_of(made.duration_ms),
        "verdict": "compliant" if made.is_compliant else "noncompliant",
        "required_missed": list(made.missed),
        "advised_missed": made.advised_missed,
        "undecided": made.undecided,
        "subtitles": made.subtitles,
        "doubtful_subtitles": made.doubtful,
        "created_utc": made.created_utc,
    }


def _failure(failure: Failure) -> Data:
    return {
        "id": failure.id,
        "exit_code": failure.exit_code,
        "message": both(failure.message),
        "advice": both(failure.advice),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")
