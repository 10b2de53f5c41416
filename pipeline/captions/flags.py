"""Flags that a cue shows by itself: pace, length, silence, characters, wording; see review.py for the others."""

from collections.abc import Sequence

from pipeline.captions.screen import reading_chars, width
from pipeline.captions.wording import find_wording
from pipeline.characters import offending
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, Flag, Span
from pipeline.texts import N_, Message

LATE_MS = 250
"""A cue that is out of step with its sound by more than this is flagged; two frames are what the layout allows."""
SPEECH_SHARE_MIN = 0.3
"""A cue with less of its time in speech may have been invented."""
_ROUNDING_MS = 20
"""Half a frame at 25 frames a second: times on the grid may differ from a limit by it."""


def find_flags(
    cue: Cue, speech: Sequence[Span], settings: CaptionSettings, *, is_cut: bool = False, late_ms: int = 0
) -> tuple[Flag, ...]:
    """Return what a person should know about a cue, heaviest first.

    Args:
        cue: with its times and text; its own flags do not count.
        speech: where somebody speaks.
        settings: limits of the preset.
        is_cut: something that should not be divided was wider than a line.
        late_ms: how long after its sound the cue begins; less than 0 when it comes before.
    """
    found = [
        *_pace(cue, settings),
        *_step(late_ms),
        *_length(cue, settings),
        *_silence(cue, speech),
        *_form(cue),
        *_wording(cue),
        *(
            [Flag("unbreakable", Message(N_("A word or title is longer than a line and was divided.")), 0.6)]
            if is_cut
            else []
        ),
    ]
    return tuple(sorted(found, key=lambda flag: -flag.weight))


def _pace(cue: Cue, settings: CaptionSettings) -> list[Flag]:
    speed = reading_chars(cue.screen) * 1000 / max(1, cue.end_ms - cue.start_ms)
    if speed <= settings.cps_warn:
        return []
    message = Message(N_("It must be read at {speed} characters a second."), {"speed": f"{speed:.1f}"})
    return [Flag("fast", message, 0.8 if speed > settings.cps_strong else 0.4)]


def _step(late_ms: int) -> list[Flag]:
    if abs(late_ms) <= LATE_MS:
        return []
    values = {"seconds": f"{abs(late_ms) / 1000:.1f}"}
    late = N_("It begins {seconds} s after its words: they are spoken too fast for the layout.")
    early = N_("It begins {seconds} s before its words: the picture ends too soon after them.")
    return [Flag("fast", Message(late if late_ms > 0 else early, values), 0.5)]


def _length(cue: Cue, settings: CaptionSettings) -> list[Flag]:
    shown = cue.end_ms - cue.start_ms
    values = {"seconds": f"{shown / 1000:.2f}", "chars": f"{width(cue.screen):g}"}
    flags = []
    if shown < settings.min_ms - _ROUNDING_MS:
        flags.append(Flag("short", Message(N_("It is on the screen for only {seconds} s."), values), 0.5))
    if shown > settings.max_ms + _ROUNDING_MS:
        flags.append(Flag("long", Message(N_("It stays on the screen for {seconds} s."), values), 0.3))
    if max(map(width, cue.screen.split("\n"))) > settings.line_chars:
        flags.append(Flag("long", Message(N_("Its line has {chars} characters."), values), 0.6))
    return flags


def _silence(cue: Cue, speech: Sequence[Span]) -> list[Flag]:
    shown = max(1, cue.end_ms - cue.start_ms)
    inside = sum(max(0, min(s.end_ms, cue.end_ms) - max(s.start_ms, cue.start_ms)) for s in speech)
    if inside / shown >= SPEECH_SHARE_MIN:
        return []
    return [Flag("near-silence", Message(N_("Hardly anybody speaks while it is shown; it may be invented.")), 0.9)]


def _form(cue: Cue) -> list[Flag]:
    wrong = offending(cue.text)
    if not wrong:
        return []
    shown = " ".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in wrong)
    message = Message(N_("These characters are no standard simplified ones: {characters}."), {"characters": shown})
    return [Flag("script-form", message, 0.95, found="".join(wrong))]


def _wording(cue: Cue) -> list[Flag]:
    text = N_("“{found}” is usually written “{suggestion}”.")
    return [
        Flag(
            "wording",
            Message(text, {"found": hint.found, "suggestion": hint.suggestion}),
            weight=round(0.4 * hint.confidence, 2),
            found=hint.found,
            suggestion=hint.suggestion,
            confidence=hint.confidence,
        )
        for hint in find_wording(cue.text)
    ]
