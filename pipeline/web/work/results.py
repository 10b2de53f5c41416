"""What became of a lecture, in plain words: from its own report, and from nothing else."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.reporting.rule_names import RULE_TEXTS
from pipeline.reporting.words import amount
from pipeline.texts import N_, _, language

_KINDS = {
    ".mp4": N_("Video"),
    ".srt": N_("Subtitles"),
    ".pdf": N_("Report to print"),
    ".json": N_("Report for programs"),
    ".html": N_("Report"),
    ".jpg": N_("Cover picture"),
}
_LEVELS = {"required": "bad", "advised": "warn"}


@dataclass(frozen=True, slots=True)
class Miss:
    """A rule that is missed, and what to do."""

    title: str
    tone: str
    measured: str
    expected: str
    advice: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a person can take."""

    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class Result:
    """A finished lecture."""

    is_compliant: bool
    preset: str
    misses: tuple[Miss, ...]
    passed: int
    doubtful: int
    """Subtitles that a person should look at."""
    downloads: tuple[Download, ...]
    has_demo_model: bool


def result_of(folder: Path) -> Result | None:
    """Return what a lecture's folder tells; ``None`` when it holds no report."""
    try:
        report: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
        findings = report["findings"]
        return Result(
            is_compliant=report["verdict"] == "compliant",
            preset=_own(report["preset"]["title"]),
            misses=tuple(
                miss
                for level in _LEVELS
                for miss in (_miss(f) for f in findings if f["kind"] == "fail" and f["level"] == level)
            ),
            passed=sum(finding["kind"] == "pass" for finding in findings),
            doubtful=len({flag["cue"] for flag in report["subtitles"]["flags"]}),
            downloads=downloads_in(folder),
            has_demo_model=bool((report["recognition"] or {}).get("is_demo_model")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def downloads_in(folder: Path) -> tuple[Download, ...]:
    """Return the files of a lecture's folder as a person may take them."""
    return tuple(map(_download, files_of(folder)))


def files_of(folder: Path) -> tuple[Path, ...]:
    """Return the files in a lecture's folder that may be taken: the video first, no link, nothing hidden."""
    found = [p for p in folder.iterdir() if p.is_file() and not p.is_symlink() and not p.name.startswith(".")]
    order = list(_KINDS)
    return tuple(sorted(found, key=lambda p: (order.index(p.suffix) if p.suffix in order else len(order), p.name)))


def _miss(finding: dict[str, Any]) -> Miss:
    text = RULE_TEXTS.get(finding["rule"])
    detail = finding["detail"]
    return Miss(
        title=_(text.title) if text else finding["rule"],
        tone=_LEVELS[finding["level"]],
        measured=amount(finding["measured"], finding["unit"]) or "–",
        expected=amount(finding["expected"], finding["unit"]) or "–",
        advice=_own(detail) if detail else _(text.remedy) if text and text.remedy else "",
    )


def _download(path: Path) -> Download:
    size = path.stat().st_size
    shown = f"{size / 1e6:,.1f} MB" if size >= 10**5 else f"{max(1, round(size / 1e3))} kB"
    return Download(path.name, _(_KINDS[path.suffix]) if path.suffix in _KINDS else "", shown)


def _own(texts: dict[str, str]) -> str:
    return texts.get(language()) or next(iter(texts.values()), "")
