"""The steps of each lecture as tasks of the queue, and what comes next; the queue is all that it remembers by.

A lecture is *heard* (everything up to its cues), its picture is encoded in *pieces*, and it is *delivered* by the very
function that a batch calls, which finds all of this in the store. So a step that is lost or done twice costs time and
changes nothing. What is next follows from how the queue stands, whoever asks and however often.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.batch import BatchEmit, LectureEnded, LectureStarted, Ledger, Task, run_task, set_aside, settled
from pipeline.batch.asked import asked_key, files_of, seen_now
from pipeline.cluster.queue import Queue
from pipeline.cluster.tasks import Standing
from pipeline.cluster.tasks import Task as Step
from pipeline.errors import SetAsideError
from pipeline.season import Outcome
from pipeline.store import Store, key_of

HEAR, PIECE, DELIVER = "hear", "piece", "deliver"
SPEECH, CPU, ENCODER = "speech", "cpu", "encoder"
"""What a slot offers: a GPU recognises speech, a core does so where no GPU is; pieces go to cores or to an encoder."""
WORKER_LOST = "cluster.worker-lost"
"""Why an attempt ended whose worker ended."""
_RANKS = {HEAR: 0, PIECE: 1, DELIVER: 2}
"""What was begun is finished before more is begun."""


@dataclass(slots=True)
class Course:
    """How far one lecture is."""

    task: Task
    round: str
    """Key of everything that is asked for: other files, another round."""
    states: dict[str, Standing | None] = field(default_factory=dict)
    """By the id of the step; of steps that are done or aside how they stand."""
    open_pieces: set[str] = field(default_factory=set)
    is_over: bool = False

    def id(self, kind: str, number: int = 0) -> str:
        """Return the id of a step."""
        return f"{kind}/{self.round}/{number}"

    def step(self, kind: str, needs: str, number: int = 0) -> Step:
        """Return a step as a task of the queue."""
        payload = json.dumps({"lecture": self.task.name, "number": number}, ensure_ascii=False)
        return Step(self.id(kind, number), kind, payload, (needs,), _RANKS[kind])


class Steps:
    """The courses of all lectures of a season."""

    def __init__(
        self, tasks: Sequence[Task], ledger: Ledger, queue: Queue, emit: BatchEmit, *, is_hardware: bool = False
    ) -> None:
        """Know the lectures; ``begin`` comes next.

        Args:
            tasks: the lectures.
            ledger: what became of each.
            queue: remembers every step.
            emit: hears of each lecture that begins or ends.
            is_hardware: pieces are encoded by a hardware encoder.
        """
        self._ledger, self._queue, self._emit = ledger, queue, emit
        self._picture = ENCODER if is_hardware else CPU
        self._tasks = tasks
        self._courses: dict[str, Course] = {}
        self._begun: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Tell whether every lecture has ended."""
        return all(course.is_over for course in self._courses.values())

    def lecture(self, step: Step) -> Course | None:
        """Return the course that a step belongs to; ``None`` for one of an earlier round."""
        course = self._courses.get(json.loads(step.payload)["lecture"])
        return course if course is not None and course.round == step.id.split("/")[1] else None

    def begin(self, store: Store, *, retry_failed: bool = False) -> None:
        """Put what is to be done first; what an earlier run had ended is told at once."""
        known = {standing.task.id: standing for standing in self._queue.standings()}
        for task in self._tasks:
            earlier = self._ledger.find(task.name)
            kept = settled(task, earlier, self._ledger.out, retry_failed=retry_failed)
            if kept is not None or task.job is None:
                # What cannot begin ends here, with its reason.
                run_task(task, self._ledger, store, self._emit, retry_failed=retry_failed)
                continue
            course = Course(task, _round(task, known, retry_failed))
            self._courses[task.name] = course
            ours = (standing for id_, standing in known.items() if id_.split("/")[1] == course.round)
            course.states = {standing.task.id: _ended(standing) for standing in ours}
            self._go_on(course)
        self._drop_older(known)

    def started(self, step: Step) -> None:
        """Note that a worker has begun a step."""
        course = self.lecture(step)
        if course is not None and course.task.name not in self._begun:
            self._begun.add(course.task.name)
            self._emit(LectureStarted(course.task.name, len(self._begun)))

    def ended(self, standing: Standing) -> None:
        """Note that a step is done or aside, and put what comes next."""
        course = self.lecture(standing.task)
        if course is not None and not course.is_over:
            course.states[standing.task.id] = _ended(standing)
            course.open_pieces.discard(standing.task.id)
            self._go_on(course)

    def _go_on(self, course: Course) -> None:
        lost = [s for s in course.states.values() if s is not None and s.reason.startswith(WORKER_LOST)]
        if lost and any(s.state == "aside" for s in lost):
            self._give_up(course, max(s.attempts for s in lost))
            return
        if course.states.get(course.id(DELIVER)) is not None:
            self._close(course)
            return
        if course.id(HEAR) not in course.states:
            self._put(course, [course.step(HEAR, SPEECH)])
        heard = course.states[course.id(HEAR)]
        if heard is None:
            return
        count = json.loads(heard.result or "{}").get("pieces", 0)
        steps = [course.step(PIECE, self._picture, number) for number in range(count)]
        if any(step.id not in course.states for step in steps):
            self._put(course, steps)
        if not course.open_pieces:
            course.open_pieces = {step.id for step in steps if course.states[step.id] is None}
        if not course.open_pieces:
            self._put(course, [course.step(DELIVER, CPU)])

    def _put(self, course: Course, steps: Sequence[Step]) -> None:
        self._queue.put(steps)
        for step in steps:
            course.states.setdefault(step.id, None)

    def _close(self, course: Course) -> None:
        course.is_over = True
        outcome = self._ledger.find(course.task.name)
        if outcome is None or outcome.state == "running":
            outcome = set_aside(course.task, self._ledger, SetAsideError(count=1))
        self._emit(LectureEnded(course.task.name, outcome))

    def _give_up(self, course: Course, count: int) -> None:
        course.is_over = True
        self._queue.drop([id_ for id_, standing in course.states.items() if standing is None], "cluster.set-aside")
        outcome: Outcome = set_aside(course.task, self._ledger, SetAsideError(count=count))
        self._emit(LectureEnded(course.task.name, outcome))

    def _drop_older(self, known: dict[str, Standing]) -> None:
        """Set aside what waits of earlier rounds: other files or options are asked for now."""
        rounds = {course.round for course in self._courses.values()}
        waiting = (id_ for id_, standing in known.items() if standing.state == "waiting")
        self._queue.drop([id_ for id_ in waiting if id_.split("/")[1] not in rounds], "cluster.asked-otherwise")


def _ended(standing: Standing) -> Standing | None:
    return standing if standing.state in {"done", "aside"} else None


def _round(task: Task, known: dict[str, Standing], retry_failed: bool) -> str:
    """Return the round that is under way, or a new one where the last has ended and there is work all the same."""
    files = tuple(map(seen_now, files_of(task)))
    count = 0
    while True:
        key = key_of(task.name, asked_key(task), files, count)
        ours = [standing for id_, standing in known.items() if id_.split("/")[1] == key]
        is_delivered = any(s.task.kind == DELIVER and s.state != "waiting" and _ended(s) for s in ours)
        is_aside = retry_failed and any(s.state == "aside" for s in ours)
        if not (is_delivered or is_aside):
            return key
        count += 1
