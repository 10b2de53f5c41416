"""Who may use the machine now: speech recognition and the encoders of segments share its cores, never more than all.

The lanes belong to the process, as the cores do: all lectures that are worked on in it use the same.
"""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the machine."""

    cores: int = 0
    """Processor cores that are kept busy."""
    gpus: int = 0
    """Models that compute on a GPU."""
    sessions: int = 0
    """Pictures that a hardware encoder works on."""

    def __add__(self, other: "Share") -> "Share":
        return Share(self.cores + other.cores, self.gpus + other.gpus, self.sessions + other.sessions)

    def __sub__(self, other: "Share") -> "Share":
        return Share(self.cores - other.cores, self.gpus - other.gpus, self.sessions - other.sessions)

    def within(self, whole: "Share") -> bool:
        """Tell whether ``whole`` has at least as much of everything."""
        return all(getattr(self, field.name) <= getattr(whole, field.name) for field in fields(Share))

    def at_most(self, whole: "Share") -> "Share":
        """Return the share cut down to what there is in all."""
        return Share(*(min(getattr(self, field.name), getattr(whole, field.name)) for field in fields(Share)))


class Lanes:
    """Shares of one machine, given out in the order in which they are asked for."""

    def __init__(self, whole: Share | None = None) -> None:
        """Share out ``whole``; by default this machine's cores, one GPU, two sessions of a hardware encoder."""
        self.whole = whole or Share(usable_cores(), 1, 2)
        self._free = self.whole
        self._set_aside = Share()
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def left(self) -> Share:
        """What is not set aside: what short work can get sooner or later."""
        return self.whole - self._set_aside

    @contextmanager
    def hold(self, share: Share) -> Iterator[None]:
        """Hold a share for a short work, such as one segment; wait until it is free. More than all counts as all."""
        share = share.at_most(self.whole)
        self._take(share)
        try:
            yield
        finally:
            self._give_back(share)

    @contextmanager
    def set_aside(self, share: Share) -> Iterator[None]:
        """Hold a share for long work, such as a recognition; nobody plans with it until the block ends."""
        share = share.at_most(self.whole)
        self._take(share)
        self._set_aside += share
        try:
            yield
        finally:
            self._set_aside -= share
            self._give_back(share)

    def _take(self, share: Share) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is ticket and share.within(self._free))
                self._free -= share
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _give_back(self, share: Share) -> None:
        with self._changed:
            self._free += share
            self._changed.notify_all()


@cache
def the_lanes() -> Lanes:
    """Return the lanes of this process."""
    return Lanes()


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
