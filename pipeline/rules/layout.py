"""The layout of the cues: width, lines, duration, gaps, reading speed; contrast and place where they were read back."""

import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from pipeline.presets import CaptionSettings, Preset
from pipeline.records import Cue, Measurements, Span
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message
from pipeline.timing import clock

_ROUNDING_MS = 1
"""SRT rounds to whole milliseconds."""
_WORST = 10
"""Offenders that are listed for each fault."""
_RATE = Fraction(25)
_NEEDS_FILE = N_(
    "Give the subtitle file with --srt, or put it beside the video under the same name, to have this judged."
)

_FAULTS = {
    "width": N_("{count} cues are too wide, cue {number} at {time} most of all ({value} characters). Break them."),
    "lines": N_("{count} cues have too many lines, cue {number} at {time} first ({value}). Split them."),
    "short": N_("{count} cues are too short, cue {number} at {time} most of all ({value} s). Let them stand longer."),
    "long": N_("{count} cues stand too long, cue {number} at {time} most of all ({value} s). Split them."),
    "gap": N_("{count} cues follow too closely, cue {number} at {time} most of all ({value} ms). Leave a gap."),
    "fast": N_("{count} cues are too fast, cue {number} at {time} most of all ({value} characters/s). Shorten them."),
    "faint": N_(
        "{count} cues stand out too little from the picture, cue {number} at {time} least of all ({value} to 1). "
        "Give them an outline."
    ),
    "outside": N_(
        "{count} cues leave the margins or are too wide, cue {number} at {time} first ({value} pixels). Move or break "
        "them."
    ),
    "brisk": N_("{count} cues are fast to read: look at cue {number} at {time} ({value} characters/s)."),
}
"""What each fault tells; the order is that of the report."""
_SOFT = frozenset({"brisk"})

Offence = tuple[float, int, Cue, str]
"""How bad it is, the cue's number, the cue, and the value written out."""


@rule("subtitle.layout")
def subtitle_layout(measurements: Measurements, preset: Preset) -> Verdict:
    """Every cue within the preset's layout; a cue that is only brisk is for a person to look at."""
    settings = preset.captions
    expected = (
        f"≤ {settings.lines} × {settings.line_chars:g}, {settings.min_ms / 1000:.2f}–{settings.max_ms / 1000:g} s, "
        f"≤ {settings.cps_strong:g} cps, gap ≥ {settings.gap_frames} f"
    )
    if not measurements.cues:
        return Verdict("open", None, expected, detail=Message(_NEEDS_FILE))
    video = measurements.recording.video
    rate = video.frame_rate if video is not None and video.frame_rate > 0 else _RATE
    found = {**_offences(measurements.cues, settings, rate), **_seen_offences(measurements, preset)}
    measured = _extremes(measurements.cues)
    if not found:
        return Verdict("pass", measured, expected)
    hard = {name: offences for name, offences in found.items() if name not in _SOFT}
    chosen = hard or found
    name = max(chosen, key=lambda fault: len(chosen[fault]))
    _, number, cue, value = chosen[name][0]
    values = {"count": str(len(chosen[name])), "number": str(number), "time": clock(cue.start_ms), "value": value}
    spans = {Span(cue.start_ms, cue.end_ms) for offences in chosen.values() for _, _, cue, _ in offences[:_WORST]}
    detail = Message(_FAULTS[name], values)
    return Verdict("fail" if hard else "review", measured, expected, spans=tuple(sorted(spans)), detail=detail)


def width(text: str) -> float:
    """Return the width of ``text`` in full-width characters; a half-width character counts one half."""
    return sum(map(_width, text))


def characters_a_second(cue: Cue) -> float:
    """Return the cue's reading speed: what is drawn, without spaces, in full-width characters a second."""
    read = sum(_width(sign) for sign in cue.screen if not sign.isspace())
    return read * 1000 / max(1, cue.end_ms - cue.start_ms)


