"""A recogniser that goes on when a device has too little memory or an engine fails: each step down is told.

The steps: the model as the device computes it best, then in eight bits; a smaller model of this machine on the same
device; the chosen model on the processor. Clips go in one at a time, so there is no batch to make smaller.
"""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pipeline.engines.base import Engine, Placement, Recogniser, choose_engines, is_out_of_memory
from pipeline.engines.models import ModelFile, smaller_models
from pipeline.errors import WeikeError
from pipeline.events import Emit, Notice
from pipeline.store import Store
from pipeline.texts import N_, Message

T = TypeVar("T")
_MEMORY_MIN_BYTES = 2 << 30
"""What encoding a 4K recording and the check take together, and some for everybody else."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to run: which engine, with which model, where."""

    engine: Engine
    model: ModelFile
    placement: Placement

    @property
    def described(self) -> str:
        """What ran, in one line, such as ``faster-whisper, large-v3-turbo, int8, cpu``."""
        return f"{self.engine.name}, {self.model.name}, {self.placement.compute}, {self.placement.device}"

    @property
    def identity(self) -> tuple[str, ...]:
        """Everything of it that shapes a result; a result is kept under it."""
        return (self.engine.version(), self.model.sha256, self.placement.device, self.placement.compute)


class Ears:
    """The engine and model in use; the model is loaded when something is to be heard."""

    def __init__(self, rungs: Iterator[Rung], stage: str, store: Store, emit: Emit) -> None:
        """Begin on the first rung.

        Args:
            rungs: the ways to run, the one that is wanted first; at least one.
            stage: named in the notices.
            store: for the engines.
            emit: hears of each step.
        """
        self._rungs, self._stage, self._store, self._emit = rungs, stage, store, emit
        self.rung = next(rungs)
        self._recogniser: Recogniser | None = None

    def attempt(self, action: "Callable[[Recogniser], T]") -> T | None:
        """Return what ``action`` makes with the model, or ``None`` after a step down: ``rung`` is another one then.

        Raises:
            WeikeError: as the engine raised it.
            Exception: what the last rung raised.
        """
        with _using:
            try:
                if self._recogniser is None:
                    self._recogniser = _warm.take(self.rung, self._store)
                return action(self._recogniser)
            except WeikeError:
                raise
            except Exception as error:
                self._recogniser = None
                _warm.drop()
                self._step_down(error)
                return None

    def do(self, action: "Callable[[Recogniser], T]") -> T:
        """Return what ``action`` makes, on whichever rung can do it. Raises as ``attempt``."""
        while True:
            result = self.attempt(action)
            if result is not None:
                return result

    def _step_down(self, error: Exception) -> None:
        """Go to the next rung that can help."""
        failed, is_memory = self.rung, is_out_of_memory(error)
        for rung in self._rungs:
            is_other = rung.engine.name != failed.engine.name
            if is_other or (is_memory and failed.placement.device != "cpu"):
                self.rung = rung
                self._emit(Notice(self._stage, _told(failed, rung, error, is_memory)))
                return
        raise error


class _Warm:
    """The model that this process keeps in memory from one lecture to the next, while somebody wants that."""

    def __init__(self) -> None:
        self.wishes = 0
        self._kept: tuple[tuple[str, ...], Recogniser] | None = None

    def take(self, rung: Rung, store: Store) -> Recogniser:
        """Return the rung's model: the kept one, else it is loaded when another one has gone."""
        if self._kept is not None and self._kept[0] == rung.identity:
            return self._kept[1]
        self.drop()
        _release_memory()
        recogniser = rung.engine.load(rung.model, rung.placement, store)
        if self.wishes:
            self._kept = rung.identity, recogniser
        return recogniser

    def drop(self) -> None:
        """Let the kept model go."""
        self._kept = None


_warm = _Warm()
_using = threading.RLock()
"""One model is in use at a time: a second one would only take its memory and its cores."""


@contextmanager
def keep_warm() -> Iterator[None]:
    """Keep the model in memory until the outermost such block ends: it is loaded once for all that is heard in it.

    At the end of an inner block it is given back all the same if memory is short.
    """
    with _using:
        _warm.wishes += 1
    try:
        yield
    finally:
        with _using:
            _warm.wishes -= 1
            if not _warm.wishes or is_memory_short():
                _warm.drop()
                _release_memory()


def is_memory_short() -> bool:
    """Tell whether the machine has too little memory left for an encoder beside a model; unknown counts as no."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return False
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    return free is not None and free < _MEMORY_MIN_BYTES


def open_ears(engine: str, model: str, language: str, stage: str, store: Store, emit: Emit) -> Ears:
    """Return the recogniser that settings ask for; no model is loaded yet.

    Args:
        engine: name of an engine, or ``auto``.
        model: name or path.
        language: of the recording; a smaller model must know it.
        stage: named in the notices.
        store: for the engines.
        emit: hears of each step down.

    Raises:
        UnknownEngineError: no such engine.
        NoModelError, InputError: no such model.
    """
    rungs = chain.from_iterable(_rungs(found, found.find_model(model), language) for found in choose_engines(engine))
    return Ears(rungs, stage, store, emit)


def _rungs(engine: Engine, model: ModelFile, language: str) -> Iterator[Rung]:
    """Give one engine's ways to run in the order in which they are tried; smaller models are sought when needed."""
    placements = engine.placements()
    fast = [placement for placement in placements if placement.device != "cpu"]
    yield from (Rung(engine, model, placement) for placement in fast)
    if fast:
        for smaller in smaller_models(model, language):
            yield from (Rung(engine, smaller, placement) for placement in fast)
    yield from (Rung(engine, model, placement) for placement in placements if placement.device == "cpu")


def _release_memory() -> None:
    """Give back what a model that failed still holds on a GPU; torch keeps it for itself otherwise."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _told(failed: Rung, rung: Rung, error: Exception, is_memory: bool) -> Message:
    if not is_memory:
        message = N_("{before} failed ({reason}); recognition goes on with {after}.")
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        return Message(message, {"before": failed.described, "after": rung.described, "reason": reason})
    message = N_("The GPU has too little memory for {before}; recognition goes on with {after}.")
    return Message(message, {"before": failed.described, "after": rung.described})
