"""The list of a package as JSON: every file with its hash, every rule with its verdict.

It names no folder of the machine that it was made on, and no time: the same package gives the same bytes.
"""

import json
from typing import Any

from pipeline import __version__
from pipeline.packages.judging import RULE_TITLES
from pipeline.packages.records import PART_TITLES, Fault, Item, Package, Verdict
from pipeline.reporting.html import plain
from pipeline.reporting.json_values import both, said, size_of

FORMAT = "1.0"
Data = dict[str, Any]


def manifest_as_json(package: Package) -> Data:
    """Return the list as JSON values."""
    return {
        "format": FORMAT,
        "generator": f"weike {__version__}",
        "name": package.name,
        "verdict": "compliant" if package.is_compliant else "noncompliant",
        "preset": {"id": package.preset, "version": package.preset_version, "title": package.preset_title},
        "size": size_of(package.size_bytes),
        "files": [_file(item) for item in package.items],
        "rules": [_rule(verdict) for verdict in package.verdicts],
        "lecture": _lecture(package),
        "ignored": [plain(name) for name in package.ignored],
    }


def manifest_json(package: Package) -> bytes:
    """Return the list as UTF-8 JSON text."""
    text = json.dumps(manifest_as_json(package), ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace") + b"\n"


def _file(item: Item) -> Data:
    content = item.content
    return {
        "path": item.place,
        "given_as": plain(item.entry.shown),
        "part": item.entry.part,
        "part_title": said(PART_TITLES[item.entry.part]),
        "work": plain(item.work),
        "size_bytes": item.size_bytes,
        "sha256": item.sha256,
        "nature": content.nature,
        "form": content.form,
        "detail": content.detail,
    }


def _rule(verdict: Verdict) -> Data:
    return {
        "rule": verdict.rule,
        "title": said(RULE_TITLES[verdict.rule]),
        "level": verdict.level,
        "kind": verdict.kind,
        "measured": verdict.measured,
        "expected": verdict.expected,
        "faults": [_fault(fault) for fault in verdict.faults],
        "source": verdict.source,
    }


def _fault(fault: Fault) -> Data:
    shown = {language: plain(text) for language, text in both(fault.message).items()}
    return {"file": plain(fault.place) or None, "message": shown}


def _lecture(package: Package) -> Data | None:
    lecture = package.lecture
    if lecture is None:
        return None
    return {
        "path": lecture.place,
        "sha256": lecture.sha256,
        "verdict": "compliant" if lecture.is_compliant else "noncompliant",
        "missed": list(lecture.missed),
        "is_reused": lecture.is_reused,
    }
