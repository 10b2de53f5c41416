"""Align: the script (讲稿) is put on the speech. Its text is shown where the speaker follows it, and only there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from pipeline.engines.base import Samples
from pipeline.engines.clips import read_clip
from pipeline.engines.doubts import is_removed
from pipeline.engines.ears import open_ears
from pipeline.engines.script import AsideKind, Script, align_script, read_script
from pipeline.engines.script.acoustics import Answer, Judge, Question
from pipeline.engines.script.aligning import Ask
from pipeline.engines.script.blind import share_out
from pipeline.errors import WeikeError
from pipeline.events import Emit, Notice, StageFinished, StageStarted
from pipeline.presets import RecognitionSettings
from pipeline.records import ScriptMatch, Soundtrack, SpeechSegment, Transcript, Word
from pipeline.store import Store, key_of
from pipeline.texts import N_, Message

STAGE = "align"
ENGINE = "script"
"""What made a transcript without recognition."""
_LANGUAGE = "zh"
_REVISION = 1
"""Counted up when scripts are put on the speech in another way, so that kept results are not taken for new ones."""
_NAMED_MAX = 5
"""Asides of one kind that are named; the rest are counted."""
_NOT_SPOKEN = {
    "direction": N_("{count} stage directions of the script are not shown as subtitles: {texts}"),
    "label": N_("{count} speaker labels of the script are not shown as subtitles: {texts}"),
    "heading": N_("{count} headings of the script were not spoken and are not shown: {texts}"),
}
_BLIND = N_(
    "There is no recognition model here: the script was shared out over the speech by length. Check every subtitle."
)
_NOTHING_HEARD = N_(
    "Nothing was recognised: the script was shared out over the speech by length. Check every subtitle."
)


@dataclass(frozen=True, slots=True)
class Aligned:
    """What the stage keeps."""

    transcript: Transcript
    unspoken: tuple[tuple[AsideKind, str], ...]
    """Asides of the script that are not shown: kind and text."""
    is_blind: bool = False
    """The script was shared out over the speech without recognised words."""


def align(
    transcript: Transcript | None,
    script: Path,
    soundtrack: Soundtrack,
    settings: RecognitionSettings,
    store: Store,
    emit: Emit,
) -> Transcript:
    """Return the lecture's words with the script's text where the speech follows it.

    Args:
        transcript: what was recognised; ``None`` when there is no model: then the script is shared out over the speech,
            and every word is marked as doubtful.
        script: the file.
        soundtrack: of the recording.
        settings: engine and model, for passages that the recognised text leaves open.
        store: keeps the result.
        emit: hears of the progress, and of what was left out.

    Raises:
        InputError: the script cannot be read.
        ForeignScriptError: it belongs to another lecture.
    """
    emit(StageStarted(STAGE))
    read = read_script(script)
    key = key_of(_REVISION, read, transcript, soundtrack.speech, settings)
    kept = store.find_record(STAGE, key, Aligned)
    result = kept or _aligned(transcript, read, soundtrack, _asker(soundtrack, settings, store, emit))
    if kept is None:
        store.put_record(STAGE, key, Aligned, result)
    _announce(result, emit, has_model=transcript is not None)
    emit(StageFinished(STAGE, reused=kept is not None))
    return result.transcript


def _aligned(transcript: Transcript | None, script: Script, soundtrack: Soundtrack, ask: Ask | None) -> Aligned:
    if transcript is None:
        return _shared_out(script, soundtrack)
    removed = [segment for segment in transcript.segments if is_removed(segment, transcript.removals)]
    shown = [segment for segment in transcript.segments if not is_removed(segment, transcript.removals)]
    words = [word for segment in shown for word in segment.words]
    if not any(sign.isalnum() for word in words for sign in word.text):
        blind = _shared_out(script, soundtrack)
        segments = _by_time([*blind.transcript.segments, *removed])
        return replace(blind, transcript=replace(transcript, segments=segments, script=blind.transcript.script))
    alignment = align_script(script, words, soundtrack.speech, ask)
    lines = [_segment(line, shown) for line in alignment.lines]
    segments = _by_time([*lines, *removed])
    unspoken = tuple((aside.kind, script.text[aside.start : aside.end].strip()) for aside in alignment.unspoken)
    return Aligned(replace(transcript, segments=segments, script=alignment.match), unspoken)


def _asker(soundtrack: Soundtrack, settings: RecognitionSettings, store: Store, emit: Emit) -> Ask | None:
    """Return what asks the sound about open passages; the model is looked for when the first one comes."""
    wav = soundtrack.speech_wav
    if wav is None:
        return None

    @cache
    def judge() -> Judge | None:
        try:
            ears = open_ears(settings.engine, settings.model, settings.language, STAGE, store, emit)
        except WeikeError:
            # The text was recognised elsewhere; without its model the passages stay open.
            return None

        def put(samples: Samples, text: str) -> tuple[Word, ...]:
            return ears.do(lambda recogniser: recogniser.align(samples, settings.language, text))

        return Judge(put, partial(read_clip, wav), ears.rung.model.clip_max_ms)

    def ask(question: Question) -> Answer:
        found = judge()
        return Answer(question.departed) if found is None else found.ask(question)

    return ask


def _shared_out(script: Script, soundtrack: Soundtrack) -> Aligned:
    lines = share_out(script, soundtrack.speech)
    match = ScriptMatch(script.path, script.sha256, script.encoding, script.characters, 0.0, ())
    transcript = Transcript(
        engine=ENGINE,
        model="",
        model_sha256=None,
        is_demo_model=False,
        language=_LANGUAGE,
        segments=tuple(_segment(line, ()) for line in lines),
        script=match,
    )
    asides = [aside for aside in script.asides if aside.kind != "heading"]
    unspoken = tuple((each.kind, script.text[each.start : each.end].strip()) for each in asides)
    return Aligned(transcript, unspoken, is_blind=True)


def _by_time(segments: Sequence[SpeechSegment]) -> tuple[SpeechSegment, ...]:
    return tuple(sorted(segments, key=lambda segment: (segment.start_ms, segment.end_ms)))


def _segment(line: Sequence[Word], heard: Sequence[SpeechSegment]) -> SpeechSegment:
    """Return a line as a segment, with the figures of the recognised segment that it shares most time with."""
    start, end = line[0].start_ms, line[-1].end_ms
    text = "".join(word.text for word in line)
    near = max(heard, key=lambda s: min(s.end_ms, end) - max(s.start_ms, start), default=None)
    if near is None:
        return SpeechSegment(text, start, end, tuple(line), 0.0, 0.0, 1.0)
    return replace(near, text=text, start_ms=start, end_ms=end, words=tuple(line))


def _announce(result: Aligned, emit: Emit, *, has_model: bool) -> None:
    if result.is_blind:
        emit(Notice(STAGE, Message(_NOTHING_HEARD if has_model else _BLIND)))
    for kind, message in _NOT_SPOKEN.items():
        texts = [text for each, text in result.unspoken if each == kind]
        if texts:
            named = "; ".join(texts[:_NAMED_MAX]) + (" …" if len(texts) > _NAMED_MAX else "")
            emit(Notice(STAGE, Message(message, {"count": str(len(texts)), "texts": named})))
