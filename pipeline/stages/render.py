"""Render: the recording's picture with its subtitles and sound, as the MP4 that is delivered."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.captions.ass import cues_in, drawn_text, write_ass
from pipeline.errors import NoPictureError
from pipeline.events import Emit, StageAdvanced, StageFinished, StageStarted
from pipeline.media.process import end_all
from pipeline.media.rendering.drawing import require_font_drawn
from pipeline.media.rendering.encoders import budget_for, choose
from pipeline.media.rendering.fonts import Font, find_font, require_glyphs
from pipeline.media.rendering.mux import join, silence, verify
from pipeline.media.rendering.picture import plan_picture, repairs
from pipeline.media.rendering.segments import Encoding, Film, Subtitles, encode_segment, plan_segments, usual_bounds
from pipeline.media.rendering.timeline import read_timeline
from pipeline.presets import CaptionSettings, EncoderSettings
from pipeline.records import Cue, CueSheet, Delivery, LectureInfo, Recording, Soundtrack
from pipeline.store import Store, file_sha256, put_in_place, require_free
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid

STAGE = "render"
_CORES_PER_WORKER = 8
"""One encoder uses this many cores well at 1920×1080; more cores take another segment at the same time."""
_VERIFY_SHARE = 0.05
"""Weight of verifying in the progress, beside encoding."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """What is to be rendered, and to where."""

    grid: FrameGrid
    info: LectureInfo
    out: Path
    encoder: EncoderSettings
    captions: CaptionSettings
    size_max_bytes: int
    workers: int | None = None
    """Segments that are encoded at the same time; ``None``: as the machine's cores allow."""


def render(
    recording: Recording, soundtrack: Soundtrack, cue_sheet: CueSheet, job: RenderJob, store: Store, emit: Emit
) -> Delivery:
    """Return the finished video: verified, under its final name, or not there at all.

    Segments that the store holds are not encoded again.

    Raises:
        NoPictureError: the recording has no picture.
        NoFontError, MissingGlyphError: subtitles cannot be drawn.
        DiskFullError: too little space for the work or for the result.
        MediaToolError: ffmpeg failed, or what was written did not verify.
    """
    if recording.video is None:
        raise NoPictureError(recording.path)
    progress = _Progress(job.grid, emit)
    film = _film(recording, cue_sheet, job, store)
    cues = cue_sheet.cues if film.subtitles else ()
    sound = soundtrack.delivery or silence(job.grid, store)
    bounds = plan_segments(film.timeline, cues, job.encoder.segment_s)
    cap = int(job.encoder.size_share * job.size_max_bytes)
    most = len(usual_bounds(film.timeline, job.encoder.segment_s)) + 1
    budget = budget_for(job.encoder, job.grid, most, cap, sound.stat().st_size)
    encoding = Encoding(choose(job.encoder), job.encoder, budget)
    _require_space(job, store, budget.max_rate_bps, sound)
    made = _encode_all(film, encoding, bounds, job.workers or _workers(), store, progress)
    pieces = [(path, start) for (path, _), (start, _) in zip(made, bounds, strict=True)]
    _deliver(pieces, sound, job, cap, progress)
    emit(StageFinished(STAGE, reused=not any(is_new for _, is_new in made)))
    return Delivery(
        path=job.out,
        size_bytes=job.out.stat().st_size,
        sha256=file_sha256(job.out),
        grid=job.grid,
        encoder=encoding.encoder.describe(job.encoder),
        segments=len(bounds),
        segments_encoded=sum(is_new for _, is_new in made),
        repairs=(*repairs(recording, film.plan, film.timeline), *_replaced_encoder(encoding), *_silent(soundtrack)),
    )


def _film(recording: Recording, cue_sheet: CueSheet, job: RenderJob, store: Store) -> Film:
    """Return what is rendered; everything that could fail for the font fails here, before the first frame."""
    assert recording.video is not None
    timeline = read_timeline(recording, recording.video, job.grid)
    plan = plan_picture(recording.video, (job.encoder.width_px, job.encoder.height_px), job.encoder.sides)
    subtitles = None
    if job.captions.burn and cue_sheet.cues:
        font = find_font(job.captions.font)
        characters = "".join(sorted(set("".join(drawn_text(cue.screen) for cue in cue_sheet.cues))))
        require_glyphs(font, characters)
        all_at_once = Cue(0, 1000, characters, characters, None)
        require_font_drawn(_subtitles((all_at_once,), job, font), store)
        subtitles = _subtitles(cue_sheet.cues, job, font)
    return Film(recording, timeline, plan, subtitles)


