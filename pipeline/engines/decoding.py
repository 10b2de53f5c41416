"""What both engines ask of the decoder, and what both make of the segments that it gives."""

import os
from collections.abc import Iterable, Sequence

from pipeline.records import SpeechSegment, Word

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Tried in turn while a result looks wrong. Source: Whisper's paper, section 4.5, and the package's default."""
COMPRESSION_RATIO_MAX = 2.4
"""Above this a text repeats itself. Source: as above."""
LOGPROB_MIN = -1.0
"""Mean log probability below which a text is doubted. Source: as above."""
NO_SPEECH_MAX = 0.6
"""Probability of no speech above which a doubted text is taken for silence. Source: as above."""
SEED = 20200613
"""Retries draw at random; the same clip must give the same text every time."""
_FRAME_MS, _STAMP_MS = 10, 20
"""Length of a spectrum's frame, and the step of the decoder's time stamps."""


def decoder_times(
    tokens: Sequence[int], first_stamp: int, seek_frames: int, otherwise_s: tuple[float, float]
) -> tuple[int, int]:
    """Return a segment's own times in milliseconds from the clip's start, from the decoder's time stamps.

    Both packages overwrite them with the words' times; both are wanted, since either may be the one that is wrong.

    Args:
        tokens: of the segment.
        first_stamp: the token that stands for the window's beginning.
        seek_frames: where the window lies in the clip.
        otherwise_s: the package's times, for a segment without two time stamps.
    """
    stamps = [(token - first_stamp) * _STAMP_MS + seek_frames * _FRAME_MS for token in tokens if token >= first_stamp]
    if len(stamps) > 1:
        return stamps[0], stamps[-1]
    return milliseconds(otherwise_s[0]), milliseconds(otherwise_s[1])


def segment_of(
    text: str,
    times_ms: tuple[int, int],
    words: Iterable[Word],
    average_logprob: float,
    no_speech_probability: float,
    compression_ratio: float,
) -> SpeechSegment:
    """Return a segment with its figures rounded to what they are worth."""
    return SpeechSegment(
        text=text,
        start_ms=times_ms[0],
        end_ms=times_ms[1],
        words=tuple(words),
        average_logprob=round(float(average_logprob), 4),
        no_speech_probability=round(float(no_speech_probability), 4),
        compression_ratio=round(float(compression_ratio), 3),
    )


def word_of(text: str, start_s: float, end_s: float, probability: float) -> Word:
    """Return a word of a package, in the record's units."""
    return Word(text, milliseconds(start_s), milliseconds(end_s), round(float(probability), 4))


def milliseconds(seconds: float) -> int:
    """Return a package's time in milliseconds."""
    return round(float(seconds) * 1000)


def wait_quietly() -> None:
    """Let waiting threads sleep: threads that spin cost four times the processor when another job is busy beside."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
