"""An engine for the overlap benchmark: it says that it runs on a GPU, sleeps as long as it is told, and invents words.

``WEIKE_BENCH_PACE`` is how many seconds it sleeps for each second that it is given to hear.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.base import SAMPLE_RATE_HZ, Placement, Samples
from pipeline.engines.models import ModelFile
from pipeline.records import SpeechSegment, Word
from pipeline.store import Store

NAME = "sleeper"
PACE = "WEIKE_BENCH_PACE"
_SENTENCE = "同学们好，今天我们一起来谈谈科学精神。"
_CHARACTER_MS = 220


@dataclass
class Sleeper:
    """A model in memory."""

    device: str = "cuda"

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        """Sleep, and return sentences that fill the clip."""
        length_ms = len(samples) * 1000 // SAMPLE_RATE_HZ
        time.sleep(length_ms / 1000 * float(os.environ.get(PACE, "0")))
        segments = []
        for start in range(0, length_ms - _CHARACTER_MS * len(_SENTENCE), _CHARACTER_MS * (len(_SENTENCE) + 2)):
            words = tuple(
                Word(sign, start + _CHARACTER_MS * n, start + _CHARACTER_MS * (n + 1), 0.9)
                for n, sign in enumerate(_SENTENCE)
            )
            segments.append(SpeechSegment(_SENTENCE, words[0].start_ms, words[-1].end_ms, words, -0.2, 0.01, 1.2))
        return tuple(segments)

    def align(self, samples: Samples, language: str, text: str) -> tuple[Word, ...]:
        """Share the text out over the clip."""
        each = len(samples) * 1000 // SAMPLE_RATE_HZ // max(1, len(text))
        return tuple(Word(sign, each * n, each * (n + 1), 0.9) for n, sign in enumerate(text))


class SleeperEngine:
    """Its package."""

    name = NAME

    def version(self) -> str:
        """Return a name for its results; each pace has its own."""
        return f"sleeper {os.environ.get(PACE, '0')}"

    def find_model(self, name: str) -> ModelFile:
        """Return the file at that path, whatever it is."""
        return ModelFile(name, Path(name), "0" * 64, is_demo=False)

    def placements(self) -> tuple[Placement, ...]:
        """Say that there is a GPU."""
        return (Placement("cuda", "float16"),)

    def load(self, model: ModelFile, placement: Placement, store: Store) -> Sleeper:
        """Return it."""
        return Sleeper()


ENGINE = SleeperEngine()
