"""What lies in a lecture's folder, as its own report and marker say; and whether it is still whole."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.output import MARKER
from pipeline.season import Delivered
from pipeline.store import file_sha256


def delivered_in(folder: Path, known: Delivered | None = None, *, verify: bool = True) -> Delivered | None:
    """Return what is delivered in ``folder``; ``None`` when it is no whole delivery of ours.

    The hash of the video stands in the marker and in the report; both must agree with each other and with the file.

    Args:
        folder: the lecture's folder.
        known: an earlier answer; while size and time of change are as then, its hash is believed without reading.
        verify: compare the file with its hash when there is no such answer; otherwise its size alone.
    """
    try:
        report = json.loads((folder / "report.json").read_text("utf-8"))
        marker = json.loads((folder / MARKER).read_text("utf-8"))["files"]
        video = folder / f"{folder.name}.mp4"
        status = video.stat()
        found = _told(report, folder, video.name, status.st_mtime_ns)
        if found.sha256 != marker.get(video.name) or found.size_bytes != status.st_size:
            return None
        if verify and not _is_believed(found, known) and file_sha256(video) != found.sha256:
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found


def is_of_run(delivered: Delivered, started_utc: str, preset: str) -> bool:
    """Tell whether a delivery was made after ``started_utc`` under a preset of that id.

    A run that was killed between the delivery and the note of it is known by this.
    """
    made, started = (datetime.fromisoformat(text) for text in (delivered.created_utc, started_utc))
    return made >= started and delivered.preset == preset


def _is_believed(found: Delivered, known: Delivered | None) -> bool:
    if known is None:
        return False
    return (found.sha256, found.size_bytes, found.mtime_ns) == (known.sha256, known.size_bytes, known.mtime_ns)


def _told(report: dict[str, Any], folder: Path, video: str, mtime_ns: int) -> Delivered:
    findings, subtitles = report["findings"], report["subtitles"]
    return Delivered(
        folder=folder.name,
        video=video,
        sha256=report["file"]["sha256"],
        source_sha256=(report["source"] or {}).get("sha256", ""),
        size_bytes=report["file"]["size"]["bytes"],
        duration_ms=report["file"]["duration"]["ms"],
        mtime_ns=mtime_ns,
        preset=report["preset"]["id"],
        is_compliant=report["verdict"] == "compliant",
        missed=tuple(f["rule"] for f in findings if f["kind"] == "fail" and f["level"] == "required"),
        advised_missed=sum(f["kind"] == "fail" and f["level"] == "advised" for f in findings),
        undecided=sum(f["kind"] in {"review", "open"} for f in findings),
        doubtful=len({flag["cue"] for flag in subtitles["flags"]}),
        subtitles=subtitles["cues"] or 0,
        created_utc=report["created_utc"],
    )
