"""Recognise: the speech becomes words with times and confidence. Only speech is heard, and nothing is lost silently."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from pipeline.engines.base import Engine, Recogniser, Samples, find_engine
from pipeline.engines.clips import plan_clips, quietest_moment, read_clip
from pipeline.engines.doubts import find_removals
from pipeline.engines.models import ModelFile
from pipeline.engines.onsets import fit_to_sound
from pipeline.engines.times import on_the_clock
from pipeline.errors import EngineFailedError, WeikeError
from pipeline.events import Emit, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.presets import RecognitionSettings
from pipeline.records import Soundtrack, Span, SpeechSegment, Transcript
from pipeline.store import Store, key_of
from pipeline.texts import N_, Message

STAGE = "recognise"


@dataclass(frozen=True, slots=True)
class ClipText:
    """What an engine heard in one clip; times from the clip's start. Kept, so that no clip is recognised twice."""

    segments: tuple[SpeechSegment, ...]


def recognise(soundtrack: Soundtrack, settings: RecognitionSettings, store: Store, emit: Emit) -> Transcript:
    """Return what is said in the recording.

    A recording without speech needs no model. Each clip's result is kept as soon as it is there, so that a recognition
    that was killed goes on where it stopped.

    Raises:
        NoModelError, BrokenModelError: no model to work with.
        EngineFailedError: the engine raised in the middle of the work.
    """
    engine = find_engine(settings.engine)
    if soundtrack.speech_wav is None or not soundtrack.speech:
        emit(StageStarted(STAGE, 0.0))
        emit(StageFinished(STAGE))
        return Transcript(engine.name, settings.model, None, False, settings.language, ())
    model = engine.find_model(settings.model)
    if model.is_demo:
        emit(Notice(STAGE, Message(N_("The demo model is in use: it only knows the demo's synthetic voice."))))
        settings = settings.model_copy(update={"prompt": ""})
    work = _Work(engine, model, settings, soundtrack.speech_wav, store, emit)
    segments = _hear_all(work, soundtrack, emit)
    segments = _simplified(segments) if settings.language == "zh" else segments
    return Transcript(
        engine=engine.name,
        model=model.name,
        model_sha256=model.sha256,
        is_demo_model=model.is_demo,
        language=settings.language,
        segments=segments,
        removals=find_removals(segments, soundtrack.speech, settings.prompt),
    )


class _Work:
    """One recognition: the model is loaded for the first clip that the store does not hold."""

    def __init__(
        self, engine: Engine, model: ModelFile, settings: RecognitionSettings, wav: Path, store: Store, emit: Emit
    ) -> None:
        self._engine, self._settings, self._store, self._emit = engine, settings, store, emit
        self.model = model
        self.wav = wav
        self._recogniser: Recogniser | None = None
        self._device = ""

    @property
    def has_heard(self) -> bool:
        """Whether anything was recognised now, rather than taken from the store."""
        return self._recogniser is not None

    def hear(self, clip: Span, speech: Sequence[Span]) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip, on the lecture's clock, each word where it sounds."""
        samples = read_clip(self.wav, clip)
        key = key_of(
            self._engine.version(),
            self.model.sha256,
            self._settings.language,
            self._settings.prompt,
            sha256(samples.tobytes()).hexdigest(),
        )
        heard = self._store.record("clip-text", key, ClipText, partial(self._transcribe, samples))
        return fit_to_sound(on_the_clock(heard.segments, clip, speech), clip, samples)

    def _transcribe(self, samples: Samples) -> ClipText:
        try:
            if self._recogniser is None:
                self._recogniser = self._engine.load(self.model)
                self._device = self._recogniser.device
            text = ClipText(self._recogniser.transcribe(samples, self._settings.language, self._settings.prompt))
        except WeikeError:
            raise
        except Exception as error:
            # Whatever an engine raises, a person reads one sentence and the log keeps the rest.
            raise EngineFailedError(self.wav, reason=str(error) or type(error).__name__, log=repr(error)) from error
        if self._recogniser.device != self._device:
            self._device = self._recogniser.device
            message = N_("The GPU has too little memory for the model; recognition goes on with the processor.")
            self._emit(Notice(STAGE, Message(message)))
        return text


def _hear_all(work: _Work, soundtrack: Soundtrack, emit: Emit) -> tuple[SpeechSegment, ...]:
    quietest = partial(quietest_moment, work.wav)
    clips = plan_clips(soundtrack.speech, soundtrack.duration_ms, quietest, work.model.clip_max_ms)
    emit(StageStarted(STAGE, sum(clip.duration_ms for clip in clips) / 1000))
    segments: list[SpeechSegment] = []
    done_ms = 0
    for clip in clips:
        segments += work.hear(clip, soundtrack.speech)
        done_ms += clip.duration_ms
        emit(StageAdvanced(STAGE, done_ms / 1000))
    emit(StageFinished(STAGE, reused=not work.has_heard))
    return tuple(segments)


def _simplified(segments: Sequence[SpeechSegment]) -> tuple[SpeechSegment, ...]:
    """Return the segments in simplified characters."""
    import opencc

    convert = opencc.OpenCC("t2s").convert
    return tuple(_simplified_segment(segment, convert) for segment in segments)


def _simplified_segment(segment: SpeechSegment, convert: Callable[[str], str]) -> SpeechSegment:
    """Convert the text as a whole, since a character's right form hangs on its neighbours, then share it out again."""
    joined = "".join(word.text for word in segment.words)
    whole = convert(joined)
    if len(whole) != len(joined):
        words = tuple(replace(word, text=convert(word.text)) for word in segment.words)
    else:
        words, done = (), 0
        for word in segment.words:
            words += (replace(word, text=whole[done : done + len(word.text)]),)
            done += len(word.text)
    return replace(segment, text=convert(segment.text), words=words)
