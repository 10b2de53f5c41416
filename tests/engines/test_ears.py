from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import ears
from pipeline.engines.base import Placement, Samples
from pipeline.engines.ears import keep_warm, open_ears
from pipeline.engines.models import ModelFile
from pipeline.errors import BrokenModelError
from pipeline.events import Event, Notice
from pipeline.records import SpeechSegment
from pipeline.store import Store

CUDA, CUDA_INT8, CPU = Placement("cuda", "float16"), Placement("cuda", "int8_float16"), Placement("cpu", "int8")
SILENCE = np.zeros(100, np.float32)


class Picky:
    """An engine that fails as a test tells it to, at loading or at hearing."""

    def __init__(self, name: str, places: tuple[Placement, ...], fail: Callable[[str, Placement], None]) -> None:
        self.name, self.places, self.fail = name, places, fail

    def version(self) -> str:
        return "1"

    def find_model(self, name: str) -> ModelFile:
        return ModelFile(name, Path(f"/models/{name}.pt"), name, is_demo=False)

    def placements(self) -> tuple[Placement, ...]:
        return self.places

    def load(self, model: ModelFile, placement: Placement, store: Store) -> "Picky":
        self.fail(model.name, placement)
        return self

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        return ()


@pytest.fixture
def climb(monkeypatch: pytest.MonkeyPatch, store: Store) -> Callable[..., list[str]]:
    """Hear something with engines, and return what ran followed by what was told."""

    def run(*engines: Picky, smaller: tuple[str, ...] = ()) -> list[str]:
        monkeypatch.setattr("pipeline.engines.ears.choose_engines", lambda name: engines)
        files = [engines[0].find_model(name) for name in smaller]
        monkeypatch.setattr("pipeline.engines.ears.smaller_models", lambda model, language: iter(files))
        events: list[Event] = []
        ears = open_ears("auto", "big", "zh", "recognise", store, events.append)
        assert ears.do(lambda model: model.transcribe(SILENCE, "zh", "")) == ()
        return [ears.rung.described, *(event.message.show() for event in events if isinstance(event, Notice))]

    return run


def out_of_memory(*where: tuple[str, Placement]) -> Callable[[str, Placement], None]:
    def fail(model: str, placement: Placement) -> None:
        if (model, placement) in where:
            raise RuntimeError("CUDA failed with error out of memory")

    return fail


def hear_with(engine: Picky, store: Store, monkeypatch: pytest.MonkeyPatch, model: str = "big") -> None:
    """Hear something with ears of their own, as each lecture does."""
    monkeypatch.setattr("pipeline.engines.ears.choose_engines", lambda name: (engine,))
    open_ears("auto", model, "zh", "recognise", store, lambda _event: None).do(
        lambda loaded: loaded.transcribe(SILENCE, "zh", "")
    )


def counting() -> tuple[Picky, list[str]]:
    """Return an engine and the list of models that it has loaded."""
    loads: list[str] = []
    return Picky("fast", (CPU,), lambda model, _placement: loads.append(model)), loads


def test_lectures_one_after_another_load_their_model_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "is_memory_short", lambda: False)
    engine, loads = counting()
    with keep_warm():
        for _ in range(3):
            with keep_warm():
                hear_with(engine, store, monkeypatch)
        assert loads == ["big"]
        hear_with(engine, store, monkeypatch, "other")
        hear_with(engine, store, monkeypatch)
        assert loads == ["big", "other", "big"], "one model at a time"
    hear_with(engine, store, monkeypatch)
    assert loads[3:] == ["big"], "after the batch nothing is kept"


def test_a_kept_model_is_given_back_between_lectures_when_memory_is_short(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "is_memory_short", lambda: True)
    engine, loads = counting()
    with keep_warm():
        for _ in range(2):
            with keep_warm():
                hear_with(engine, store, monkeypatch)
                hear_with(engine, store, monkeypatch)
    assert loads == ["big", "big"]


def test_a_model_that_failed_is_not_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, loads = counting()
    monkeypatch.setattr(ears, "is_memory_short", lambda: False)

    def fail(_loaded: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("pipeline.engines.ears.choose_engines", lambda name: (engine,))
    with keep_warm():
        with pytest.raises(RuntimeError):
            open_ears("auto", "big", "zh", "recognise", store, lambda _event: None).do(fail)
        hear_with(engine, store, monkeypatch)
    assert loads == ["big", "big"]


def test_what_fits_runs_without_a_word(climb: Callable[..., list[str]]) -> None:
    assert climb(Picky("fast", (CUDA, CPU), out_of_memory())) == ["fast, big, float16, cuda"]


def test_the_steps_down_are_eight_bits_then_a_smaller_model_then_the_processor(
    climb: Callable[..., list[str]],
) -> None:
    steps = [("big", CUDA), ("big", CUDA_INT8), ("small", CUDA), ("small", CUDA_INT8)]
    expected = [
        "fast, big, int8_float16, cuda",
        "fast, small, float16, cuda",
        "fast, small, int8_float16, cuda",
        "fast, big, int8, cpu",
    ]
    for count in range(1, 5):
        engine = Picky("fast", (CUDA, CUDA_INT8, CPU), out_of_memory(*steps[:count]))
        ran, *told = climb(engine, smaller=("small",))
        assert ran == expected[count - 1]
        assert len(told) == count
        assert all("too little memory" in message for message in told)
        assert told[-1].endswith(f"goes on with {ran}.")


def test_too_little_memory_of_the_machine_itself_ends_it(climb: Callable[..., list[str]]) -> None:
    def fail(model: str, placement: Placement) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        climb(Picky("fast", (CPU,), fail))


def test_another_engine_goes_on_where_one_cannot_run(climb: Callable[..., list[str]]) -> None:
    def fail(model: str, placement: Placement) -> None:
        raise RuntimeError("Library libcublas.so.12 is not found\nand more")

    broken, sound = Picky("fast", (CUDA, CPU), fail), Picky("slow", (CPU,), out_of_memory())
    ran, told = climb(broken, sound)
    assert ran == "slow, big, int8, cpu"
    assert "fast, big, float16, cuda failed (Library libcublas.so.12 is not found)" in told


def test_a_failure_of_the_only_engine_is_raised(climb: Callable[..., list[str]]) -> None:
    def fail(model: str, placement: Placement) -> None:
        raise RuntimeError("odd")

    with pytest.raises(RuntimeError, match="odd"):
        climb(Picky("fast", (CUDA, CPU), fail))


def test_a_broken_model_is_broken_for_every_engine(climb: Callable[..., list[str]]) -> None:
    def fail(model: str, placement: Placement) -> None:
        raise BrokenModelError("/models/big.pt", reason="half")

    with pytest.raises(BrokenModelError):
        climb(Picky("fast", (CUDA, CPU), fail), Picky("slow", (CPU,), out_of_memory()))
