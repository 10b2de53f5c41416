import sys

import pytest

from pipeline.engines.base import ENGINES, Placement, choose_engines, find_engine, is_out_of_memory
from pipeline.errors import UnknownEngineError


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_every_engine_is_there_under_its_name(name: str) -> None:
    engine = find_engine(name)
    assert engine.name == name
    assert engine.version()


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UnknownEngineError) as caught:
        find_engine("whispre")
    assert caught.value.exit_code == 2
    assert "whisper" in caught.value.advice.show()


def test_naming_an_engine_loads_no_model_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "whisper", None)
    assert find_engine("whisper").name == "whisper"


GPU, CPU = Placement("cuda", "float16"), Placement("cpu", "int8")


@pytest.mark.parametrize(
    ("fast", "reference", "expected"),
    [
        ((CPU,), (CPU,), ["faster-whisper", "whisper"]),
        ((GPU, CPU), (GPU, CPU), ["faster-whisper", "whisper"]),
        ((CPU,), (GPU, CPU), ["whisper", "faster-whisper"]),
        ((), (CPU,), ["whisper"]),
    ],
)
def test_the_fastest_that_can_run_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
    fast: tuple[Placement, ...],
    reference: tuple[Placement, ...],
    expected: list[str],
) -> None:
    for name, places in (("faster-whisper", fast), ("whisper", reference)):
        monkeypatch.setattr(type(find_engine(name)), "placements", lambda self, places=places: places)
    assert [engine.name for engine in choose_engines("auto")] == expected
    assert [engine.name for engine in choose_engines("whisper")] == ["whisper"]


def test_an_engine_without_its_package_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    assert find_engine("faster-whisper").placements() == ()
    assert [engine.name for engine in choose_engines("auto")] == ["whisper"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("CUDA failed with error out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("Library libcublas.so.12 is not found"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_too_little_memory_is_told_from_other_failures(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_torchs_own_error_is_too_little_memory() -> None:
    import torch

    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
