"""Layout: recognised words become cues that can be read. Chinese subtitle layout as the preset's table has it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.captions.atoms import find_atoms
from pipeline.captions.breaks import best_breaks
from pipeline.captions.cue_times import Spoken, place_on_grid
from pipeline.captions.flags import find_flags
from pipeline.captions.lines import Ruler
from pipeline.captions.screen import on_screen
from pipeline.captions.speakers import speaker_names, turns
from pipeline.captions.words import Sign, master_signs, split_runs
from pipeline.presets import CaptionSettings
from pipeline.records import Cue, Span, Word
from pipeline.timing import FrameGrid, to_ms


def lay_out(
    words: Sequence[Word], speech: Sequence[Span], grid: FrameGrid, settings: CaptionSettings
) -> tuple[Cue, ...]:
    """Return the cues of a lecture: ordered, apart, on the frame grid, holding all the words' text in order.

    A cue holds one speaker's words, as far as the text marks speakers. Where a preset asks for two lines, the lines of
    a cue are separated by a line feed in both of its texts.

    Args:
        words: ordered, on the lecture's clock, with punctuation attached; without punctuation, pauses decide.
        speech: where somebody speaks, for the flags.
        grid: the delivery's frames.
        settings: line width, durations, gaps, reading speed.
    """
    passages = [Ruler(find_atoms(signs, settings.line_chars), settings) for signs in _passages(words)]
    pieces = [
        (passage, begin, end)
        for passage, cues in zip(passages, best_breaks(passages, grid, settings), strict=True)
        for begin, end in cues
        if on_screen(passage.text(begin, end))
    ]
    spoken = [
        Spoken(passage.atoms[begin].start_ms, passage.atoms[end - 1].end_ms, passage.chars(begin, end))
        for passage, begin, end in pieces
    ]
    frames = place_on_grid(spoken, grid, settings)
    return tuple(
        _cue(*piece, Span(to_ms(grid.time_s(first)), to_ms(grid.time_s(after))), speech, settings)
        for piece, (first, after) in zip(pieces, frames, strict=True)
    )


def _passages(words: Sequence[Word]) -> Iterator[Sequence[Sign]]:
    """Yield the master text of a lecture between places where a cue must end: long pauses, another speaker."""
    names = speaker_names("".join(word.text for word in words))
    for run in split_runs(words):
        signs = master_signs(run)
        text = "".join(sign.text for sign in signs)
        places = [0, *turns(text, names), len(signs)]
        for begin, end in pairwise(places):
            if on_screen(text[begin:end]):
                yield signs[begin:end]


def _cue(passage: Ruler, begin: int, end: int, span: Span, speech: Sequence[Span], settings: CaptionSettings) -> Cue:
    atoms = passage.atoms[begin:end]
    text = passage.in_lines(begin, end)
    screen = "\n".join(on_screen(line) for line in text.split("\n"))
    cue = Cue(span.start_ms, span.end_ms, text, screen, min(atom.probability for atom in atoms))
    is_cut = any(atom.is_forced for atom in atoms)
    flags = find_flags(cue, speech, settings, is_cut=is_cut, late_ms=cue.start_ms - atoms[0].start_ms)
    return Cue(cue.start_ms, cue.end_ms, cue.text, cue.screen, cue.confidence, flags)
