"""Small disks that really run full, and a share that really goes away, each a tmpfs of its own."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pipeline.events import Event
from tests.faults.children import run, survivors
from tests.faults.matrix import Verdict
from tests.faults.rooms import NAME, Room, Template, after_fault, after_rerun, quiet

DISK_BYTES = 24 << 20


@cache
def can_mount() -> bool:
    """Tell whether this process may mount file systems."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not _mount(folder):
            return False
        _unmount(folder)
    return True


def fill(template: Template, number: int, folder: Path) -> Verdict:
    """Return what became of a run whose disk ran full in the middle: at some event, all but a few bytes are taken."""
    dice = random.Random(number)
    event, left = dice.randrange(1, template.events + 1), dice.choice([0, 1, 4096, 30_000, 100_000, 300_000])
    hog = folder / "hog"

    def take_all() -> None:
        with hog.open("wb") as file:
            free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
            os.posix_fallocate(file.fileno(), 0, max(1, free - left))

    return _on_small_disk(template, f"full at event {event}, {left} bytes left", folder, event, take_all, hog.unlink)


def unplug(template: Template, number: int, folder: Path) -> Verdict:
    """Return what became of a run whose disk was unmounted in the middle (``umount -l``); it stays away."""
    event = random.Random(number).randrange(1, template.events + 1)
    return _on_small_disk(
        template, f"unplugged at event {event}", folder, event, lambda: _unmount(folder, lazy=True), None
    )


def _on_small_disk(
    template: Template, case: str, folder: Path, event: int, act: Callable[[], None], undo: Callable[[], None] | None
) -> Verdict:
    """Run the work with output and cache on a small disk, ``act`` at the given event, ``undo`` before the rerun.

    Without ``undo`` all of it goes away for good: nothing is left to look at but how the run ended.
    """
    folder.mkdir()
    if not _mount(folder):
        return Verdict(case, "no mount", ("mounting failed",))
    problems: list[str] = []
    try:
        room = Room(folder / "room")
        shutil.copytree(template.room.folder, room.folder)
        heard = [0]

        def listen(_event: Event) -> None:
            heard[0] += 1
            if heard[0] == event:
                act()

        log = folder.with_name(f"{folder.name}.log")
        ending = run(lambda: template.work(room, listen), log, folder.name)
        if ending.reason in {"hang", "crash", "killed"} or ending.reason.startswith("exit"):
            problems.append(f"{ending.reason}: {ending.log[-1500:]}")
        if undo is not None:
            problems += after_fault(room, template)
            if ending.reason != "ok" and (room.out / NAME).exists():
                problems += [f"left: {path.name}" for path in room.out.iterdir() if path.name.endswith(".part.mp4")]
            if (folder / "hog").exists():
                undo()
            again = run(lambda: template.work(room, quiet), log, folder.name)
            if again.reason != "ok":
                problems.append(f"the rerun ended with {again.reason}: {again.log[-600:]}")
            problems += after_rerun(room, template)
        problems += [f"still running: {line}" for line in survivors(folder.name)]
        log.unlink(missing_ok=True)
    finally:
        _unmount(folder, lazy=True)
        shutil.rmtree(folder, ignore_errors=True)
    return Verdict(case, ending.reason, tuple(problems))


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "weike-faults", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path, *, lazy: bool = False) -> None:
    subprocess.run(["umount", *(["-l"] if lazy else []), str(folder)], capture_output=True, check=False)
