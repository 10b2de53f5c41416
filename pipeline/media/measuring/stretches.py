"""Black and frozen stretches, frame by frame, as ffmpeg's detectors define them (blackdetect, freezedetect)."""

import numpy as np

from pipeline.media.measuring.groups import HEIGHT, Planes
from pipeline.records import Span

FREEZE_NOISE = 0.001
"""Mean difference, of full scale, that coding noise stays below and a moving speaker does not: ffmpeg's −60 dB."""
BLACK_SHARE = 0.99
"""Share of dark pixels in a black frame: a line of subtitles lights 0.8 %."""
_BLACK_LUMA = 37
"""Brightest luma of a dark pixel, limited range: a tenth of the way to white."""


def is_black(picture: Planes) -> bool:
    """Tell whether nearly all of a picture is dark."""
    return bool((picture[:HEIGHT] <= _BLACK_LUMA).mean() >= BLACK_SHARE)


def is_still(one: Planes, other: Planes) -> bool:
    """Tell whether two pictures differ by no more than coding noise."""
    import cv2

    return bool(cv2.norm(one, other, cv2.NORM_L1) <= FREEZE_NOISE * 256 * one.size)


class BlackCounter:
    """Notes stretches of black."""

    def __init__(self, least_s: float) -> None:
        """Note those of ``least_s`` seconds and longer."""
        self._least_s = least_s
        self._begun: float | None = None
        self.spans: list[Span] = []

    def add(self, time_s: float, picture: Planes) -> None:
        """Take the next frame."""
        if not is_black(picture):
            self.end(time_s)
        elif self._begun is None:
            self._begun = time_s

    def end(self, time_s: float) -> None:
        """Note that black, if there is any, ends at ``time_s``."""
        if self._begun is not None and time_s - self._begun >= self._least_s - 1e-6:
            self.spans.append(Span(round(self._begun * 1000), round(time_s * 1000)))
        self._begun = None


class FreezeCounter:
    """Notes stretches in which every frame is as the first of them."""

    def __init__(self, least_s: float) -> None:
        """Note those of ``least_s`` seconds and longer."""
        self._least_s = least_s
        self._first: tuple[float, Planes] | None = None
        self.spans: list[Span] = []

    def add(self, time_s: float, picture: Planes) -> None:
        """Take the next frame."""
        if self._first is None or not is_still(self._first[1], picture):
            self.end(time_s)
            self._first = (time_s, np.array(picture))

    def end(self, time_s: float) -> None:
        """Note that the picture moves, or is not looked at, from ``time_s`` on."""
        if self._first is not None and time_s - self._first[0] >= self._least_s - 1e-6:
            self.spans.append(Span(round(self._first[0] * 1000), round(time_s * 1000)))
        self._first = None
