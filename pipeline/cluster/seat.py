"""One process of a worker: one slot, which does one step at a time for whoever coordinates.

A step that takes its process with it takes nothing else: every slot is a process of its own.
"""

import asyncio
import multiprocessing
import os
import pickle
import signal
import threading
import uuid
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from pipeline.batch import Task
from pipeline.cluster.dasks import JOIN, LEAVE, NO_PAGE, WANTED, set_up
from pipeline.cluster.doors import Address, security_for
from pipeline.cluster.likeness import program_here, require_alike, traits_here
from pipeline.cluster.work import Bench, Done
from pipeline.errors import ShareMissingError, WeikeError
from pipeline.media.process import end_all
from pipeline.media.rendering.encoders import SOFTWARE
from pipeline.texts import _

STOPPED, REFUSED, LOST = 0, 4, 75
"""Exit codes of a seat: it was asked to stop, its machine is not like the coordinator's, there is no coordinator."""
_LOOK_S = 0.2
_bench: list[Bench] = []
"""The bench of this process, once it has joined."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What a process of a worker is told at its start."""

    address: Address
    certificates: Path | None
    slot: str
    number: int
    """Among those of its slot on this machine, from 0."""
    name: str


def do_step(kind: str, task: Task, round_: str, number: int) -> Done:
    """Do a step in this process; what the coordinator sends."""
    return _bench[0].do(kind, task, round_, number)


def sit(seat: Seat, told: Connection) -> None:
    """Work until the coordinator is lost or somebody says stop; never returns.

    Args:
        seat: who this is.
        told: gets the error when this machine is refused.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        code = asyncio.run(_sit(seat))
    except WeikeError as error:
        values = {name: value for name, value in error.values.items() if name != "path"}
        told.send((type(error).__name__, error.path, values))
        code = REFUSED
    _end(code)


async def _sit(seat: Seat) -> int:
    from distributed import Worker, rpc

    set_up()
    security = security_for(seat.certificates)
    stop = asyncio.Event()
    if os.name == "posix":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    where, args = str(seat.address), security.get_connection_args("worker")
    try:
        async with rpc(where, connection_args=args) as coordinator:
            wanted = await getattr(coordinator, WANTED)()
            traits = await asyncio.to_thread(_prepare, seat, wanted)
            worker = await Worker(
                where,
                nthreads=1,
                name=f"{seat.name}-{uuid.uuid4().hex[:6]}",
                resources={seat.slot: 1},
                security=security,
                host="127.0.0.1" if seat.address.is_local else None,
                memory_limit=0,
                dashboard_address=NO_PAGE,
                local_directory=str(Path(wanted["store"]) / "attempts"),
            )
            joined = {"address": worker.address, "name": seat.name, "slot": seat.slot, "traits": traits}
            if not await getattr(coordinator, JOIN)(**joined):
                return LOST
            while worker.status.name == "running" and not stop.is_set():
                await asyncio.sleep(_LOOK_S)
            if stop.is_set():
                await getattr(coordinator, LEAVE)(address=worker.address)
                return STOPPED
    except (OSError, TimeoutError):
        return STOPPED if stop.is_set() else LOST
    return LOST


def _prepare(seat: Seat, wanted: dict[str, Any]) -> dict[str, str]:
    """Return what this machine is like, when it is like the coordinator's and sees the same folders.

    Raises:
        WeikeError: it does not.
    """
    program = program_here()
    require_alike(program, {name: wanted["traits"][name] for name in program})
    for path, mark in wanted["folders"]:
        _require_share(Path(path), mark)
    encoder = wanted["traits"]["encoder"]
    _choose_gpu(seat, encoder)
    traits = traits_here(pickle.loads(wanted["preset"]), encoder)
    require_alike(traits, wanted["traits"])
    _bench[:] = [Bench(Path(wanted["store"]), Path(wanted["out"]))]
    return traits


def _require_share(token: Path, mark: str) -> None:
    try:
        if token.read_text("ascii") != mark:
            raise ShareMissingError(token.parent, reason=_("it is another folder"))
        mine = token.with_name(f"{token.name}-{os.getpid()}")
        mine.write_text(mark, "ascii")
        mine.unlink()
    except OSError as error:
        raise ShareMissingError(token.parent, reason=error.strerror or str(error)) from None


def _choose_gpu(seat: Seat, encoder: str) -> None:
    """Let each GPU slot see one GPU, and slots of cores none, unless the picture is encoded on it."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if seat.slot == "gpu":
        devices = seen.split(",") if seen else [str(number) for number in range(64)]
        os.environ["CUDA_VISIBLE_DEVICES"] = devices[seat.number % len(devices)]
    elif encoder == SOFTWARE:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def _end_with_parent() -> None:
    """End when the process that began this one has ended, however it ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        _end(LOST)


def _end(code: int) -> None:
    end_all()
    os._exit(code)