def _width(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    # Ambiguous signs (dashes, ellipsis, interpunct, quotes) are full-width in a Chinese font.
    kind = unicodedata.east_asian_width(sign)
    return 1.0 if kind in "WF" or (kind == "A" and not sign.isalpha()) else 0.5


def layout_faults(cues: tuple[Cue, ...], settings: CaptionSettings, rate: Fraction) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the cues, from 1, that have each fault; ``brisk`` is for a person, the rest are misses."""
    found = _offences(cues, settings, rate)
    return {name: tuple(sorted(number for _, number, _, _ in items)) for name, items in found.items()}


def _offences(cues: tuple[Cue, ...], settings: CaptionSettings, rate: Fraction) -> dict[str, list[Offence]]:
    """Return the offenders of each fault that occurs, worst first."""
    found: dict[str, list[Offence]] = {name: [] for name in _FAULTS}
    for number, cue in enumerate(cues, 1):
        for name, badness, value in _faults(cue, settings):
            found[name].append((badness, number, cue, value))
    least = float(settings.gap_frames * 1000 / rate)
    for number, (before, after) in enumerate(pairwise(cues), 2):
        gap = after.start_ms - before.end_ms
        if gap < least - _ROUNDING_MS:
            found["gap"].append((-gap, number, after, str(gap)))
    return {name: sorted(items, key=lambda item: -item[0]) for name, items in found.items() if items}


def _seen_offences(measurements: Measurements, preset: Preset) -> dict[str, list[Offence]]:
    """Return the cues that were read from the picture and are faint or out of place there, worst first."""
    found: dict[str, list[Offence]] = {"faint": [], "outside": []}
    limits, cues = preset.limits, measurements.cues or ()
    for read in measurements.read_backs:
        if read.similarity < limits.read_back_similarity_min or read.cue_number > len(cues):
            continue
        number, cue = read.cue_number, cues[read.cue_number - 1]
        if read.contrast is not None and read.contrast < limits.read_back_contrast_min:
            found["faint"].append((-read.contrast, number, cue, f"{read.contrast:.1f}"))
        if read.is_inside_margins is False and read.box is not None:
            left, top, right, bottom = read.box
            found["outside"].append((-number, number, cue, f"{left}–{right} × {top}–{bottom}"))
    return {name: sorted(items, key=lambda item: -item[0]) for name, items in found.items() if items}


def _faults(cue: Cue, settings: CaptionSettings) -> Iterator[tuple[str, float, str]]:
    """Yield name, badness and written value of each fault of one cue."""
    lines = cue.screen.split("\n")
    widest = max(map(width, lines))
    length_ms, speed = cue.end_ms - cue.start_ms, characters_a_second(cue)
    if widest > settings.line_chars:
        yield "width", widest, f"{widest:g}"
    if len(lines) > settings.lines:
        yield "lines", len(lines), str(len(lines))
    if length_ms < settings.min_ms - _ROUNDING_MS:
        yield "short", -length_ms, f"{length_ms / 1000:.2f}"
    if length_ms > settings.max_ms + _ROUNDING_MS:
        yield "long", length_ms, f"{length_ms / 1000:.2f}"
    if speed > settings.cps_strong:
        yield "fast", speed, f"{speed:.1f}"
    elif speed > settings.cps_warn:
        yield "brisk", speed, f"{speed:.1f}"


def _extremes(cues: tuple[Cue, ...]) -> str:
    """Return the extremes of all cues, in the order of what is expected."""
    lines = [cue.screen.split("\n") for cue in cues]
    lengths = [cue.end_ms - cue.start_ms for cue in cues]
    gaps = [after.start_ms - before.end_ms for before, after in pairwise(cues)]
    gap = f", gap ≥ {min(gaps)} ms" if gaps else ""
    widest = max(width(line) for parts in lines for line in parts)
    return (
        f"≤ {max(map(len, lines))} × {widest:g}, {min(lengths) / 1000:.2f}–{max(lengths) / 1000:.2f} s, "
        f"≤ {max(map(characters_a_second, cues)):.1f} cps{gap}"
    )
