"""The frozen records of the queue: what is to be done, who holds it, what became of it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "leased", "done", "aside"]
End = Literal["done", "failed", "expired", "released"]
STATES: tuple[State, ...] = ("waiting", "leased", "done", "aside")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done, the same thing under the same id."""

    id: str
    """Names what is to be done; putting it twice is putting it once."""
    kind: str
    """Whose business it is, such as ``lecture``."""
    payload: str
    """JSON, for whoever does it."""
    needs: tuple[str, ...] = ()
    """The kinds of slots of which it takes one, any of them, such as ``("gpu", "cpu")``; empty: whatever there is."""
    rank: int = 0
    """Of the tasks that wait those of the highest rank go first, then those that have waited longest."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do a task, for a time."""

    task: Task
    attempt: str
    """Unlike any other attempt's id, of this task or another; what the attempt writes goes under it."""
    number: int
    """Which attempt it is, from 1."""
    worker: str
    slot: str
    """The kind of slot that it was taken for; empty for a task that needs none."""
    ends_at_s: float
    """Seconds since the epoch, on the coordinator's clock."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went."""

    id: str
    task: str
    number: int
    worker: str
    began_s: float
    ended_s: float | None
    """``None`` while it lasts."""
    end: End | None
    reason: str
    """Why it ended, for a person; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A task as it stands in the queue."""

    task: Task
    state: State
    attempts: int
    """Attempts that count against the bound: those that failed or died."""
    result: str | None
    """JSON, of a task that is done."""
    reason: str
    """Why the latest attempt ended badly, or why nobody will try; empty where nothing did."""
