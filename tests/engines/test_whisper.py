import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.models import describe_model
from pipeline.engines.whisper import ENGINE, WhisperRecogniser
from pipeline.errors import BrokenModelError
from pipeline.records import Word
from pipeline.store import Store
from tests.engines.speech import DEMO_MODEL, LANGUAGE, PROCESSOR, clip


class Payload:
    """What a malicious model file would run."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.target,))


def load(path: Path, store: Store) -> WhisperRecogniser:
    return ENGINE.load(describe_model(str(path)), PROCESSOR, store)


def test_code_inside_a_model_file_does_not_run(tmp_path: Path, store: Store) -> None:
    import torch

    canary, plain, packed = tmp_path / "ran", tmp_path / "plain.pt", tmp_path / "packed.pt"
    plain.write_bytes(pickle.dumps({"dims": Payload(canary)}))
    torch.save({"dims": Payload(canary), "model_state_dict": {}}, packed)
    for path in (plain, packed):
        with pytest.raises(BrokenModelError):
            load(path, store)
    assert not canary.exists()


@pytest.mark.parametrize("content", [b"no model at all", b"PK\x03\x04" + b"\x00" * 200])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes, store: Store) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(BrokenModelError) as caught:
        load(tmp_path / "a.pt", store)
    assert caught.value.exit_code == 4
    assert str(tmp_path / "a.pt") in caught.value.message.show()


def test_half_a_model_is_refused(tmp_path: Path, store: Store) -> None:
    data = DEMO_MODEL.read_bytes()
    (tmp_path / "half.pt").write_bytes(data[: len(data) // 2])
    with pytest.raises(BrokenModelError):
        load(tmp_path / "half.pt", store)


def test_a_model_of_another_shape_is_refused(tmp_path: Path, store: Store) -> None:
    import torch

    data = torch.load(DEMO_MODEL, weights_only=True)
    data["dims"]["n_text_layer"] += 1
    torch.save(data, tmp_path / "odd.pt")
    with pytest.raises(BrokenModelError):
        load(tmp_path / "odd.pt", store)


@pytest.mark.parametrize(
    ("stem", "layers", "heads", "mels", "published"),
    [
        ("large-v3-turbo", 4, 20, 128, "large-v3-turbo"),
        ("my-lecture-turbo", 4, 20, 128, "large-v3-turbo"),
        ("large-v1", 32, 20, 80, "large-v1"),
        ("tuned", 12, 12, 80, "small"),
    ],
)
def test_a_model_loaded_by_path_gets_its_alignment_heads(
    stem: str, layers: int, heads: int, mels: int, published: str
) -> None:
    import whisper

    from pipeline.engines.whisper import set_alignment_heads

    dims = whisper.model.ModelDimensions(mels, 4, 64, heads, 1, 51866, 8, heads * 2, heads, layers)
    ours, theirs = whisper.model.Whisper(dims), whisper.model.Whisper(dims)
    set_alignment_heads(ours, stem)
    theirs.set_alignment_heads(whisper._ALIGNMENT_HEADS[published])
    assert (ours.alignment_heads.to_dense() == theirs.alignment_heads.to_dense()).all()


def test_silence_gives_no_text_and_is_left_at_once(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    from whisper.decoding import DecodingTask

    windows, run = [], DecodingTask.run
    monkeypatch.setattr(DecodingTask, "run", lambda task, mel: windows.append(mel) or run(task, mel))
    recogniser = load(DEMO_MODEL, store)
    assert recogniser.transcribe(np.zeros(32_000, np.float32), "zh", "") == ()
    assert len(windows) == 1


def test_a_known_text_is_found_where_it_is_said(store: Store) -> None:
    recogniser = load(DEMO_MODEL, store)
    said, other = "疫情是一堂生动的人生课。", "口罩一般四个小时就要更换一次。"
    words = recogniser.align(clip(4.9, 8.8), LANGUAGE, said)
    assert "".join(word.text for word in words) == said
    assert all(a.start_ms <= b.start_ms for a, b in pairwise(words))
    assert 0 <= words[0].start_ms < words[0].end_ms < 1300
    assert abs(words[-1].end_ms - 3430) < 600
    unsaid = recogniser.align(clip(4.9, 8.8), LANGUAGE, other)
    assert likelihood(words) > 2 * likelihood(unsaid)


def likelihood(words: tuple[Word, ...]) -> float:
    return sum(word.probability for word in words) / len(words)


@pytest.mark.parametrize("text", ["", "。", "<|endoftext|>好", "Wi-Fi 6，“好”。", "𠮷🙂é"])
def test_any_text_comes_back_whole(text: str, store: Store) -> None:
    recogniser = load(DEMO_MODEL, store)
    assert "".join(word.text for word in recogniser.align(clip(0, 0.05), LANGUAGE, text)) == text


def test_a_text_too_long_for_the_model_is_refused(store: Store) -> None:
    recogniser = load(DEMO_MODEL, store)
    with pytest.raises(ValueError, match="tokens"):
        recogniser.align(clip(0, 1), LANGUAGE, "好，" * 300)
