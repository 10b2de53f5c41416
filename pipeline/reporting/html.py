"""The report as one HTML page that opens offline: no script, no outside file, everything escaped."""

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.presets import Preset
from pipeline.records import Report
from pipeline.reporting.figures import Figures, figures
from pipeline.reporting.palette import COLOURS
from pipeline.reporting.technical import technical_tables
from pipeline.reporting.view import view_of
from pipeline.texts import _, language

if TYPE_CHECKING:
    from jinja2 import Environment

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_WIDE, _NARROW = 940.0, 340.0


def plain(text: str) -> str:
    """Return ``text`` with control characters, direction marks and halves of characters made visible as ``�``."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def report_html(report: Report, preset: Preset, *, video_beside: bool = False) -> str:
    """Return the page in the language in force.

    Args:
        report: what to show.
        preset: the preset it was judged by.
        video_beside: the video lies in the page's own folder, so that time codes can be links into it.
    """
    video = report.measurements.recording.path.name
    style = _style()
    return (
        templates()
        .get_template("report.html.j2")
        .render(
            lang="zh-CN" if language() == "zh_CN" else "en",
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            view=view_of(report, preset),
            report=report,
            preset=preset,
            tables=technical_tables(report, preset),
            figures=_both_widths(report, preset),
            video=quote(video.encode("utf-8", "replace")) if video_beside else None,
        )
    )


def chart_svg(figure: object, kind: str, title: str, summary: str, font: str) -> str:
    """Return one chart as a free-standing SVG for the PDF; ``kind`` is ``loudness`` or ``timeline``."""
    template = templates().get_template("chart.svg.j2")
    return template.render(figure=figure, kind=kind, title=title, summary=summary, font=font)


def _both_widths(report: Report, preset: Preset) -> tuple[tuple[str, Figures], ...]:
    """Return the charts for wide windows and paper, and for phones, under the class that shows them."""
    return tuple((name, figures(report, preset, width)) for name, width in (("wide", _WIDE), ("narrow", _NARROW)))


def _style() -> str:
    colours = "".join(f"--{name}:{value};" for name, value in COLOURS.items())
    text = files("pipeline.reporting").joinpath("templates/report.css").read_text("utf-8")
    return f":root{{{colours}}}\n{text}"


def say(text: str, **values: object) -> str:
    """Translate in a template; the result is escaped like any other value."""
    return _(text).format_map(values) if values else _(text)


def finalise(value: Any) -> Any:
    """Clean what a template puts out; markup of our own templates passes."""
    return plain(value) if type(value) is str else value


@lru_cache
def templates(room: str = "pipeline.reporting") -> "Environment":
    """Return the templates of a room, by default pages and charts; what they put out is escaped and cleaned."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(room),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalise,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=say, colours=COLOURS)
    return made
