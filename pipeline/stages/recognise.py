"""Recognise: the speech becomes words with times and confidence. Only speech is heard, and nothing is lost silently."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from pipeline.engines.base import Samples, choose_engines
from pipeline.engines.clips import plan_clips, quietest_moment, read_clip
from pipeline.engines.doubts import find_removals
from pipeline.engines.ears import Ears, Rung, open_ears
from pipeline.engines.echoes import is_like_prompt, is_said
from pipeline.engines.levels import Levels
from pipeline.engines.onsets import fit_to_sound
from pipeline.engines.sifting import sift
from pipeline.engines.times import on_the_clock
from pipeline.errors import EngineFailedError, WeikeError
from pipeline.events import Emit, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.lanes import Share, the_lanes
from pipeline.presets import RecognitionSettings
from pipeline.records import Removal, Soundtrack, Span, SpeechSegment, Transcript
from pipeline.store import Store, key_of
from pipeline.texts import N_, Message

STAGE = "recognise"


@dataclass(frozen=True, slots=True)
class ClipText:
    """What an engine heard in one clip; times from the clip's start. Kept, so that no clip is recognised twice."""

    segments: tuple[SpeechSegment, ...]


Heard = Callable[[Callable[[], Transcript], int], None]
"""Called after each clip with what makes the transcript so far, and the time up to which it goes, in milliseconds."""


def recognise(
    soundtrack: Soundtrack, settings: RecognitionSettings, store: Store, emit: Emit, heard: Heard | None = None
) -> Transcript:
    """Return what is said in the recording.

    A recording without speech needs no model. Each clip's result is kept as soon as it is there, so that a recognition
    that was killed goes on where it stopped.

    Args:
        soundtrack: of the recording.
        settings: engine, model, language and prompt.
        store: keeps the clips' results.
        emit: hears of the progress.
        heard: hears what is said so far.

    Raises:
        NoModelError, BrokenModelError: no model to work with.
        EngineFailedError: the engine raised in the middle of the work.
    """
    if soundtrack.speech_wav is None or not soundtrack.speech:
        emit(StageStarted(STAGE, 0.0))
        emit(StageFinished(STAGE))
        return Transcript(choose_engines(settings.engine)[0].name, settings.model, None, False, settings.language, ())
    ears = open_ears(settings.engine, settings.model, settings.language, STAGE, store, emit)
    if ears.rung.model.is_demo:
        emit(Notice(STAGE, Message(N_("The demo model is in use: it only knows the demo's synthetic voice."))))
        settings = settings.model_copy(update={"prompt": ""})
    work = _Work(ears, settings, soundtrack.speech_wav, store)
    levels = Levels(work.wav, soundtrack.speech)

    def written(segments: tuple[SpeechSegment, ...]) -> Transcript:
        return _written(segments, tuple(work.ran), tuple(work.echoes), soundtrack, settings, levels)

    def hear_of(segments: tuple[SpeechSegment, ...], until_ms: int) -> None:
        if heard is not None:
            heard(partial(written, segments), until_ms)

    return written(_hear_all(work, soundtrack, emit, hear_of))


def _written(
    segments: tuple[SpeechSegment, ...],
    ran: tuple[Rung, ...],
    echoes: tuple[Removal, ...],
    soundtrack: Soundtrack,
    settings: RecognitionSettings,
    levels: Levels,
) -> Transcript:
    """Return what was heard as a transcript: in simplified characters, cut where it is doubted, removals listed."""
    segments = _simplified(segments) if settings.language == "zh" else segments
    segments = sift(segments, soundtrack.speech, soundtrack.duration_ms)
    removals = [*echoes, *find_removals(segments, soundtrack.speech, levels.below_speech)]
    return Transcript(
        engine=" + ".join(dict.fromkeys(rung.engine.name for rung in ran)),
        model=" + ".join(dict.fromkeys(rung.model.name for rung in ran)),
        model_sha256=ran[0].model.sha256,
        is_demo_model=any(rung.model.is_demo for rung in ran),
        language=settings.language,
        segments=segments,
        removals=tuple(sorted(removals, key=lambda removal: removal.span)),
        ran=tuple(dict.fromkeys(rung.described for rung in ran)),
    )


