"""What a speech engine is, and the list of them. A new engine is one module plus one line in ``ENGINES``."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.models import ModelFile
from pipeline.errors import UnknownEngineError
from pipeline.records import SpeechSegment, Word

SAMPLE_RATE_HZ = 16_000
"""Sample rate of everything an engine hears."""
CLIP_MAX_MS = 30_000
"""Longest clip an engine is given: the window that Whisper was trained on."""

Samples = NDArray[np.float32]


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

    def load(self, model: ModelFile) -> Recogniser:
        """Return the model in memory, ready to transcribe.

        Raises:
            BrokenModelError: the file is not a model that this engine can use.
        """
        ...


ENGINES: Mapping[str, str] = {
    "whisper": "pipeline.engines.whisper",
}
"""Name of each engine and the module whose ``ENGINE`` it is."""


def find_engine(name: str) -> Engine:
    """Return the engine of that name; its package is imported only when a model is loaded.

    Raises:
        UnknownEngineError: no such engine.
    """
    if name not in ENGINES:
        raise UnknownEngineError(name=name, known=", ".join(ENGINES))
    engine: Engine = import_module(ENGINES[name]).ENGINE
    return engine
