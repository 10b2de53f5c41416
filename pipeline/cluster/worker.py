"""A workstation that works: one process for each slot, begun again when it dies and when the coordinator comes back."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipeline import errors
from pipeline.cluster.crew import GPU
from pipeline.cluster.doors import Address
from pipeline.cluster.seat import LOST, REFUSED, Seat, sit
from pipeline.cluster.steps import CPU, ENCODER
from pipeline.store import this_machine
from pipeline.texts import N_, Message

_LOOK_S = 0.2
_LOST_S, _DIED_S = 2.0, 1.0
"""Seconds until a seat is begun again that has no coordinator, or that died."""
_END_S = 10.0


@dataclass(frozen=True, slots=True)
class Slots:
    """How many steps of each kind a workstation does at a time."""

    cpu: int = 1
    gpu: int = 0
    encoder: int = 0


@dataclass(slots=True)
class _Held:
    """A seat and the process that sits on it."""

    seat: Seat
    process: BaseProcess | None = None
    told: Connection | None = None
    again_s: float = field(default=0.0)


def work(address: Address, certificates: Path | None, slots: Slots, name: str, say: Callable[[Message], None]) -> None:
    """Work for the coordinator at an address, whenever there is one, until somebody says stop.

    Args:
        address: where it listens.
        certificates: the folder of them, for an encrypted connection.
        slots: how much at a time.
        name: of this workstation, in the queue's records.
        say: hears what a person at this machine should know.

    Raises:
        WeikeError: this machine was refused.
        KeyboardInterrupt: somebody said stop.
    """
    held = [_Held(seat) for seat in _seats(address, certificates, slots, name or this_machine())]
    is_lost = False
    try:
        while True:
            for one in held:
                code = _look_after(one)
                if code == LOST and not is_lost:
                    text = N_("There is no coordinator at {address}; trying again until there is.")
                    say(Message(text, {"address": str(address)}))
                is_lost = is_lost or code == LOST
            time.sleep(_LOOK_S)
    finally:
        _end(held)


def _seats(address: Address, certificates: Path | None, slots: Slots, name: str) -> Iterator[Seat]:
    for slot, count in ((CPU, slots.cpu), (GPU, slots.gpu), (ENCODER, slots.encoder)):
        for number in range(count):
            yield Seat(address, certificates, slot, number, f"{name}-{slot}-{number + 1}")


def _look_after(one: _Held) -> int | None:
    """Begin a seat's process, or begin it again; return the exit code of one that has just ended.

    Raises:
        WeikeError: as the seat met it.
    """
    if one.process is None:
        if time.monotonic() >= one.again_s:
            context = multiprocessing.get_context("spawn")
            one.told, tell = context.Pipe(duplex=False)
            one.process = context.Process(target=sit, args=(one.seat, tell), name=one.seat.name)
            one.process.start()
            tell.close()
        return None
    if one.process.is_alive():
        return None
    code = one.process.exitcode
    if code == REFUSED and one.told is not None and one.told.poll():
        kind, path, values = one.told.recv()
        raise getattr(errors, kind)(path, **values)
    one.process, one.again_s = None, time.monotonic() + (_LOST_S if code == LOST else _DIED_S)
    return code


def _end(held: list[_Held]) -> None:
    processes = [one.process for one in held if one.process is not None]
    for process in processes:
        process.terminate()
    until = time.monotonic() + _END_S
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
