"""Kills and failing disks at every write, fsync, rename and unlink; kills at any moment."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import strace
from tests.faults.children import Ending, finish, run, start, survivors
from tests.faults.injector import ERRORS, KINDS, Act, Injector, failing, kill, vanishing
from tests.faults.rooms import NAME, Room, Template, Work, after_fault, after_rerun, quiet, whole

FAULTS = ("SIGKILL", *ERRORS, "vanished")


@dataclass(frozen=True, slots=True)
class Point:
    """Where a fault strikes."""

    how: str
    """``python``, ``strace`` or ``moment``."""
    fault: str
    """``SIGKILL``, an error's name, or ``vanished``."""
    kind: str
    at: int
    is_lasting: bool = False

    def __str__(self) -> str:
        """Return it in one word."""
        return f"{self.how}:{self.fault}:{self.kind}:{self.at}{'+' if self.is_lasting else ''}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case."""

    case: str
    ending: str
    problems: tuple[str, ...]


def python_points(template: Template, folder: Path, faults: tuple[str, ...] = FAULTS) -> list[Point]:
    """Return every point that Python itself passes in the template's work."""
    counts = counted(template, folder)
    points = []
    for fault in faults:
        for kind in KINDS:
            is_lasting = fault == "ENOSPC"
            points += [Point("python", fault, kind, at, is_lasting) for at in range(1, counts[kind] + 1)]
    return points


def counted(template: Template, folder: Path) -> dict[str, int]:
    """Return how many calls of each kind Python makes in a run without a fault."""
    room = template.room_at(folder)
    told = room.folder / "counts"

    def job() -> int:
        injector = Injector(room.folder, "", 0, kill)
        injector.install()
        code = template.work(room, quiet)
        text = " ".join(str(injector.counts[kind]) for kind in KINDS)
        told.write_text(text)
        return code

    ending = run(job, room.log, "counting")
    if ending.reason != "ok":
        raise RuntimeError(ending.log)
    numbers = map(int, told.read_text().split())
    shutil.rmtree(folder)
    return dict(zip(KINDS, numbers, strict=True))


def strace_points(template: Template, folder: Path, faults: tuple[str, ...]) -> list[Point]:
    """Return every point that any process of the template's work passes; none without strace.

    Errors are tried at writes alone.
    """
    if not strace.works():
        return []
    points = []
    for kind, calls in strace.CALLS.items():
        wanted = [fault for fault in faults if fault == "SIGKILL" or kind == "write"]
        if not wanted:
            continue
        room = template.room_at(folder)
        harmless = f"{calls}:signal=SIGCONT:when=65535"
        _, trace = strace.struck(lambda room=room: template.work(room, quiet), room.log, "counting", harmless)
        count = strace.calls_of(trace, calls)
        points += [
            Point("strace", fault, kind, at, fault == "ENOSPC") for fault in wanted for at in range(1, count + 1)
        ]
        shutil.rmtree(folder)
    return points


def moments(count: int) -> list[Point]:
    """Return kills at random moments, numbered."""
    return [Point("moment", "SIGKILL", "any", number) for number in range(count)]


def judge(template: Template, point: Point, folder: Path, length_s: float) -> Verdict:
    """Return what became of a case: struck, looked through, run again, looked through again."""
    room = template.room_at(folder)
    mark = folder.name
    ending = _strike(template.work, room, point, mark, length_s)
    problems = [*_of_ending(ending, point), *_seen(room, template)]
    again = run(lambda: template.work(room, quiet), room.log, mark)
    if again.reason != "ok":
        problems.append(f"the rerun ended with {again.reason}: {again.log[-600:]}")
    problems += after_rerun(room, template)
    problems += [f"still running: {line}" for line in survivors(mark)]
    shutil.rmtree(folder)
    return Verdict(f"{template.work.__name__} {point}", ending.reason, tuple(problems))


def _strike(work: Work, room: Room, point: Point, mark: str, length_s: float) -> Ending:
    if point.how == "moment":
        return _killed_after(lambda: work(room, quiet), room.log, mark, random.Random(point.at).uniform(0, length_s))
    if point.how == "strace":
        effect = "signal=SIGKILL" if point.fault == "SIGKILL" else f"error={point.fault}"
        when = f"when={point.at}{'+' if point.is_lasting else ''}"
        calls = strace.CALLS[point.kind]
        return strace.struck(lambda: work(room, quiet), room.log, mark, f"{calls}:{effect}:{when}")[0]

    def job() -> int:
        Injector(room.folder, point.kind, point.at, _act(point.fault, room), point.is_lasting).install()
        return work(room, quiet)

    return run(job, room.log, mark)


def _act(fault: str, room: Room) -> Act:
    if fault == "SIGKILL":
        return kill
    return vanishing(room.out) if fault == "vanished" else failing(ERRORS[fault])


def _killed_after(job: Callable[[], int], log: Path, mark: str, seconds: float) -> Ending:
    log.unlink(missing_ok=True)
    child = start(job, log, mark)
    time.sleep(seconds)
    os.kill(child.process, signal.SIGKILL)
    return finish(child, log, 60)


def _of_ending(ending: Ending, point: Point) -> Iterator[str]:
    """A kill may end in ``killed``; when it hit an ffmpeg, in a reason. No fault may end in a crash or a hang."""
    if ending.reason in {"hang", "crash"} or ending.reason.startswith("exit"):
        yield f"{ending.reason}: {ending.log[-1500:]}"
    elif ending.reason == "killed" and point.fault != "SIGKILL":
        yield f"killed by {ending.code}"


def _seen(room: Room, template: Template) -> Iterator[str]:
    """Look through the room; a folder that vanished is looked at where it went, and put back."""
    gone = room.out.with_name(f"{room.out.name}-gone")
    if not gone.exists():
        yield from after_fault(room, template)
        return
    yield from after_fault(room, template, gone)
    if (room.out / NAME).exists():
        yield from whole(room.out / NAME, has_note=False)
    shutil.rmtree(room.out, ignore_errors=True)
    gone.rename(room.out)
