"""Encoding ahead changes when segments are encoded, never what is delivered."""

import time
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.ahead import encoding_ahead
from pipeline.engines.base import Placement
from pipeline.events import Event, StageAdvanced, StageFinished, StageStarted, silent
from pipeline.media.probing.probe import inspect
from pipeline.presets import RecognitionSettings
from pipeline.records import CueSheet, Delivery, Soundtrack, Span, SpeechSegment, Transcript
from pipeline.stages.caption import caption
from pipeline.stages.recognise import recognise
from pipeline.stages.render import Reel
from pipeline.store import Store
from tests.stages.rendering import changed, job_for
from tests.stages.test_recognise import ToldEngine, said

SETTINGS = RecognitionSettings(engine="told", model="any")
CLIP = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=100", "-c:v", "libx264", "-g", "20"]
SPEECH = tuple(Span(start, start + 8400) for start in range(500, 90_000, 9000))
TEXT = "今天我们一起来学习党的章程，大家要认真听，仔细想。"
GPU, CPU = Placement("cuda", "float16"), Placement("cpu", "int8")


class Lecture:
    """A lecture of 100 seconds in four clips, recognised where a test says."""

    def __init__(self, clip: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.recording = folder, inspect(clip)
        self.job = job_for(self.recording, folder / "out.mp4", raster=(160, 90), segment_s=8)
        with wave.open(str(folder / "speech.wav"), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(np.random.default_rng(1).normal(0, 1000, 1_600_000).astype("<i2").tobytes())
        self.sound = Soundtrack(folder / "speech.wav", None, None, 0.0, SPEECH, 100_000)
        self.patch = monkeypatch
        self.kept_at_last_clip = 0

    def kept(self, store: Store) -> int:
        """How many segments the store holds."""
        return len(list((store.root / "artefacts" / "segments").glob("*.mp4")))

    def run(
        self,
        place: Placement,
        store: Store,
        emit: Callable[[Event], None] = silent,
        *,
        awaited: int = 0,
        so_far: Callable[[CueSheet], CueSheet] = lambda sheet: sheet,
    ) -> Delivery:
        """Recognise and render; the last clip is heard only when ``awaited`` segments are encoded."""

        def say(call: int) -> tuple[SpeechSegment, ...]:
            deadline = time.monotonic() + 240
            while call >= 4 and self.kept(store) < awaited and time.monotonic() < deadline:
                time.sleep(0.05)
            self.kept_at_last_clip = self.kept(store)
            return tuple(said(f"第{call}段第{n}句，{TEXT}", 700 + 9000 * n) for n in range(3))

        engine = ToldEngine(say)
        engine.places = (place,)
        self.patch.setattr("pipeline.engines.ears.choose_engines", lambda name: (engine,))

        def written(transcript: Transcript) -> CueSheet:
            return caption(transcript, self.sound, self.job.grid, self.job.captions, store, silent)

        with Reel(self.recording, self.sound, self.job, store, emit) as reel:
            with encoding_ahead(reel, lambda transcript: so_far(written(transcript))) as listen:
                transcript = recognise(self.sound, SETTINGS, store, emit, listen)
            assert len(engine.heard) == 4
            return reel.deliver(written(transcript))


@pytest.fixture
def lecture(make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lecture:
    return Lecture(make_clip("ahead.mp4", [*CLIP, "-preset", "ultrafast"]), tmp_path, monkeypatch)


def test_beside_a_gpu_segments_are_encoded_ahead_and_the_delivery_is_the_same(lecture: Lecture, tmp_path: Path) -> None:
    with_cpu, with_gpu = Store(tmp_path / "cpu"), Store(tmp_path / "gpu")
    after = lecture.run(CPU, with_cpu)
    assert lecture.kept_at_last_clip == 0, "recognition has all cores"
    events: list[Event] = []
    ahead = lecture.run(GPU, with_gpu, events.append, awaited=6)
    assert lecture.kept_at_last_clip >= 6
    assert ahead.sha256 == after.sha256
    assert ahead.segments == ahead.segments_encoded == lecture.kept(with_gpu) == 12, "none was encoded in vain"
    begun = [event.stage for event in events if isinstance(event, StageStarted)]
    assert begun == ["recognise", "render"]
    order = [event.stage for event in events if isinstance(event, StageAdvanced | StageFinished)]
    assert order.index("render") < order.index("recognise", order.index("render")), "both go on at the same time"
    done = [event.done for event in events if isinstance(event, StageAdvanced) and event.stage == "render"]
    assert done == sorted(done)


def test_a_cue_that_later_words_change_is_encoded_again(lecture: Lecture, store: Store, tmp_path: Path) -> None:
    plain = lecture.run(CPU, Store(tmp_path / "plain"))

    def mistaken(sheet: CueSheet) -> CueSheet:
        return changed(sheet, 0, "听错了")

    made = lecture.run(GPU, store, awaited=4, so_far=mistaken)
    assert lecture.kept_at_last_clip >= 4
    assert made.sha256 == plain.sha256
    assert lecture.kept(store) == made.segments + 1


def test_what_stands_against_encoding_ahead_is_told_when_the_whole_is_rendered(lecture: Lecture, store: Store) -> None:
    def undrawable(sheet: CueSheet) -> CueSheet:
        return CueSheet(tuple(replace(cue, screen="𪚥") for cue in sheet.cues))

    made = lecture.run(GPU, store, so_far=undrawable)
    assert made.segments == made.segments_encoded
