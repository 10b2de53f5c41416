"""What is said in a lecture, in writing: recognised speech, its script, and the terms that both are held to."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.captions.terms import load_terms, prompt_with_terms, terms_of_script
from pipeline.engines.script import Script, find_script, read_script
from pipeline.errors import ForeignScriptError, InputError, NoModelError
from pipeline.events import Emit, Notice
from pipeline.jobs import LectureJob
from pipeline.records import Soundtrack, Transcript
from pipeline.stages.align import align
from pipeline.stages.recognise import STAGE, Heard, recognise
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.texts import N_, Message


def script_of(job: LectureJob, emit: Emit) -> Script | None:
    """Return the script that was given, or else the one that lies beside the recording; ``None`` without any.

    One that was found and cannot be read is named and left alone: nobody asked for it.

    Raises:
        InputError: the one that was given cannot be used.
    """
    if job.script is not None:
        return read_script(job.script)
    found = find_script(job.raw) if job.finds_script else None
    if found is None:
        return None
    try:
        script = read_script(found)
    except InputError as error:
        emit(Notice(STAGE, error.message))
        return None
    used = N_("The script {name}, which lies beside the recording, is used.")
    emit(Notice(STAGE, Message(used, {"name": found.name})))
    return script


def terms_of(job: LectureJob, script: Script | None) -> tuple[Term, ...]:
    """Return the terms of the person's list, of the script, and of the preset's lists.

    Raises:
        InputError: the person's list cannot be used.
    """
    listed = load_terms(job.preset.recognition.terms, job.terms)
    return listed if script is None else (*listed, *terms_of_script(script.text))


def transcribe(
    job: LectureJob,
    sound: Soundtrack,
    script: Script | None,
    terms: Sequence[Term],
    store: Store,
    emit: Emit,
    listen: Heard | None = None,
) -> Transcript:
    """Return what is said: recognised, and written as the script has it where the speech follows it.

    ``listen`` hears of the words so far where no script is yet to be laid over them. Without a model the script alone
    is laid over the speech, which is announced. A script that nobody asked for and that is another lecture's is named
    and left alone.

    Raises:
        NoModelError: neither a model nor a script.
        ForeignScriptError: the script that was given is another lecture's.
        RecognitionError: the engine failed.
    """
    settings = job.preset.recognition
    settings = settings.model_copy(update={"prompt": prompt_with_terms(settings.prompt, terms)})
    if script is None:
        return recognise(sound, settings, store, emit, listen)
    if not sound.speech:
        emit(Notice(STAGE, Message(N_("Nobody speaks in the recording, so its script is not used."))))
        return recognise(sound, settings, store, emit)
    heard = None
    try:
        heard = recognise(sound, settings, store, emit)
    except NoModelError as error:
        emit(Notice(STAGE, error.message))
    try:
        aligned = align(heard, script.path, sound, settings, store, emit)
    except ForeignScriptError as error:
        if job.script is not None or heard is None:
            raise
        emit(Notice(STAGE, error.message))
        return heard
    return aligned if heard is None else replace(aligned, heard=heard.segments)
