import sys

import pytest

from pipeline.engines.base import ENGINES, find_engine
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