def _subtitles(cues: Sequence[Cue], job: RenderJob, font: Font) -> Subtitles:
    digest = file_sha256(font.path)

    def write(path: Path, window: tuple[int, int]) -> None:
        write_ass(cues, job.captions, font, job.grid, path, window)

    def key(window: tuple[int, int]) -> object:
        start = window[0]
        drawn = tuple(
            (job.grid.nearest(cue.start_ms) - start, job.grid.nearest(cue.end_ms) - start, drawn_text(cue.screen))
            for cue in cues_in(cues, job.grid, window)
        )
        look = job.captions
        return (
            (digest, font.face, look.glyph_height_px, look.margin_share, look.max_width_share, look.outline_px, drawn)
            if drawn
            else None
        )

    return Subtitles(write, font, key)


def _encode_all(
    film: Film,
    encoding: Encoding,
    bounds: Sequence[tuple[int, int]],
    workers: int,
    store: Store,
    progress: "_Progress",
) -> list[tuple[Path, bool]]:
    """Return each segment's file and whether it was made now, in order."""

    def encode(frames: tuple[int, int]) -> tuple[Path, bool]:
        done = encode_segment(film, encoding, frames, store, partial(progress.segment, frames))
        progress.segment(frames, float((frames[1] - frames[0]) / film.grid.rate))
        return done

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="segment") as pool:
        tasks = [pool.submit(encode, frames) for frames in bounds]
        try:
            return [task.result() for task in tasks]
        except BaseException:
            for task in tasks:
                task.cancel()
            while wait(tasks, timeout=0.1).not_done:
                end_all()
            raise


def _deliver(pieces: Sequence[tuple[Path, int]], sound: Path, job: RenderJob, cap: int, progress: "_Progress") -> None:
    """Join, verify and move into place; whatever goes wrong, nothing half-written stays."""
    temporary = job.out.with_name(f".{job.out.stem}.{os.getpid()}.part.mp4")
    try:
        join(pieces, sound, job.grid, job.info, temporary)
        verify(temporary, job.grid, cap, progress.verified)
        put_in_place(temporary, job.out)
    finally:
        temporary.unlink(missing_ok=True)


def _require_space(job: RenderJob, store: Store, max_rate_bps: int, sound: Path) -> None:
    """Refuse to begin without room for the segments, and for the result twice (the index is moved to the front).

    Raises:
        DiskFullError: too little.
    """
    likely = int(min(max_rate_bps, _USUAL_RATE_BPS) / 8 * job.grid.duration_s) + sound.stat().st_size
    job.out.parent.mkdir(parents=True, exist_ok=True)
    require_free(store.root, likely)
    require_free(job.out.parent, likely)


_USUAL_RATE_BPS = 4_000_000
"""A lecture seldom needs more, bits a second of picture."""


def _workers() -> int:
    return max(1, (os.cpu_count() or 1) // _CORES_PER_WORKER)


def _replaced_encoder(encoding: Encoding) -> tuple[Message, ...]:
    wish, used = encoding.settings.codec, encoding.encoder.name
    if wish in {"auto", used}:
        return ()
    return (Message(N_("The encoder {wish} does not work here; {used} was used."), {"wish": wish, "used": used}),)


def _silent(soundtrack: Soundtrack) -> tuple[Message, ...]:
    return () if soundtrack.delivery else (Message(N_("The recording has no sound; a silent track was added.")),)


class _Progress:
    """Turns what several segments report into one figure: seconds of picture over the whole render."""

    def __init__(self, grid: FrameGrid, emit: Emit) -> None:
        self._emit = emit
        self._length = float(grid.duration_s)
        self._verifying = self._length * _VERIFY_SHARE
        self._done: dict[tuple[int, int], float] = {}
        self._verified = 0.0
        self._told = 0.0
        self._guard = threading.Lock()
        emit(StageStarted(STAGE, total=self._length + self._verifying))

    def segment(self, frames: tuple[int, int], seconds: float) -> None:
        """Note that ``seconds`` of a segment are encoded."""
        with self._guard:
            self._done[frames] = max(seconds, self._done.get(frames, 0.0))
            self._tell()

    def verified(self, seconds: float) -> None:
        """Note that ``seconds`` of the finished file are decoded."""
        with self._guard:
            self._verified = min(seconds * _VERIFY_SHARE, self._verifying)
            self._tell()

    def _tell(self) -> None:
        done = min(sum(self._done.values()), self._length) + self._verified
        if done > self._told:
            self._told = done
            self._emit(StageAdvanced(STAGE, done))
