"""Progress events: the core says what happens, front ends (a bar, a page, a log) listen."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.texts import Message


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins; ``total`` is its amount of work in ``unit``, ``None`` when nobody knows."""

    stage: str
    total: float | None = None
    unit: str = "s"


@dataclass(frozen=True, slots=True)
class StageAdvanced:
    """``done`` of the stage's ``total`` are finished (absolute, never past the total)."""

    stage: str
    done: float


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ended; ``reused`` when its result came from the store."""

    stage: str
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know now: a repair, a doubt, a fallback."""

    stage: str
    message: Message


Event = StageStarted | StageAdvanced | StageFinished | Notice
Emit = Callable[[Event], None]


def in_turn(emit: Emit) -> Emit:
    """Return a listener that hands events from several threads on to ``emit`` one at a time."""
    guard = threading.Lock()

    def listen(event: Event) -> None:
        with guard:
            emit(event)

    return listen


def silent(_event: Event) -> None:
    """Listen to nothing."""
