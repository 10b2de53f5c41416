"""Render: the recording's picture with its subtitles and sound, as the MP4 that is delivered."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from pipeline.captions.ass import cues_in, drawn_text, write_ass
from pipeline.errors import FfmpegFailedError, NoPictureError, StalledError, VerificationError
from pipeline.events import Emit, StageAdvanced, StageFinished, StageStarted
from pipeline.media.rendering.drawing import require_font_drawn
from pipeline.media.rendering.encoders import ENCODERS, SOFTWARE, Encoder, budget_for, choose, gop_frames
from pipeline.media.rendering.fonts import Font, find_font, require_glyphs
from pipeline.media.rendering.mux import join, silence, verify
from pipeline.media.rendering.overlay import Panel
from pipeline.media.rendering.picture import plan_picture, repairs
from pipeline.media.rendering.pool import Made, Piece, SegmentPool
from pipeline.media.rendering.quality import choose_setting
from pipeline.media.rendering.segments import Encoding, Film, Subtitles, plan_segments, usual_bounds
from pipeline.media.rendering.timeline import read_timeline
from pipeline.presets import CaptionSettings, EncoderSettings
from pipeline.records import Assembly, Cue, CueSheet, CutOut, Delivery, LectureInfo, Recording, Soundtrack, Span
from pipeline.stages.lower_thirds import LowerThirds, own_begin, said
from pipeline.stages.titles import CardJob
from pipeline.store import Store, file_sha256, put_in_place, require_free
from pipeline.texts import N_, Message
from pipeline.timing import FrameGrid, to_ms

STAGE = "render"
_VERIFY_SHARE = 0.01
"""Weight of joining and verifying in the progress, beside encoding."""


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
    """Most segments that are encoded at the same time; ``None``: as the machine's cores allow."""
    assembly: Assembly | None = None
    """What the lecture is put together from; ``None``: it is one whole recording."""
    lower_third: CardJob | None = None
    """What panels that name who speaks are made of; ``None``: there are none."""


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
    with Reel(recording, soundtrack, job, store, emit) as reel:
        return reel.deliver(cue_sheet)


