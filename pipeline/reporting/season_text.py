"""The season as lines for a terminal: the headline, then one lecture after another with its reasons."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.presets import Preset
from pipeline.reporting.html import plain
from pipeline.reporting.season_view import Line, season_view
from pipeline.season import SeasonRow, Verdict

_MARKS: dict[Verdict, str] = {"compliant": "✓", "noncompliant": "✗", "failed": "!", "waiting": "·"}


def season_lines(rows: Sequence[SeasonRow], preset: Preset, *, with_hash: bool = False) -> list[str]:
    """Return the lines; nothing in them can steer a terminal.

    Args:
        rows: the lectures.
        preset: the demands.
        with_hash: say dates and the SHA-256 of each delivery too.
    """
    view = season_view(rows, preset, datetime.now(UTC).isoformat(timespec="seconds"))
    lines = [view.headline]
    for line in view.lines:
        lines.append(f"{_MARKS[line.verdict]} {line.number:3}  {line.word}  {line.title}  {line.byline}".rstrip())
        lines += [f"         {text}" for text in (*_dates(line, with_hash), *line.reasons, line.advice) if text]
    return [plain(line) for line in lines]


def _dates(line: Line, with_hash: bool) -> tuple[str, ...]:
    if not with_hash:
        return ()
    told = [words for _tone, words in line.times]
    return (" · ".join(told), f"SHA-256 {line.sha256}" if line.sha256 else "")
