"""The report as a PDF to print, sign and file: typst lays it out, and takes every text as data, never as markup."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.errors import NoFontError
from pipeline.presets import Preset
from pipeline.records import Report
from pipeline.reporting.figures import figures
from pipeline.reporting.html import chart_svg, plain
from pipeline.reporting.palette import COLOURS
from pipeline.reporting.technical import technical_tables
from pipeline.reporting.view import view_of
from pipeline.reporting.words import moment
from pipeline.texts import _, language

_FAMILIES = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip
_CHART_WIDTH = 760.0
_LOUDNESS_HEIGHT = 100.0
_SAMPLES = 4
_TABLES = 3
"""The last ones of the appendix (recognition, encoding, versions); the page holds them all."""


class PdfError(Exception):
    """The layout failed; the message is typst's first line."""


def report_pdf(report: Report, preset: Preset, font_folders: Iterable[Path] = ()) -> bytes:
    """Return the PDF (tagged, fonts embedded) in the language in force.

    Args:
        report: what to show.
        preset: the preset it was judged by.
        font_folders: where Chinese fonts lie; the system's fonts are looked at too.

    Raises:
        NoFontError: no Chinese font here.
        PdfError: the layout failed.
    """
    import typst

    folders = [str(folder) for folder in font_folders]
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=folders)
    family = next((name for name in _FAMILIES if name in set(fonts.families())), None)
    if family is None:
        raise NoFontError(folder=folders[0] if folders else "")
    data = json.dumps(_cleaned(_data(report, preset, family)), ensure_ascii=False)
    template = files("pipeline.reporting").joinpath("templates/report.typ").read_bytes()
    created = int(moment(report.created_utc).timestamp())
    try:
        return bytes(
            typst.compile(template, format="pdf", font_paths=fonts, sys_inputs={"data": data}, timestamp=created)
        )
    except typst.TypstError as error:
        raise PdfError(str(error).partition("\n")[0]) from error


def _data(report: Report, preset: Preset, family: str) -> dict[str, Any]:
    view = asdict(view_of(report, preset))
    if view["read_back"]:
        pictures = view["read_back"]["pictures"][:_SAMPLES]
        view["read_back"]["pictures"] = [{**picture, "image": _picture(picture["image"])} for picture in pictures]
    return {
        "view": view,
        "words": _words(),
        "family": family,
        "lang": "zh" if language() == "zh_CN" else "en",
        "colours": COLOURS,
        "preset_title": view["preset"],
        "notice": report.notice,
        "sha256": report.sha256,
        "created": _created().format(time=view["created"]),
        "file": report.measurements.recording.path.name,
        "charts": _charts(report, preset, family),
        "tables": [asdict(table) for table in technical_tables(report, preset)[-_TABLES:]],
    }  # fmt: skip


def _created() -> str:
    return _("Made {time} (UTC) from the finished file alone; the same facts for machines are in report.json.")


def _charts(report: Report, preset: Preset, family: str) -> list[dict[str, str]]:
    drawn = figures(report, preset, _CHART_WIDTH, _LOUDNESS_HEIGHT)
    made = []
    for kind, figure, title, summary in (
        ("loudness", drawn.loudness, _("Loudness (short-term, LUFS)"), drawn.loudness_summary),
        ("timeline", drawn.timeline, _("Speech and subtitles"), drawn.timeline_summary),
    ):
        if figure is not None:
            svg = chart_svg(figure, kind, title, summary, family)
            made.append({"kind": kind, "title": title, "summary": summary, "svg": svg})
    return made


def _picture(address: str | None) -> str | None:
    """Return a ``data:`` picture inside an SVG, the one form in which typst takes pictures as text."""
    if address is None:
        return None
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 640 360" '
        f'width="640" height="360"><image width="640" height="360" xlink:href="{address}"/></svg>'
    )


def _words() -> dict[str, str]:
    """Return the template's own words."""
    return {
        "report": _("Compliance report"),
        "next": _("What to do next"),
        "notice": _("What the notice says"),
        "rule": _("Rule"),
        "measured": _("Measured"),
        "asked": _("Asked for"),
        "where": _("Where"),
        "time": _("The lecture over time"),
        "curve": _("Loudness"),
        "band": _("Accepted range"),
        "whole": _("As a whole"),
        "samples": _("Subtitles read back from the picture"),
        "expected": _("Expected"),
        "read": _("Read"),
        "frame": _("Frame at {time}"),
        "made": _("How it was made"),
        "judges": _("This report judges exactly one file, known by its fingerprint (SHA-256):"),
        "more": _("{count} more are listed in report.json."),
        "doubts": _("Doubtful subtitles"),
        "origin": _("The words of the subtitles"),
        "script": _("Speech and script"),
        "of_script": _("Script"),
        "of_speech": _("Speech"),
        "sure": _("{share} sure"),
        "contrast": _("Contrast"),
        "alike": _("Alike"),
        "removed": _("Recognised but not shown"),
        "handled": _("What was met and handled"),
    }


def _cleaned(value: Any) -> Any:
    """Return JSON values whose texts hold no control characters."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value
