"""Time: integer milliseconds for people, exact fractions for media, and the frame grid of the delivery."""

from dataclasses import dataclass
from fractions import Fraction

STANDARD_RATES = (
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
"""Frame rates a lecture may be delivered at, frames a second. Source: the notice's course rules; NTSC pair by use."""


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """The delivery's clock: frame ``n`` shows time ``n / rate``, for ``0 <= n < count``."""

    rate: Fraction
    """Frames a second."""
    count: int
    """Frames in all."""

    @property
    def duration_s(self) -> Fraction:
        """Length in seconds, exact."""
        return self.count / self.rate

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, rounded."""
        return to_ms(self.duration_s)

    def time_s(self, frame: int) -> Fraction:
        """Return the time in seconds at which ``frame`` begins."""
        return frame / self.rate

    def frame_at(self, time_ms: int) -> int:
        """Return the frame on the screen at ``time_ms``, clamped to the grid."""
        return max(0, min(self.count - 1, int(time_ms * self.rate / 1000)))

    def nearest(self, time_ms: int) -> int:
        """Return the frame boundary nearest to ``time_ms``, from 0 to ``count``."""
        return max(0, min(self.count, round(time_ms * self.rate / 1000)))


def to_ms(seconds: Fraction | float) -> int:
    """Return seconds as milliseconds, rounded half to even."""
    return round(seconds * 1000)


def delivery_rate(source: Fraction) -> Fraction:
    """Return the standard frame rate for a source of ``source`` frames a second.

    A standard rate stays as it is (within 0.05 %). Otherwise an exact multiple or divisor is taken when there is one,
    else the smallest standard rate that drops no frame, else the highest.
    """
    for rate in STANDARD_RATES:
        if abs(source / rate - 1) < Fraction(1, 2000):
            return rate
    for rate in STANDARD_RATES:
        if rate > source and (rate / source).denominator == 1:
            return rate
    for rate in reversed(STANDARD_RATES):
        if rate < source and (source / rate).denominator == 1:
            return rate
    return next((rate for rate in STANDARD_RATES if rate >= source), STANDARD_RATES[-1])


def clock(time_ms: int) -> str:
    """Return ``time_ms`` as ``M:SS`` or ``H:MM:SS``, for people."""
    seconds = time_ms // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def delivery_grid(source_rate: Fraction, duration_s: Fraction) -> FrameGrid:
    """Return the frame grid of the delivery for a source of that rate (frames a second) and length (seconds)."""
    rate = delivery_rate(source_rate)
    return FrameGrid(rate, max(1, round(duration_s * rate)))
