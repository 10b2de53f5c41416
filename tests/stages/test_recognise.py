import wave
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import pipeline.engines.base as base
from pipeline.engines.base import Placement, Samples
from pipeline.engines.models import ModelFile
from pipeline.errors import EngineFailedError, NoModelError
from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.presets import RecognitionSettings
from pipeline.records import Soundtrack, Span, SpeechSegment, Word
from pipeline.stages.recognise import recognise
from pipeline.store import Store

SETTINGS = RecognitionSettings(engine="told", model="any", prompt="以下是一段普通话微党课。")


class ToldEngine:
    """An engine that says what a test tells it to, and counts."""

    name = "told"

    def __init__(self, say: Callable[[int], tuple[SpeechSegment, ...]]) -> None:
        self.say = say
        self.loaded = 0
        self.heard: list[int] = []
        self.prompts: list[str] = []
        self.is_demo = False
        self.device = "cpu"
        self.places = (Placement("cpu", "int8"),)

    def version(self) -> str:
        return "told 1"

    def find_model(self, name: str) -> ModelFile:
        return ModelFile(name, Path("any.pt"), "0" * 64, self.is_demo)

    def placements(self) -> tuple[Placement, ...]:
        return self.places

    def load(self, model: ModelFile, placement: Placement, store: Store) -> "ToldEngine":
        self.loaded += 1
        self.placement = placement
        return self

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        self.heard.append(len(samples))
        self.prompts.append(prompt)
        return self.say(len(self.heard))


def said(text: str, start_ms: int = 300, char_ms: int = 200) -> SpeechSegment:
    words = tuple(Word(sign, start_ms + n * char_ms, start_ms + (n + 1) * char_ms, 0.9) for n, sign in enumerate(text))
    return SpeechSegment(text, start_ms, start_ms + len(text) * char_ms, words, -0.2, 0.01, 1.1)


@pytest.fixture
def sound(tmp_path: Path) -> Soundtrack:
    """Twenty seconds of noise, with speech said to be in three stretches that make two clips."""
    noise = np.random.default_rng(1).normal(0, 1000, 320_000).astype("<i2")
    with wave.open(str(tmp_path / "speech.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(noise.tobytes())
    speech = (Span(1000, 4000), Span(4500, 7000), Span(12_000, 15_000))
    return Soundtrack(tmp_path / "speech.wav", None, None, 0.0, speech, 20_000)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ToldEngine]:
    def make(say: Callable[[int], tuple[SpeechSegment, ...]]) -> ToldEngine:
        told = ToldEngine(say)
        monkeypatch.setattr("pipeline.engines.ears.choose_engines", lambda name: (told,))
        return told

    return make


def test_words_are_on_the_lectures_clock(sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]) -> None:
    told = engine(lambda call: (said("同学们好。"),) if call == 1 else (said("我们上课。"),))
    transcript = recognise(sound, SETTINGS, store, silent)
    assert transcript.ran == ("told, any, int8, cpu",)
    assert told.heard == [int(6.4 * 16_000), int(3.4 * 16_000)]
    assert [segment.text for segment in transcript.segments] == ["同学们好。", "我们上课。"]
    assert [segment.start_ms for segment in transcript.segments] == [1100, 12_100]
    assert (transcript.engine, transcript.model, transcript.model_sha256) == ("told", "any", "0" * 64)


def test_progress_is_in_seconds_of_sound(sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]) -> None:
    engine(lambda call: ())
    events: list[Event] = []
    recognise(sound, SETTINGS, store, events.append)
    assert events == [
        StageStarted("recognise", 9.8),
        StageAdvanced("recognise", 6.4),
        StageAdvanced("recognise", 9.8),
        StageFinished("recognise", reused=False),
    ]


def test_a_killed_recognition_goes_on_where_it_stopped(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    def stop(call: int) -> tuple[SpeechSegment, ...]:
        if call == 2:
            raise KeyboardInterrupt
        return (said("同学们好。"),)

    first = engine(stop)
    with pytest.raises(KeyboardInterrupt):
        recognise(sound, SETTINGS, store, silent)
    assert len(first.heard) == 2
    second = engine(lambda call: (said("我们上课。"),))
    transcript = recognise(sound, SETTINGS, store, silent)
    assert len(second.heard) == 1
    assert [segment.text for segment in transcript.segments] == ["同学们好。", "我们上课。"]


def test_nothing_is_recognised_twice(sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]) -> None:
    engine(lambda call: (said("同学们好。"),))
    first = recognise(sound, SETTINGS, store, silent)
    again = engine(lambda call: ())
    events: list[Event] = []
    assert recognise(sound, SETTINGS, store, events.append) == first
    assert again.loaded == 0
    assert events[-1] == StageFinished("recognise", reused=True)
    recognise(sound, SETTINGS.model_copy(update={"prompt": "另一个提示"}), store, silent)
    assert len(again.heard) == 2


