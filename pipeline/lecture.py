"""One lecture, stage by stage: the product in one short function."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline import __version__
from pipeline.captions.srt import write_srt
from pipeline.engines.models import find_model
from pipeline.errors import NoPictureError
from pipeline.events import Emit, Event, Notice
from pipeline.media.binaries import ffmpeg
from pipeline.media.fonts import find_font
from pipeline.output import staged
from pipeline.presets import Preset
from pipeline.records import LectureInfo, Report
from pipeline.stages.caption import caption
from pipeline.stages.check import check
from pipeline.stages.probe import probe
from pipeline.stages.recognise import recognise
from pipeline.stages.render import RenderJob, render
from pipeline.stages.report import write_report
from pipeline.stages.soundtrack import soundtrack
from pipeline.store import Store, file_sha256
from pipeline.texts import Message
from pipeline.timing import delivery_grid


@dataclass(frozen=True, slots=True)
class LectureJob:
    """What is wanted of one recording."""

    raw: Path
    out: Path
    """Folder in which the lecture's own folder, named ``info.name``, is made."""
    info: LectureInfo
    preset: Preset


def convert(job: LectureJob, store: Store, emit: Emit) -> tuple[Report, Path]:
    """Return the report of the finished lecture and the folder it was delivered to.

    Everything is written to a hidden folder beside the final one and appears under its name at the end, whole.

    Raises:
        WeikeError: with the reason, the file and the advice; nothing was delivered then.
    """
    preset, folder = job.preset, job.out / job.info.name
    require_tools(preset)
    notices: list[Message] = []
    emit = _noting(notices, emit)
    with store.exclusive(folder), staged(folder) as stage:
        recording = probe(job.raw, store, emit)
        if recording.video is None:
            raise NoPictureError(job.raw)
        grid = delivery_grid(recording.video.frame_rate, recording.duration_s)
        sound = soundtrack(recording, grid, preset.sound, store, emit)
        transcript = recognise(sound, preset.recognition, store, emit)
        sheet = caption(transcript, sound, grid, preset.captions, store, emit)
        sidecar = stage / f"{job.info.name}.srt" if sheet.cues else None
        if sidecar is not None:
            write_srt(sheet.cues, sidecar)
        target = RenderJob(
            grid=grid,
            info=job.info,
            out=stage / f"{job.info.name}.mp4",
            encoder=preset.encoder,
            captions=preset.captions,
            size_max_bytes=preset.limits.size_max_bytes,
        )
        delivery = render(recording, sound, sheet, target, store, emit)
        measurements, findings = check(delivery.path, sidecar, preset, store, emit)
        report = Report(
            lecture=job.info,
            preset=preset.id,
            preset_title=preset.title.zh_CN,
            notice=preset.notice,
            findings=findings,
            measurements=measurements,
            sha256=delivery.sha256,
            size_bytes=delivery.size_bytes,
            created_utc=_now(),
            tools=(*tools(), (transcript.engine, transcript.model)),
            source=recording,
            soundtrack=sound,
            transcript=transcript,
            cue_sheet=sheet,
            delivery=delivery,
            notices=tuple(notices),
        )
        write_report(report, preset, stage, emit)
    return report, folder


def judge_file(video: Path, sidecar: Path | None, preset: Preset, store: Store, emit: Emit) -> Report:
    """Return the report on anybody's finished file, which is only read.

    Raises:
        WeikeError: with the reason, when it cannot be read at all.
    """
    notices: list[Message] = []
    measurements, findings = check(video, sidecar, preset, store, _noting(notices, emit))
    return Report(
        lecture=LectureInfo(name=video.stem),
        preset=preset.id,
        preset_title=preset.title.zh_CN,
        notice=preset.notice,
        findings=findings,
        measurements=measurements,
        sha256=file_sha256(video),
        size_bytes=video.stat().st_size,
        created_utc=_now(),
        tools=tools(),
        notices=tuple(notices),
    )


def require_tools(preset: Preset) -> None:
    """Refuse at once what would fail an hour later: no ffmpeg, no font, no model.

    Raises:
        MissingToolError: what is missing, and the command that mends it.
    """
    ffmpeg()
    if preset.captions.burn:
        find_font(preset.captions.font)
    find_model(preset.recognition.model)


def tools() -> tuple[tuple[str, str], ...]:
    """Return the programs that do the work, with their versions."""
    return (("weike", __version__), ("ffmpeg", ffmpeg().version))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _noting(notices: list[Message], emit: Emit) -> Emit:
    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)
        emit(event)

    return listen
