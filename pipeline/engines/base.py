"""What a speech engine is, and the list of them. A new engine is one module plus one line in ``ENGINES``."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.models import ModelFile
from pipeline.errors import UnknownEngineError
from pipeline.lanes import Share, usable_cores
from pipeline.records import SpeechSegment, Word
from pipeline.store import Store

SAMPLE_RATE_HZ = 16_000
"""Sample rate of everything an engine hears."""
CLIP_MAX_MS = 30_000
"""Longest clip an engine is given: the window that Whisper was trained on."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model runs, and how its weights are computed with."""

    device: str
    """``cpu`` or ``cuda``."""
    compute: str
    """``float32``, ``float16``, ``int8`` …"""
    cores: int | None = None
    """Processor cores that it keeps busy, if told; otherwise all of them on the processor and none beside a GPU."""

    @property
    def share(self) -> Share:
        """What recognition keeps busy of the machine."""
        if self.device != "cpu":
            return Share(cores=self.cores or 0, gpus=1)
        return Share(cores=usable_cores() if self.cores is None else self.cores)


class Recogniser(Protocol):
    """A model in memory."""

    device: str
    """Where it runs: ``cpu``, ``cuda`` …"""

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip, with word times.

        Args:
            samples: (n,) float32 in [−1, 1], mono, 16 kHz, at most 30 s.
            language: ISO 639-1 code.
            prompt: glossary and punctuation style; empty for none.

        Returns:
            Segments whose times are milliseconds from the clip's start, as the engine gave them.
        """
        ...

    def align(self, samples: Samples, language: str, text: str) -> tuple[Word, ...]:
        """Return where each word of a known text sounds in one clip, and how likely the model holds it.

        Args:
            samples: as for ``transcribe``.
            language: ISO 639-1 code.
            text: what is said in the clip, or may be said.

        Returns:
            Words whose texts join to ``text``, in milliseconds from the clip's start. A word's probability is the mean,
            over its tokens, of what the model gives each of them after the text before it, so that the
            probabilities of two texts of the same clip can be compared.

        Raises:
            ValueError: the text is longer than the model takes in at once (443 tokens, at least 150 characters).
        """
        ...


class Engine(Protocol):
    """A speech recogniser's package."""

    name: str

    def version(self) -> str:
        """Return the version of everything that shapes its results; a result is kept under it."""
        ...

    def find_model(self, name: str) -> ModelFile:
        """Return the model of that name or path.

        Raises:
            NoModelError: it is not on this machine.
        """
        ...

    def placements(self) -> tuple[Placement, ...]:
        """Return where and how models can run on this machine: the best first, the processor last.

        Empty where the engine cannot run at all.
        """
        ...

    def load(self, model: ModelFile, placement: Placement, store: Store) -> Recogniser:
        """Return the model in memory, ready to transcribe.

        Args:
            model: the file.
            placement: one of ``placements``.
            store: keeps what is made of the file once and for all.

        Raises:
            BrokenModelError: the file is not a model that this engine can use.
            Exception: the device has too little memory (see ``is_out_of_memory``).
        """
        ...


ENGINES: Mapping[str, str] = {
    "faster-whisper": "pipeline.engines.faster_whisper",
    "whisper": "pipeline.engines.whisper",
}
"""Name of each engine and the module whose ``ENGINE`` it is, the faster one first."""
AUTOMATIC = "auto"
"""Stands for whichever engine is the fastest on this machine."""


def find_engine(name: str) -> Engine:
    """Return the engine of that name; its package is imported only when a model is loaded.

    Raises:
        UnknownEngineError: no such engine.
    """
    if name not in ENGINES:
        raise UnknownEngineError(name=name, known=", ".join((AUTOMATIC, *ENGINES)))
    engine: Engine = import_module(ENGINES[name]).ENGINE
    return engine


def choose_engines(name: str) -> tuple[Engine, ...]:
    """Return the engine of that name; for ``auto`` all that can run here, the fastest first.

    An engine that reaches a GPU goes before one that does not; else the order of ``ENGINES`` holds.

    Raises:
        UnknownEngineError: no such engine.
    """
    if name != AUTOMATIC:
        return (find_engine(name),)
    able: list[tuple[bool, Engine]] = []
    for known in ENGINES:
        placements = find_engine(known).placements()
        if placements:
            able.append((placements[0].device != "cpu", find_engine(known)))
    return tuple(engine for _has_gpu, engine in sorted(able, key=lambda pair: not pair[0]))


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether a device had too little memory, in the words of torch, CTranslate2 or Python."""
    is_named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return is_named or (isinstance(error, RuntimeError) and "out of memory" in str(error).lower())