def test_an_engine_that_raises_ends_with_its_own_exit_code(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    def fail(call: int) -> tuple[SpeechSegment, ...]:
        raise RuntimeError("out of memory")

    engine(fail)
    with pytest.raises(EngineFailedError, match=r"recognition\.failed") as caught:
        recognise(sound, SETTINGS, store, silent)
    assert caught.value.exit_code == 6
    assert "out of memory" in caught.value.message.show()


def test_nonsense_from_an_engine_becomes_sane(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    wild = replace(said("同学们好"), words=tuple(Word(c, 9_000_000, -5, 0.5) for c in "同学们好"))
    engine(lambda call: (wild, said("")))
    words = [word for s in recognise(sound, SETTINGS, store, silent).segments for word in s.words]
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(words))
    assert all(0 <= word.start_ms < word.end_ms <= 20_000 for word in words)


def test_what_nobody_said_is_listed_and_kept_raw(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    engine(lambda call: (said("同学们好。"), said("慢" * 20, 1500, 100)) if call == 1 else ())
    transcript = recognise(sound, SETTINGS, store, silent)
    assert len(transcript.segments) == 2
    assert [removal.text for removal in transcript.removals] == ["慢" * 20]


PROMPT = "以下是一段普通话微党课。请使用简体中文和标点符号。"


def test_the_prompt_never_comes_out_as_speech(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    def say(call: int) -> tuple[SpeechSegment, ...]:
        if told.prompts[-1]:
            return (said("请使用简体中文", 300), said("我们上课。", 1900))
        return (said("同学们好。", 300), said("我们上课。", 1900))

    told = engine(say)
    transcript = recognise(sound, SETTINGS.model_copy(update={"prompt": PROMPT}), store, silent)
    assert told.prompts == [PROMPT, "", PROMPT, ""]
    assert [segment.text for segment in transcript.segments] == ["同学们好。", "我们上课。"] * 2
    assert [(r.text, r.reason.show()) for r in transcript.removals] == [
        ("请使用简体中文", "It repeats the recogniser's prompt.")
    ] * 2


def test_words_of_the_prompt_that_are_really_said_stay(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    told = engine(lambda call: (said("请使用简体中文和标点符号。"),))
    transcript = recognise(sound, SETTINGS.model_copy(update={"prompt": PROMPT}), store, silent)
    assert told.prompts == [PROMPT, "", PROMPT, ""]
    assert transcript.removals == ()


def test_a_loop_keeps_its_first_saying(sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]) -> None:
    engine(lambda call: (said("同学们今天我们一起来学习" + "慢慢" * 8, 300, 80),) if call == 1 else ())
    transcript = recognise(sound, SETTINGS, store, silent)
    assert [segment.text for segment in transcript.segments] == ["同学们今天我们一起来学习慢", "慢" * 15]
    assert [removal.text for removal in transcript.removals] == ["慢" * 15]


def test_traditional_characters_become_simplified_in_their_context(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    engine(lambda call: (said("乾隆帶頭發展經濟，乾杯。"),) if call == 1 else ())
    (segment,) = recognise(sound, SETTINGS, store, silent).segments
    assert segment.text == "乾隆带头发展经济，干杯。"
    assert "".join(word.text for word in segment.words) == segment.text


def test_the_demo_model_is_named_and_gets_no_prompt(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine]
) -> None:
    told = engine(lambda call: ())
    told.is_demo = True
    events: list[Event] = []
    assert recognise(sound, SETTINGS, store, events.append).is_demo_model
    assert any(isinstance(event, Notice) and "demo model" in event.message.show() for event in events)
    assert set(told.prompts) == {""}


def test_too_little_memory_is_told_and_named(
    sound: Soundtrack, store: Store, engine: Callable[..., ToldEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(call: int) -> tuple[SpeechSegment, ...]:
        if told.placement.compute == "float16" and call > 1:
            raise RuntimeError("CUDA failed with error out of memory")
        return (said("同学们好。"),)

    told = engine(say)
    told.places = (Placement("cuda", "float16"), Placement("cuda", "int8_float16"), Placement("cpu", "int8"))
    events: list[Event] = []
    transcript = recognise(sound, SETTINGS, store, events.append)
    assert transcript.ran == ("told, any, float16, cuda", "told, any, int8_float16, cuda")
    (notice,) = [event.message.show() for event in events if isinstance(event, Notice)]
    assert "too little memory for told, any, float16, cuda" in notice
    assert "goes on with told, any, int8_float16, cuda" in notice

    again = engine(say)
    again.places = told.places
    told = again
    assert recognise(sound, SETTINGS, store, silent).segments == transcript.segments
    assert len(again.heard) == 1, "the second clip is tried on the first rung, then taken from the store"


def test_silence_needs_no_model(store: Store) -> None:
    settings = RecognitionSettings(model="not-here")
    silence = Soundtrack(None, None, None, 0.0, (), 20_000)
    assert recognise(silence, settings, store, silent).segments == ()
    with pytest.raises(NoModelError):
        recognise(replace(silence, speech_wav=Path("a.wav"), speech=(Span(0, 100),)), settings, store, silent)


def test_engines_are_found_by_name() -> None:
    assert "whisper" in base.ENGINES
