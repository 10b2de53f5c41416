"""One lecture, stage by stage: the product in a few short functions."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.ahead import encoding_ahead
from pipeline.captions.form import Form
from pipeline.captions.forms import write_forms
from pipeline.engines.ears import keep_warm
from pipeline.engines.script import Script
from pipeline.errors import LectureThereError
from pipeline.events import Emit, silent
from pipeline.finishing import add_extras, desk_for, finish, noting, reel_for, report_on
from pipeline.jobs import Draft, LectureJob, Seen
from pipeline.looking import look_and_listen
from pipeline.media.binaries import ffmpeg
from pipeline.media.probing.subtitle_tracks import SubtitleTrack, as_file
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import Preset
from pipeline.records import CueSheet, LectureInfo, Report, Transcript
from pipeline.stages.caption import caption
from pipeline.stages.check import check
from pipeline.stages.render import Reel
from pipeline.stages.subtitles import subtitles
from pipeline.store import Store, file_sha256
from pipeline.terms import Term
from pipeline.texts import Message
from pipeline.transcribing import script_of, terms_of, transcribe

__all__ = ["Draft", "LectureJob", "burn", "convert", "judge_file", "require_tools", "subtitle", "with_subtitles"]

Guide = tuple[Script | None, tuple[Term, ...]]
"""The script of a lecture, and its terms."""


def convert(job: LectureJob, store: Store, emit: Emit) -> tuple[Report, Path]:
    """Return the report of the finished lecture and the folder it was delivered to.

    Everything is written to a hidden folder beside the final one and appears under its name at the end, whole.

    Raises:
        WeikeError: with the reason, the file and the advice; nothing was delivered then.
    """
    require_tools(job.preset)
    with desk_for(job, store, emit) as desk:
        guide = guide_of(job, desk.emit)
        seen = look_and_listen(job, guide[1], store, desk.emit)
        with reel_for(job, seen, desk, store) as reel:
            draft = write_down(job, guide, seen, store, desk.emit, reel)
            report = finish(draft, reel, job, desk, store)
        add_extras(seen, guide[1], job, desk, store)
        return report, desk.folder


def burn(job: LectureJob, chosen: Path | SubtitleTrack, store: Store, emit: Emit) -> tuple[Report, Path]:
    """Return the report of the lecture with a person's subtitle file, or its own track, burned in, and its folder.

    Sound, and every segment whose subtitles are as before, come from the store.

    Raises:
        WeikeError: with the reason, the file and the advice; nothing was delivered then.
    """
    settings = job.preset.captions.model_copy(update={"burn": True})
    job = replace(job, preset=job.preset.model_copy(update={"captions": settings}))
    return with_subtitles(job, chosen, store, emit)


def with_subtitles(job: LectureJob, chosen: Path | SubtitleTrack, store: Store, emit: Emit) -> tuple[Report, Path]:
    """Return as ``burn`` does, the subtitles in the picture or beside it as the preset wants them. Raises as it."""
    settings = job.preset.captions
    require_tools(job.preset)
    with desk_for(job, store, emit) as desk:
        terms = terms_of(job, None)
        seen = look_and_listen(job, terms, store, desk.emit)
        with as_file(seen.recording, chosen) as written:
            sheet = subtitles(written, seen.sound, seen.grid, settings, store, desk.emit, terms)
        draft = Draft(seen.recording, seen.grid, seen.sound, sheet, None, person_subtitles=written)
        with reel_for(job, seen, desk, store) as reel:
            report = finish(draft, reel, job, desk, store)
        add_extras(seen, terms, job, desk, store)
        return report, desk.folder


def subtitle(
    job: LectureJob, forms: Sequence[Form], store: Store, emit: Emit
) -> tuple[Draft, Path, tuple[Message, ...]]:
    """Return the lecture's subtitles, the folder they were written to, and what a person should know.

    Raises:
        LectureThereError: the folder holds a finished lecture.
        WeikeError: with the reason, the file and the advice; nothing was written then.
    """
    settings = job.preset.captions
    require_tools(job.preset.model_copy(update={"captions": settings.model_copy(update={"burn": Form.ASS in forms})}))
    with desk_for(job, store, emit) as desk:
        if (desk.folder / f"{job.info.name}.mp4").exists():
            raise LectureThereError(desk.folder)
        guide = guide_of(job, desk.emit)
        seen = look_and_listen(job, guide[1], store, desk.emit)
        draft = write_down(job, guide, seen, store, desk.emit)
        assert draft.transcript is not None
        facts = (draft.recording, draft.grid, draft.transcript, draft.sheet)
        write_forms(forms, desk.stage / job.info.name, *facts, settings)
        return draft, desk.folder, tuple(desk.notices)


def judge_file(
    video: Path, sidecar: Path | None, preset: Preset, store: Store, emit: Emit, *, is_thorough: bool = False
) -> Report:
    """Return the report on anybody's finished file, which is only read; ``is_thorough`` looks at every frame.

    Raises:
        WeikeError: with the reason, when it cannot be read at all.
    """
    notices: list[Message] = []
    facts = check(video, sidecar, preset, store, noting(notices, emit), is_thorough=is_thorough)
    return report_on(LectureInfo(video.stem), preset, facts, (file_sha256(video), video.stat().st_size), notices)


def write_down(job: LectureJob, guide: Guide, seen: Seen, store: Store, emit: Emit, reel: Reel | None = None) -> Draft:
    """Return the lecture with subtitles of its own speech, written as its script has it where there is one.

    A ``reel`` is given to encode what was said while the rest is still being recognised.
    """
    script, terms = guide
    sound, grid = seen.sound, seen.grid

    def written(transcript: Transcript, emit: Emit) -> CueSheet:
        return caption(transcript, sound, grid, job.preset.captions, store, emit, terms)

    with keep_warm(), encoding_ahead(reel, partial(written, emit=silent)) as listen:
        transcript = transcribe(job, sound, script, terms, store, emit, listen)
    return Draft(seen.recording, grid, sound, written(transcript, emit), transcript)


def guide_of(job: LectureJob, emit: Emit) -> Guide:
    """Return what a person has given for the words of the lecture, or what lies beside the recording."""
    script = script_of(job, emit)
    return script, terms_of(job, script)


def require_tools(preset: Preset) -> None:
    """Refuse at once what would fail an hour later: no ffmpeg, no font.

    A model is not among them: a silent recording needs none, nor does one that has its script.

    Raises:
        MissingToolError: what is missing, and the command that mends it.
    """
    ffmpeg()
    if preset.captions.burn:
        find_font(preset.captions.font)
