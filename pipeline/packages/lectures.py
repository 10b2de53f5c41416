"""The lecture in a package: judged by the product's own check, or by the report that was delivered with it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.events import Emit
from pipeline.lecture import judge_file
from pipeline.output import MARKER
from pipeline.packages.records import Item, LectureVerdict
from pipeline.presets import Preset
from pipeline.store import Store, file_sha256

REPORT_NAMES = ("report.json", "report.html", "report.pdf", "report.xlsx")
_REPORT_MAX_BYTES = 50_000_000


def the_lecture(items: Iterable[Item]) -> Item | None:
    """Return the one video among the lecture's files; ``None`` where there is none or more than one."""
    videos = {item.sha256: item for item in items if item.entry.part == "lecture" and item.content.nature == "video"}
    return next(iter(videos.values())) if len(videos) == 1 else None


def judge_lecture(items: Iterable[Item], preset: Preset, store: Store, emit: Emit) -> LectureVerdict | None:
    """Return what the check says of the lecture; ``None`` when there is not exactly one.

    Raises:
        WeikeError: this machine cannot check it.
    """
    item = the_lecture(items)
    if item is None:
        return None
    path = item.entry.path
    kept = _delivered_verdict(path, item.sha256, preset)
    if kept is not None:
        return LectureVerdict(item.place, item.sha256, not kept, kept, is_reused=True)
    sidecar = path.with_suffix(".srt")
    has_sidecar = sidecar.is_file() and not sidecar.is_symlink()
    try:
        report = judge_file(path, sidecar if has_sidecar else None, preset, store, emit)
    except InputError as error:
        return LectureVerdict(item.place, item.sha256, False, (error.id,), is_reused=False)
    missed = tuple(finding.rule for finding in report.findings if finding.is_miss)
    return LectureVerdict(item.place, item.sha256, report.is_compliant, missed, is_reused=False)


def is_delivered_report(path: Path, sha256: str) -> bool:
    """Tell whether a file is a report as Weike delivered it beside a lecture, unchanged since."""
    return path.name in REPORT_NAMES and _delivered(path.parent).get(path.name) == sha256


def _delivered(folder: Path) -> Mapping[str, str]:
    """Return the SHA-256 of what was delivered to a folder, by name; empty when it is not Weike's."""
    marker = _json(folder / MARKER)
    files = marker.get("files")
    return files if isinstance(files, dict) else {}


def _delivered_verdict(video: Path, sha256: str, preset: Preset) -> tuple[str, ...] | None:
    """Return the required rules that the delivered report says are missed; ``None`` when it speaks of something else.

    Video, subtitles and report are as they were delivered, and the report is on this video by this preset.
    """
    path = video.parent / "report.json"
    delivered = _delivered(video.parent)
    if delivered.get(video.name) != sha256 or not path.is_file() or path.is_symlink():
        return None
    sidecar = video.with_suffix(".srt")
    for each in (path, *([sidecar] if sidecar.is_file() else [])):
        if delivered.get(each.name) != file_sha256(each):
            return None
    report = _json(path)
    try:
        if report["file"]["sha256"] != sha256:
            return None
        if (report["preset"]["id"], report["preset"]["version"]) != (preset.id, preset.version):
            return None
        missed = [f["rule"] for f in report["findings"] if f["kind"] == "fail" and f["level"] == "required"]
    except (KeyError, TypeError):
        return None
    return tuple(map(str, missed)) if bool(missed) == (report.get("verdict") != "compliant") else None


def _json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; empty when there is none."""
    try:
        if path.is_symlink() or path.stat().st_size > _REPORT_MAX_BYTES:
            return {}
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