class Reel:
    """The picture of one lecture on its way: all that does not hang on its cues, and each segment encoded once.

    Segments may be asked for before all cues are known (``ahead``): whatever fits in the end is taken, and the rest is
    encoded then, so that the delivery is the same with and without. Use as a context manager.
    """

    def __init__(self, recording: Recording, soundtrack: Soundtrack, job: RenderJob, store: Store, emit: Emit) -> None:
        """Prepare what all segments share.

        Raises:
            NoPictureError: the recording has no picture.
            DiskFullError: too little space for the work or for the result.
            MediaToolError: ffmpeg failed.
            UsageError: who speaks cannot be named in the picture.
        """
        if recording.video is None:
            raise NoPictureError(recording.path)
        self._recording, self._soundtrack, self._job, self._store = recording, soundtrack, job, store
        self._films = _films(recording, job)
        wish = job.lower_third
        begin = own_begin(job.assembly)
        self._thirds = LowerThirds(wish, job.captions, job.grid, begin, store) if wish else None
        self._sound = soundtrack.delivery or silence(job.grid, store)
        self._cap = int(job.encoder.size_share * job.size_max_bytes)
        usual = [usual_bounds(film.timeline, job.encoder.segment_s, film.placed) for film in self._films]
        self._step = max(bounds.step for bounds in usual)
        most = sum(len(bounds) + 1 for bounds in usual)
        self._budget = budget_for(job.encoder, job.grid, most, self._cap, self._sound.stat().st_size)
        _require_space(job, store, self._budget.max_rate_bps, self._sound)
        self._progress = _Progress(job.grid, emit)
        self._replaced: tuple[Message, ...] = ()
        self._delivered: Sequence[Made] = ()
        wished = choose(job.encoder)
        with self._or_software(wished):
            self._use(wished)

    def __enter__(self) -> "Reel":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._segments.close()

    @property
    def can_go_ahead(self) -> bool:
        """The machine has room for an encoder beside whatever long work goes on."""
        return self._segments.has_room

    def ahead(self, cue_sheet: CueSheet, until_ms: int) -> None:
        """Begin to encode the segments up to a time, up to which no cue is expected to change.

        Raises:
            WeikeError: they cannot be encoded; the same will come of ``deliver``.
        """
        latest = self._job.grid.nearest(until_ms) - self._step // 2
        if any(frames[1] + film.shift <= latest for film, frames in self._bounds(cue_sheet)):
            sure = [(film, frames) for film, frames in self._pieces(cue_sheet) if frames[1] + film.shift <= latest]
            self._progress.begin()
            self._segments.begin(sure)

    def count(self, cue_sheet: CueSheet) -> int:
        """Return how many segments the picture has.

        Raises:
            WeikeError: the subtitles cannot be drawn.
        """
        return len(self._pieces(cue_sheet))

    def encode(self, cue_sheet: CueSheet, number: int) -> bool:
        """Have one segment in the store, counted from 0; tell whether it was made now. Raises as ``deliver``."""
        self._progress.begin()
        (segment,) = self._segments.begin([self._pieces(cue_sheet)[number]])
        return segment.result()[1]

    def deliver(self, cue_sheet: CueSheet) -> Delivery:
        """Return the finished video. Raises as ``render``."""
        job, progress = self._job, self._progress
        progress.begin()
        wanted = self._pieces(cue_sheet)
        bounds = [(start + film.shift, end + film.shift) for film, (start, end) in wanted]
        progress.keep_to(bounds)
        made: list[Made] = []
        with self._or_software(self._encoding.encoder):
            made = self._deliver(wanted, bounds)
        made = made or self._deliver(wanted, bounds)
        progress.end(reused=not any(is_new for _, is_new in made))
        thirds = self._thirds.told(cue_sheet.cues) if self._thirds else ()
        done = (*_repairs(self._films, job.assembly), *said(thirds), *self._replaced)
        return Delivery(
            path=job.out,
            size_bytes=job.out.stat().st_size,
            sha256=file_sha256(job.out),
            grid=job.grid,
            encoder=self._encoding.encoder.describe(self._encoding.setting),
            segments=len(bounds),
            segments_encoded=sum(is_new for _, is_new in made),
            repairs=(*done, *_silent(self._soundtrack)),
            quality=self._quality,
            lower_thirds=thirds,
            cuts=_cut_out(job.assembly),
        )

    def _deliver(self, wanted: Sequence[Piece], bounds: Sequence[tuple[int, int]]) -> list[Made]:
        made = self._segments.finish(wanted)
        pieces = [(path, start) for (path, _), (start, _) in zip(made, bounds, strict=True)]
        try:
            _deliver(pieces, self._sound, self._job, self._cap, self._progress)
        except VerificationError:
            self._forget(made)
            raise
        self._delivered = made
        return made

    def forget(self) -> None:
        """Drop the segments of the delivery from the store: it is broken, and the next run shall make them anew."""
        self._forget(self._delivered)

    def _forget(self, made: Sequence[Made]) -> None:
        for path, _ in made:
            path.unlink(missing_ok=True)

    def _use(self, encoder: Encoder) -> None:
        """Let an encoder make all segments, in the way that suits the recording."""
        job, gop = self._job, gop_frames(self._job.encoder, self._job.grid)
        longest = max(self._films, key=lambda film: film.placed.take.count if film.placed else film.grid.count)
        choice = choose_setting(longest, encoder, job.encoder, gop, self._budget, self._store)
        self._quality = choice.quality
        self._encoding = Encoding(encoder, choice.setting, gop, self._budget)
        self._segments = SegmentPool(self._encoding, job.workers, self._store, self._progress.segment)
        if job.encoder.codec not in {"auto", encoder.name} and not self._replaced:
            text = N_("The encoder {wish} does not work here; {used} was used.")
            self._replaced = (Message(text, {"wish": job.encoder.codec, "used": encoder.name}),)

    @contextmanager
    def _or_software(self, encoder: Encoder) -> Iterator[None]:
        """Go on with x264 when ``encoder`` fails inside the block.

        A driver may fail in the middle of the night. Pieces of two encoders do not join, so none of the first one's
        stays.
        """
        try:
            yield
        except (FfmpegFailedError, StalledError, VerificationError) as error:
            if encoder.name == SOFTWARE:
                raise
            reason = error.values.get("reason") or error.values.get("problem") or error.id
            text = N_("The encoder {failed} failed on the way ({reason}); {used} encoded the whole picture instead.")
            self._replaced = (Message(text, {"failed": encoder.name, "used": SOFTWARE, "reason": reason}),)
            self._use(ENCODERS[SOFTWARE])

    def _bounds(self, cue_sheet: CueSheet) -> list[Piece]:
        """Return the segments, without their subtitles."""
        cues = cue_sheet.cues if self._job.captions.burn else ()
        length = self._job.encoder.segment_s
        return [
            (film, frames) for film in self._films for frames in plan_segments(film.timeline, cues, length, film.placed)
        ]

    def _pieces(self, cue_sheet: CueSheet) -> list[Piece]:
        """Return what is rendered; everything that could fail for the font fails here, before the first frame."""
        job, bounds = self._job, self._bounds(cue_sheet)
        if self._thirds is not None:
            panels = self._thirds.panels(cue_sheet.cues)
            named = {id(film): _with_panels(film, panels) for film in self._films}
            bounds = [(named[id(film)], frames) for film, frames in bounds]
        if not (job.captions.burn and cue_sheet.cues):
            return bounds
        font = find_font(job.captions.font)
        characters = "".join(sorted(set("".join(drawn_text(cue.screen) for cue in cue_sheet.cues))))
        require_glyphs(font, characters)
        all_at_once = Cue(0, 1000, characters, characters, None)
        require_font_drawn(_subtitles((all_at_once,), job, font), self._store)
        drawn = _subtitles(cue_sheet.cues, job, font)
        return [(_with_subtitles(film, drawn), frames) for film, frames in bounds]


