"""A model file is data: code that is pickled into it does not run, whichever engine is asked to load it."""

import pickle
import wave
from pathlib import Path

import pytest

from pipeline.errors import WeikeError
from pipeline.presets import RecognitionSettings
from pipeline.records import Soundtrack, Span
from pipeline.stages.recognise import recognise
from pipeline.store import Store


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("engine", ["whisper", "faster-whisper", "auto"])
@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_code_in_a_model_file_does_not_run(engine: str, form: str, store: Store, tmp_path: Path) -> None:
    import torch

    ran, model, wav = tmp_path / "ran", tmp_path / "model.pt", tmp_path / "speech.wav"
    content = {"dims": Payload(ran), "model_state_dict": {"x": Payload(ran)}}
    if form == "pickle":
        model.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, model)
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(64_000))
    sound = Soundtrack(wav, None, None, 0.0, (Span(200, 1800),), 2000)
    with pytest.raises(WeikeError) as caught:
        recognise(sound, RecognitionSettings(engine=engine, model=str(model)), store, lambda _event: None)
    assert caught.value.id == "model.broken"
    assert not ran.exists()
