"""How a season's work stands, read from the queue beside its coordinator, or without one."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pipeline.cluster.view import QueueView
from pipeline.store import key_of
from pipeline.texts import N_

KIND_NAMES = {"hear": N_("Listen"), "piece": N_("Encode a segment"), "deliver": N_("Deliver and check")}
"""What people call the kinds of steps."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a queue says."""

    kinds: dict[str, dict[str, int]]
    """By the kind of step how many are in each state."""
    working: tuple[tuple[str, str], ...]
    """Names of seats at work, each with the lecture."""
    aside: tuple[tuple[str, str, str], ...]
    """Lecture, kind of step, and reason of what was set aside."""
    attempts: int
    """How many times a step was begun, in all."""


def queue_of(out: Path) -> Path:
    """Return where the queue of an output folder lies on this machine, unless another place was given."""
    return Path(platformdirs.user_state_dir("weike", appauthor=False)) / "queues" / key_of(out.absolute())[:16]


def status_of(queue: Path) -> Status:
    """Return how a queue stands.

    Raises:
        NoQueueError: there is none.
        QueueVersionError: another version of Weike wrote it.
    """
    with QueueView(queue) as view:
        standings, history = view.standings(), view.history()
    kinds: dict[str, Counter[str]] = {}
    lectures = {s.task.id: str(json.loads(s.task.payload)["lecture"]) for s in standings}
    for standing in standings:
        kinds.setdefault(standing.task.kind, Counter())[standing.state] += 1
    return Status(
        {kind: dict(counts) for kind, counts in kinds.items()},
        tuple((attempt.worker, lectures[attempt.task]) for attempt in history if attempt.end is None),
        tuple((lectures[s.task.id], s.task.kind, s.reason) for s in standings if s.state == "aside"),
        len(history),
    )
