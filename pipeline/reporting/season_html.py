"""The report of a season as one HTML page in both languages: no script, no outside file, everything escaped.

Language and filters are radio buttons that style sheets obey, so that the page works from a disk under the strictest
content policy.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import quote

from markupsafe import Markup

from pipeline.presets import Preset
from pipeline.reporting.html import templates
from pipeline.reporting.palette import COLOURS
from pipeline.reporting.season_view import VERDICTS, season_view
from pipeline.season import SeasonRow
from pipeline.texts import language, speaking

_LANGUAGES = (("zh_CN", "zh", "zh-CN", "中文"), ("en", "en", "en", "English"))
"""Language, its id in the page, its HTML code, its own name."""


def season_pages(rows: Sequence[SeasonRow], preset: Preset, created_utc: str) -> dict[str, bytes]:
    """Return the page under its file name; it opens in the language in force."""
    style = _style()
    parts = []
    for name, short, code, _title in _LANGUAGES:
        with speaking(name):
            view = season_view(rows, preset, created_utc)
            part = templates().get_template("season-part.html.j2").render(view=view, short=short, link=quote)
        parts.append((short, code, Markup(part)))
    page = (
        templates()
        .get_template("season.html.j2")
        .render(
            parts=parts,
            languages=_LANGUAGES,
            current=language(),
            verdicts=tuple(VERDICTS),
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
    return {"index.html": page.encode("utf-8", "replace")}


def _style() -> str:
    colours = "".join(f"--{name}:{value};" for name, value in COLOURS.items())
    chosen = "background:var(--card);border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)"
    filters = "".join(
        f"#show-{verdict}:checked~main tbody tr:not(.is-{verdict}){{display:none}}"
        f"#show-{verdict}:checked~main label[for=show-{verdict}]{{{chosen}}}"
        f"#show-{verdict}:focus-visible~main label[for=show-{verdict}]{{outline:3px solid var(--cue)}}"
        for verdict in VERDICTS
    )
    text = files("pipeline.reporting").joinpath("templates/season.css").read_text("utf-8")
    return f":root{{{colours}}}\n{text}{filters}"