def _films(recording: Recording, job: RenderJob) -> tuple[Film, ...]:
    """Return one film a take, in order; each source is looked at once."""
    raster = (job.encoder.width_px, job.encoder.height_px)

    def film(source: Recording, grid: FrameGrid) -> Film:
        if source.video is None:
            raise NoPictureError(source.path)
        plan = plan_picture(source.video, raster, job.encoder.sides)
        return Film(source, read_timeline(source, source.video, grid), plan, None)

    if job.assembly is None:
        return (film(recording, job.grid),)
    films = [film(*pair) for pair in zip(job.assembly.sources, job.assembly.grids, strict=True)]
    return tuple(replace(films[placed.take.source], placed=placed) for placed in job.assembly.cuts.placed)


def _with_subtitles(film: Film, subtitles: Subtitles) -> Film:
    """Return the film with subtitles, which count on the delivery's clock and are asked for on the recording's."""
    shift = film.shift

    def write(path: Path, window: tuple[int, int]) -> None:
        subtitles.write(path, (window[0] + shift, window[1] + shift))

    def key(window: tuple[int, int]) -> object:
        return subtitles.key((window[0] + shift, window[1] + shift))

    def changes(window: tuple[int, int]) -> Sequence[int]:
        return [frame - shift for frame in subtitles.changes((window[0] + shift, window[1] + shift))]

    return replace(film, subtitles=Subtitles(write, subtitles.font, key, changes))


