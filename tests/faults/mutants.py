"""Mutants: small media files with a few of their bytes changed, through probe, and some of them through convert."""

import random
import resource
import shutil
from pathlib import Path

from tests.faults.children import run, survivors
from tests.faults.matrix import Verdict
from tests.faults.rooms import Room, convert

_MEMORY_BYTES = 6 << 30
_PROBE_S, _CONVERT_S = 30, 180
_WAYS = {"ok", "input.not-media", "input.truncated", "input.undecodable", "input.no-picture", "input.times"}
"""How a mutant may end: read, or refused for what it is."""
_TOOL_WAYS = {"ffmpeg.failed", "output.unverified", "ffmpeg.stalled", "disk.full"}


def mutant(seed: bytes, number: int) -> bytes:
    """Return the seed with 1 to 16 bytes changed; half of the time within the first kilobyte, where the headers are."""
    dice = random.Random(number)
    data = bytearray(seed)
    reach = min(len(data), 1024) if dice.random() < 0.5 else len(data)
    for _ in range(dice.choice([1, 2, 4, 16])):
        place = dice.randrange(reach)
        data[place] = dice.choice([data[place] ^ (1 << dice.randrange(8)), 0, 255, dice.randrange(256)])
    if dice.random() < 0.1:
        data = data[: dice.randrange(1, len(data))]
    return bytes(data)


def probed(seed: Path, number: int, folder: Path) -> Verdict:
    """Return what became of a mutant that is probed."""
    folder.mkdir()
    path = folder / seed.name
    path.write_bytes(mutant(seed.read_bytes(), number))

    def job() -> int:
        from pipeline.stages.probe import probe
        from pipeline.store import Store

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        probe(path, Store(folder / "cache"), lambda _event: None)
        return 0

    ending = run(job, folder / "log", folder.name, _PROBE_S)
    problems = () if ending.reason in _WAYS else (f"{ending.reason} ({ending.code}): {ending.log[-1500:]}",)
    shutil.rmtree(folder)
    return Verdict(f"probe {seed.name} mutant {number}", ending.reason, problems)


def converted(seed: Path, number: int, folder: Path) -> Verdict:
    """Return what became of a mutant that is converted: a whole delivery, or none and a reason."""
    folder.mkdir()
    room = Room(folder)
    room.raw.write_bytes(mutant(seed.read_bytes(), number))
    ending = run(lambda: convert(room), room.log, folder.name, _CONVERT_S)
    problems = []
    if ending.reason not in _WAYS | _TOOL_WAYS:
        problems.append(f"{ending.reason} ({ending.code}): {ending.log[-1500:]}")
    left = [path.name for path in room.out.iterdir()] if room.out.exists() else []
    if left != (["课"] if ending.reason == "ok" else []):
        problems.append(f"{ending.reason} left {left}")
    problems += [f"still running: {line}" for line in survivors(folder.name)]
    shutil.rmtree(folder)
    return Verdict(f"convert {seed.name} mutant {number}", ending.reason, tuple(problems))
