"""What a batch says while it runs; the events of a lecture's stages come inside ``LectureAdvanced``."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.events import Event
from pipeline.season import Outcome, SeasonRow
from pipeline.texts import Message


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """A batch begins."""

    total: int
    """Number of lectures."""


@dataclass(frozen=True, slots=True)
class LectureStarted:
    """A lecture begins."""

    name: str
    number: int
    """From 1, in the order of the work."""


@dataclass(frozen=True, slots=True)
class LectureAdvanced:
    """Something happened in a lecture's work."""

    name: str
    event: Event


@dataclass(frozen=True, slots=True)
class LectureEnded:
    """A lecture ended, well or not; its outcome is on the disk already."""

    name: str
    outcome: Outcome
    reused: bool = False
    """Nothing was done: an earlier run had ended it."""


@dataclass(frozen=True, slots=True)
class BatchEnded:
    """All lectures ended and the report of the batch is written."""

    rows: tuple[SeasonRow, ...]


@dataclass(frozen=True, slots=True)
class BatchNotice:
    """Something a person should know that belongs to no single lecture."""

    message: Message


BatchEvent = BatchStarted | LectureStarted | LectureAdvanced | LectureEnded | BatchEnded | BatchNotice
BatchEmit = Callable[[BatchEvent], None]


def silent(_event: BatchEvent) -> None:
    """Listen to nothing."""
