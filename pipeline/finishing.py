"""From subtitles to a delivered lecture: rendered, checked and reported into a folder that appears whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline import __version__
from pipeline.captions.srt import write_srt
from pipeline.errors import VerificationError
from pipeline.events import Emit, Event, Notice, in_turn
from pipeline.jobs import Draft, LectureJob, Seen
from pipeline.looking import card_job, has_cover, has_lower_third
from pipeline.media.binaries import ffmpeg
from pipeline.output import staged
from pipeline.presets import Preset
from pipeline.records import CueSheet, Delivery, Finding, LectureInfo, Measurements, Report
from pipeline.stages.check import check
from pipeline.stages.render import Reel, RenderJob
from pipeline.stages.report import write_report
from pipeline.stages.titles import write_cover
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.texts import Message


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a lecture is worked on."""

    folder: Path
    """What the delivered folder is called."""
    stage: Path
    """The hidden folder that takes that name at the end."""
    emit: Emit
    notices: list[Message]
    """What ``emit`` heard that a person should know."""


@contextmanager
def desk_for(job: LectureJob, store: Store, emit: Emit) -> Iterator[Desk]:
    """Give a place to work whose content is delivered when the block ends well.

    Raises:
        OutputBusyError, OutputExistsError, OutputUnwritableError, DiskFullError: the folder is not to be had.
    """
    folder = job.out / job.info.name
    notices: list[Message] = []
    with store.exclusive(folder), staged(folder) as stage:
        yield Desk(folder, stage, in_turn(noting(notices, emit)), notices)


def reel_for(job: LectureJob, seen: Seen, desk: Desk, store: Store, file: str | None = None) -> Reel:
    """Return the lecture's picture as it can be begun before its cues are known.

    Raises:
        WeikeError: it cannot be made at all.
    """
    target = RenderJob(
        grid=seen.grid,
        info=job.info,
        out=desk.stage / (file or f"{job.info.name}.mp4"),
        encoder=job.preset.encoder,
        captions=job.preset.captions,
        size_max_bytes=job.preset.limits.size_max_bytes,
        assembly=seen.assembly,
        lower_third=card_job(job, ()) if has_lower_third(job) else None,
    )
    return Reel(seen.recording, seen.sound, target, store, desk.emit)


def finish(draft: Draft, reel: Reel, job: LectureJob, desk: Desk, store: Store) -> Report:
    """Return the report of the lecture, which lies in the desk's folder with its video and subtitles then."""
    preset, name = job.preset, job.info.name
    sidecar = desk.stage / f"{name}.srt" if draft.sheet.cues else None
    if sidecar is not None:
        write_srt(draft.sheet.cues, sidecar)
    delivery = reel.deliver(draft.sheet)
    facts = check(delivery.path, sidecar, preset, store, desk.emit, draft.sheet, job.info)
    try:
        require_whole(facts[0], delivery)
    except VerificationError:
        reel.forget()
        raise
    report = replace(
        report_on(job.info, preset, facts, (delivery.sha256, delivery.size_bytes), desk.notices),
        tools=(*tools(), *((t.engine, t.model) for t in (draft.transcript,) if t is not None)),
        source=draft.recording,
        soundtrack=draft.sound,
        transcript=draft.transcript,
        cue_sheet=draft.sheet,
        delivery=delivery,
        person_subtitles=draft.person_subtitles,
    )
    write_report(report, preset, desk.stage, desk.emit)
    return report


def require_whole(measurements: Measurements, delivery: Delivery) -> None:
    """Refuse to deliver a video of ours in which the check met damage or counted other frames than were planned.

    Raises:
        VerificationError: it did.
    """
    video, errors = measurements.recording.video, measurements.decode_errors + measurements.sound_decode_errors
    if errors:
        raise VerificationError(delivery.path, problem=f"{errors} errors in decoding it")
    if video is None or video.frame_count != delivery.grid.count:
        raise VerificationError(
            delivery.path, problem=f"{video.frame_count if video else 0} frames instead of {delivery.grid.count}"
        )


def add_extras(seen: Seen, terms: Sequence[Term], job: LectureJob, desk: Desk, store: Store) -> None:
    """Put what was asked for beside the finished video: the cover picture, the video without anything drawn.

    Raises:
        WeikeError: it cannot be made.
    """
    name, clean = job.info.name, job.edits.clean_master
    if has_cover(job):
        write_cover(card_job(job, terms), desk.stage / f"{name}-cover.jpg", store)
    if job.preset.files.clean_master if clean is None else clean:
        without = job.preset.captions.model_copy(update={"burn": False})
        edits = replace(job.edits, lower_third=False)
        bare = replace(job, preset=job.preset.model_copy(update={"captions": without}), edits=edits)
        with reel_for(bare, seen, desk, store, f"{name}-clean.mp4") as reel:
            reel.deliver(CueSheet(()))


def report_on(
    info: LectureInfo,
    preset: Preset,
    facts: tuple[Measurements, tuple[Finding, ...]],
    file: tuple[str, int],
    notices: Sequence[Message],
) -> Report:
    """Return the report on a finished file, without the way it was made.

    Args:
        info: what is registered for it.
        preset: the demands.
        facts: what was measured, and what the rules say.
        file: its SHA-256 and its size in bytes.
        notices: what a person should know.
    """
    measurements, findings = facts
    sha256, size_bytes = file
    return Report(
        lecture=info,
        preset=preset.id,
        preset_title=preset.title.zh_CN,
        notice=preset.notice,
        findings=findings,
        measurements=measurements,
        sha256=sha256,
        size_bytes=size_bytes,
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        tools=tools(),
        notices=tuple(notices),
    )


def noting(notices: list[Message], emit: Emit) -> Emit:
    """Return a listener that tells ``emit`` everything and keeps what a person should know in ``notices``."""

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)
        emit(event)

    return listen


def tools() -> tuple[tuple[str, str], ...]:
    """Return the programs that do the work, with their versions."""
    return (("weike", __version__), ("ffmpeg", ffmpeg().version))
