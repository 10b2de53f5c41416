"""Layout: recognised words become cues that can be read. Chinese subtitle layout as the preset's table has it."""

from collections.abc import Sequence

from pipeline.captions.atoms import Atom, find_atoms
from pipeline.captions.breaks import Pace, best_breaks
from pipeline.captions.cue_times import Spoken, place_on_grid
from pipeline.captions.flags import find_flags
from pipeline.captions.screen import on_screen, reading_chars
from pipeline.captions.words import master_signs, split_runs
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, Span, Word
from pipeline.timing import FrameGrid, to_ms


def lay_out(
    words: Sequence[Word], speech: Sequence[Span], grid: FrameGrid, settings: CaptionSettings
) -> tuple[Cue, ...]:
    """Return the cues of a lecture: ordered, apart, on the frame grid, holding all the words' text in order.

    Args:
        words: ordered, on the lecture's clock, with punctuation attached; without punctuation, pauses decide.
        speech: where somebody speaks, for the flags.
        grid: the delivery's frames.
        settings: line width, durations, gaps, reading speed.
    """
    lines = [line for line in _lines(words, grid, settings) if on_screen(_text(line))]
    screens = [on_screen(_text(line)) for line in lines]
    spoken = [
        Spoken(line[0].start_ms, line[-1].end_ms, reading_chars(screen))
        for line, screen in zip(lines, screens, strict=True)
    ]
    frames = place_on_grid(spoken, grid, settings)
    return tuple(
        _cue(line, screen, Span(to_ms(grid.time_s(first)), to_ms(grid.time_s(after))), speech, settings)
        for line, screen, (first, after) in zip(lines, screens, frames, strict=True)
    )


def _lines(words: Sequence[Word], grid: FrameGrid, settings: CaptionSettings) -> list[tuple[Atom, ...]]:
    """Cut the words into lines, run by run."""
    runs = split_runs(words)
    if not runs:
        return []
    begins = [run[0].start_ms for run in runs[1:]] + [grid.duration_ms]
    gap_ms = float(settings.gap_frames * 1000 / grid.rate)
    lines = []
    for run, begin in zip(runs, begins, strict=True):
        atoms = find_atoms(master_signs(run), settings.max_chars)
        lines += [atoms[a:b] for a, b in best_breaks(atoms, settings, Pace(gap_ms, begin))]
    return lines


def _cue(line: Sequence[Atom], screen: str, span: Span, speech: Sequence[Span], settings: CaptionSettings) -> Cue:
    confidence = min(atom.probability for atom in line)
    cue = Cue(span.start_ms, span.end_ms, _text(line), screen, confidence)
    flags = find_flags(cue, speech, settings, is_cut=any(atom.is_forced for atom in line))
    return Cue(cue.start_ms, cue.end_ms, cue.text, cue.screen, cue.confidence, flags)


def _text(line: Sequence[Atom]) -> str:
    return "".join(atom.text for atom in line).strip()