class _Work:
    """One recognition: each clip is heard by the model, or taken from the store."""

    def __init__(self, ears: Ears, settings: RecognitionSettings, wav: Path, store: Store) -> None:
        self._ears, self._settings, self._store = ears, settings, store
        self.clip_max_ms = ears.rung.model.clip_max_ms
        self.wav = wav
        self.ran: list[Rung] = []
        """What each clip was heard by."""
        self.echoes: list[Removal] = []
        """The prompt's text where it came back as speech; it is in no segment."""
        self.has_heard = False
        """Whether anything was recognised now, rather than taken from the store."""

    @property
    def share(self) -> Share:
        """What it keeps busy of the machine."""
        return self._ears.rung.placement.share

    def hear(self, clip: Span, speech: Sequence[Span]) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip, on the lecture's clock, each word where it sounds.

        Where the prompt seems to come back, the clip is heard again without it, and what is then not heard was an echo.
        """
        samples = read_clip(self.wav, clip)
        prompt = self._settings.prompt
        heard = self._placed(clip, samples, speech, prompt)
        doubted = [segment for segment in heard if is_like_prompt(segment.text, prompt)]
        if not doubted:
            return heard
        plain = self._placed(clip, samples, speech, "")
        plain_text = "".join(segment.text for segment in plain)
        echoes = [segment for segment in doubted if not is_said(segment.text, plain_text)]
        reason = Message(N_("It repeats the recogniser's prompt."))
        self.echoes += [Removal(Span(echo.start_ms, echo.end_ms), echo.text, reason) for echo in echoes]
        return plain if echoes else heard

    def _placed(self, clip: Span, samples: Samples, speech: Sequence[Span], prompt: str) -> tuple[SpeechSegment, ...]:
        heard = self._found_or_heard(samples, prompt)
        self.ran.append(self._ears.rung)
        return fit_to_sound(on_the_clock(heard.segments, clip, speech), clip, samples)

    def _found_or_heard(self, samples: Samples, prompt: str) -> ClipText:
        language, sound = self._settings.language, sha256(samples.tobytes()).hexdigest()
        while True:
            # A step down asks the store again: the clip may have been heard on that rung before.
            key = key_of(self._ears.rung.identity, language, prompt, sound)
            text = self._store.find_record("clip-text", key, ClipText) or self._transcribed(samples, prompt, key)
            if text is not None:
                return text

    def _transcribed(self, samples: Samples, prompt: str, key: str) -> ClipText | None:
        language = self._settings.language
        try:
            segments = self._ears.attempt(lambda model: model.transcribe(samples, language, prompt))
        except WeikeError:
            raise
        except Exception as error:
            # Whatever an engine raises, a person reads one sentence and the log keeps the rest.
            raise EngineFailedError(self.wav, reason=str(error) or type(error).__name__, log=repr(error)) from error
        if segments is None:
            return None
        self.has_heard = True
        text = ClipText(segments)
        self._store.put_record("clip-text", key, ClipText, text)
        return text


def _hear_all(
    work: _Work, soundtrack: Soundtrack, emit: Emit, heard: Callable[[tuple[SpeechSegment, ...], int], None]
) -> tuple[SpeechSegment, ...]:
    quietest = partial(quietest_moment, work.wav)
    clips = plan_clips(soundtrack.speech, soundtrack.duration_ms, quietest, work.clip_max_ms)
    emit(StageStarted(STAGE, sum(clip.duration_ms for clip in clips) / 1000))
    segments: list[SpeechSegment] = []
    done_ms = 0
    with ExitStack() as seat:
        share = None
        for clip in clips:
            if share != work.share:
                # A step down has moved recognition to another part of the machine.
                share = work.share
                seat.close()
                seat.enter_context(the_lanes().set_aside(share))
            segments += work.hear(clip, soundtrack.speech)
            done_ms += clip.duration_ms
            emit(StageAdvanced(STAGE, done_ms / 1000))
            heard(tuple(segments), clip.end_ms)
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