def _cut_out(assembly: Assembly | None) -> tuple[CutOut, ...]:
    """Return what of the parts is not delivered, in both times."""
    if assembly is None:
        return ()
    time = assembly.cuts.grid.time_s
    return tuple(
        CutOut(
            assembly.sources[cut.source].name,
            Span(to_ms(time(cut.first)), to_ms(time(cut.after))),
            to_ms(time(cut.at)),
        )
        for cut in assembly.removed
    )


def _with_panels(film: Film, panels: Sequence[Panel]) -> Film:
    """Return the film with panels, which count on the delivery's clock, on the recording's."""
    return replace(film, panels=tuple(panel.moved(-film.shift) for panel in panels))


def _repairs(films: Sequence[Film], assembly: Assembly | None) -> tuple[Message, ...]:
    """Return what was done to the picture of the recordings, each thing once; a card is as it should be."""
    parts = assembly.sources[: assembly.parts] if assembly else tuple(film.recording for film in films)
    found: list[Message] = []
    for film in films:
        if film.recording in parts:
            found += [said for said in repairs(film.recording, film.plan, film.timeline) if said not in found]
    return tuple(found)


def _subtitles(cues: Sequence[Cue], job: RenderJob, font: Font) -> Subtitles:
    digest = file_sha256(font.path)

    def write(path: Path, window: tuple[int, int]) -> None:
        write_ass(cues, job.captions, font, job.grid, path, window)

    def drawn_in(window: tuple[int, int]) -> tuple[tuple[int, int, str], ...]:
        start, stop = window
        nearest = job.grid.nearest
        return tuple(
            (max(start, nearest(cue.start_ms)), min(stop, nearest(cue.end_ms)), drawn_text(cue.screen))
            for cue in cues_in(cues, job.grid, window)
        )

    def changes(window: tuple[int, int]) -> Sequence[int]:
        return [frame for start, stop, _ in drawn_in(window) for frame in (start, stop)]

    def key(window: tuple[int, int]) -> object:
        drawn = drawn_in(window)
        look = job.captions
        return (
            (digest, font.face, look.glyph_height_px, look.margin_share, look.max_width_share, look.outline_px, drawn)
            if drawn
            else None
        )

    return Subtitles(write, font, key, changes)


def _deliver(pieces: Sequence[tuple[Path, int]], sound: Path, job: RenderJob, cap: int, progress: "_Progress") -> None:
    """Join, verify and move into place; whatever goes wrong, nothing half-written stays."""
    temporary = job.out.with_name(f".{job.out.stem}.{os.getpid()}.part.mp4")
    try:
        joined = join(pieces, sound, job.grid, job.info, temporary)
        verify(temporary, joined, job.grid, cap)
        progress.verified()
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
        self._has_begun = False

    def begin(self) -> None:
        """Say, once, that the stage begins."""
        with self._guard:
            if not self._has_begun:
                self._has_begun = True
                self._emit(StageStarted(STAGE, total=self._length + self._verifying))

    def keep_to(self, bounds: Sequence[tuple[int, int]]) -> None:
        """Forget segments that were begun and are not among those that are wanted."""
        with self._guard:
            self._done = {frames: seconds for frames, seconds in self._done.items() if frames in bounds}

    def end(self, *, reused: bool) -> None:
        """Say that the stage has ended."""
        self._emit(StageFinished(STAGE, reused=reused))

    def segment(self, frames: tuple[int, int], seconds: float) -> None:
        """Note that ``seconds`` of a segment are encoded."""
        with self._guard:
            self._done[frames] = max(seconds, self._done.get(frames, 0.0))
            self._tell()

    def verified(self) -> None:
        """Note that the finished file is joined and read back."""
        with self._guard:
            self._verified = self._verifying
            self._tell()

    def _tell(self) -> None:
        done = min(sum(self._done.values()), self._length) + self._verified
        if done > self._told:
            self._told = done
            self._emit(StageAdvanced(STAGE, done))
