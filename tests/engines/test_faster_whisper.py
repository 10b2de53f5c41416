import socket
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from pipeline.engines import whisper as reference
from pipeline.engines.base import Placement, Recogniser
from pipeline.engines.faster_whisper import ENGINE, FasterWhisperRecogniser
from pipeline.engines.models import describe_model
from pipeline.store import Store
from tests.engines.speech import DEMO_MODEL, LANGUAGE, PROCESSOR, clip

CLIPS = ((0, 8.5), (8.5, 14.4), (49.5, 58.1), (67, 77.2))
PROMPT = "以下是一段普通话微党课，请使用简体中文。"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def fast(kept: Store) -> FasterWhisperRecogniser:
    return ENGINE.load(describe_model(str(DEMO_MODEL)), PROCESSOR, kept)


@pytest.fixture(scope="module")
def whisper(kept: Store) -> Recogniser:
    return reference.ENGINE.load(describe_model(str(DEMO_MODEL)), PROCESSOR, kept)


@pytest.fixture(scope="module")
def written(whisper: Recogniser) -> str:
    """What the reference writes."""
    return text_of(whisper, CLIPS)


def text_of(recogniser: Recogniser, clips: tuple[tuple[float, float], ...], prompt: str = "") -> str:
    heard = (recogniser.transcribe(clip(*each), LANGUAGE, prompt) for each in clips)
    return "".join(segment.text for segments in heard for segment in segments)


def test_both_engines_give_the_same_text(fast: Recogniser, written: str) -> None:
    assert len(written) > 100
    assert Levenshtein.distance(text_of(fast, CLIPS), written) <= 0.005 * len(written)


def test_both_engines_take_the_prompt_alike(fast: Recogniser, whisper: Recogniser) -> None:
    ours, theirs = (text_of(engine, CLIPS[1:2], PROMPT) for engine in (fast, whisper))
    assert ours == theirs != ""


def test_both_engines_give_the_same_times_and_figures(fast: Recogniser, whisper: Recogniser) -> None:
    for ours, theirs in zip(
        fast.transcribe(clip(*CLIPS[3]), LANGUAGE, ""), whisper.transcribe(clip(*CLIPS[3]), LANGUAGE, ""), strict=True
    ):
        assert (ours.text, ours.start_ms, ours.end_ms) == (theirs.text, theirs.start_ms, theirs.end_ms)
        assert ours.average_logprob == pytest.approx(theirs.average_logprob, abs=0.01)
        assert ours.compression_ratio == pytest.approx(theirs.compression_ratio, abs=0.01)
        assert [word.text for word in ours.words] == [word.text for word in theirs.words]
        assert all(abs(a.start_ms - b.start_ms) <= 60 for a, b in zip(ours.words, theirs.words, strict=True))
        assert all(abs(a.probability - b.probability) < 0.01 for a, b in zip(ours.words, theirs.words, strict=True))


def test_a_known_text_is_found_where_it_is_said(fast: Recogniser, whisper: Recogniser) -> None:
    said = "疫情是一堂生动的人生课。"
    ours, theirs = (engine.align(clip(4.9, 8.8), LANGUAGE, said) for engine in (fast, whisper))
    assert "".join(word.text for word in ours) == said
    assert all(a.start_ms <= b.start_ms for a, b in pairwise(ours))
    assert [word.text for word in ours] == [word.text for word in theirs]
    assert all(abs(a.probability - b.probability) < 0.01 for a, b in zip(ours, theirs, strict=True))
    assert all(abs(a.start_ms - b.start_ms) <= 60 for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("text", ["", "。", "<|endoftext|>好", "Wi-Fi 6，“好”。", "𠮷🙂é"])
def test_any_text_comes_back_whole(fast: Recogniser, text: str) -> None:
    assert "".join(word.text for word in fast.align(clip(0, 0.05), LANGUAGE, text)) == text


def test_a_text_too_long_for_the_model_is_refused(fast: Recogniser) -> None:
    with pytest.raises(ValueError, match="tokens"):
        fast.align(clip(0, 1), LANGUAGE, "好，" * 300)


def test_silence_gives_no_text_and_is_left_at_once(
    fast: FasterWhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows, encode = [], fast._model.encode
    monkeypatch.setattr(fast._model, "encode", lambda features: windows.append(features) or encode(features))
    assert fast.transcribe(np.zeros(32_000, np.float32), LANGUAGE, "") == ()
    assert len(windows) == 1


def test_the_same_clip_gives_the_same_text_whatever_was_heard_before(
    fast: FasterWhisperRecogniser, kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.engines.faster_whisper.TEMPERATURES", (0.8, 1.0))
    first = fast.transcribe(clip(0, 6), LANGUAGE, "")
    fast.transcribe(clip(6, 12), LANGUAGE, "")
    assert fast.transcribe(clip(0, 6), LANGUAGE, "") == first
    fresh = ENGINE.load(describe_model(str(DEMO_MODEL)), PROCESSOR, kept)
    assert fresh.transcribe(clip(0, 6), LANGUAGE, "") == first


def test_eight_bits_hear_nearly_the_same(kept: Store, written: str) -> None:
    model = ENGINE.load(describe_model(str(DEMO_MODEL)), Placement("cpu", "int8"), kept)
    # The demo model is unsure of every third character, and eight bits tip some of the scales.
    assert Levenshtein.distance(text_of(model, CLIPS), written) <= 0.2 * len(written)


def test_no_network_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    recogniser = ENGINE.load(describe_model(str(DEMO_MODEL)), PROCESSOR, Store(tmp_path))
    assert recogniser.transcribe(clip(0, 4), LANGUAGE, "")


def test_the_processor_can_run_it_here() -> None:
    assert [placement.device for placement in ENGINE.placements()][-1] == "cpu"
