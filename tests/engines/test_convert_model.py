import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.convert_model import converted
from pipeline.engines.faster_whisper import ENGINE
from pipeline.engines.models import describe_model
from pipeline.errors import BrokenModelError
from pipeline.store import Store
from tests.engines.speech import DEMO_MODEL, PROCESSOR, clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(describe_model(str(DEMO_MODEL)), Store(tmp_path_factory.mktemp("converted")))


def test_the_encoder_hears_as_whispers_does(folder: Path) -> None:
    import ctranslate2
    import torch
    import whisper

    mel = whisper.log_mel_spectrogram(clip(0, 12), 80, padding=480_000)[:, :3000].contiguous()
    with torch.no_grad():
        true = whisper.load_model(str(DEMO_MODEL), device="cpu").encoder(mel[None]).numpy()
    model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32")
    ours = np.array(model.encode(ctranslate2.StorageView.from_array(mel[None].numpy())))
    # Values are about 1; float32 sums in another order.
    assert np.abs(ours - true).max() < 1e-4


def test_a_folder_holds_all_that_would_else_be_asked_of_a_hub(folder: Path) -> None:
    names = {"model.bin", "config.json", "vocabulary.json", "tokenizer.json", "preprocessor_config.json"}
    assert {file.name for file in folder.iterdir()} == names
    assert json.loads((folder / "preprocessor_config.json").read_text())["feature_size"] == 80
    config = json.loads((folder / "config.json").read_text())
    assert config["alignment_heads"] == [[layer, head] for layer in (2, 3) for head in range(4)]
    assert {220, 50_257} == set(config["suppress_ids_begin"])


def tiny(path: Path, vocabulary: int, mels: int, heads: int = 2) -> Path:
    """Write a checkpoint of another published kind, with random weights."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(1)
    dims = ModelDimensions(mels, 1500, 32, 2, 1, vocabulary, 448, 32, heads, 1)
    model = Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    torch.save({"dims": asdict(dims), "model_state_dict": model.state_dict()}, path)
    return path


@pytest.mark.parametrize(("vocabulary", "mels"), [(51_866, 128), (51_864, 80)])
def test_the_newer_and_the_english_models_are_read_too(
    tmp_path: Path, store: Store, vocabulary: int, mels: int
) -> None:
    import torch
    import whisper

    model = describe_model(str(tiny(tmp_path / "tiny-random.pt", vocabulary, mels)))
    loaded = ENGINE.load(model, PROCESSOR, store)
    sound = clip(0, 3)
    mel = whisper.log_mel_spectrogram(sound, mels, padding=480_000)[:, :300]
    theirs = whisper.load_model(str(model.path), device="cpu")
    with torch.no_grad():
        true = theirs.encoder(whisper.pad_or_trim(mel, 3000)[None]).numpy()
    features = loaded._model.feature_extractor(sound)[:, :300]
    ours = np.array(loaded._model.encode(np.pad(features, ((0, 0), (0, 2700)))))
    assert features.shape == (mels, 300)
    # The two spectrograms differ by some 1e-5, and at the clip's end by a frame's padding.
    assert np.abs(ours - true).mean() < 1e-3


def test_it_is_made_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    model = describe_model(str(DEMO_MODEL))
    first = converted(model, store)
    monkeypatch.setattr(torch, "load", lambda *args, **options: pytest.fail("read again"))
    assert converted(model, store) == first


def test_a_killed_conversion_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.engines.convert_model._write_tokenizer", stop)
    with pytest.raises(KeyboardInterrupt):
        converted(describe_model(str(DEMO_MODEL)), store)
    assert list(store.root.glob("artefacts/**/*")) == []
    assert list(store.root.glob("attempts/*")) == []


@pytest.mark.parametrize("change", ["layers", "missing", "extra", "shape", "mels", "vocabulary"])
def test_what_is_no_whisper_checkpoint_is_refused(tmp_path: Path, store: Store, change: str) -> None:
    import torch

    data = torch.load(DEMO_MODEL, weights_only=True)
    dims, tensors = data["dims"], data["model_state_dict"]
    match change:
        case "layers":
            dims["n_text_layer"] += 1
        case "missing":
            del tensors["decoder.ln.bias"]
        case "extra":
            tensors["decoder.more"] = torch.zeros(2)
        case "shape":
            tensors["decoder.ln.bias"] = torch.zeros(2)
        case "mels":
            dims["n_mels"] = 40
        case "vocabulary":
            dims["n_vocab"] = 1000
    path = tmp_path / "odd.pt"
    torch.save(data, path)
    with pytest.raises(BrokenModelError) as caught:
        converted(describe_model(str(path)), store)
    assert str(path) in caught.value.message.show()
    assert not list(store.root.glob("artefacts/ct2-model/*"))


def test_code_inside_a_model_file_does_not_run(tmp_path: Path, store: Store) -> None:
    import pickle

    canary, path = tmp_path / "ran", tmp_path / "evil.pt"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (canary,))

    path.write_bytes(pickle.dumps({"dims": Payload()}))
    with pytest.raises(BrokenModelError):
        converted(describe_model(str(path)), store)
    assert not canary.exists()
