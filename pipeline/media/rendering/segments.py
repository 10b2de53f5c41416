"""Segments: the picture in short pieces, each a pure function of what is in it and kept under its key.

A segment is cut by frame number after the rate filter, so joined segments hold, frame for frame, what one pass holds.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from pipeline.errors import VerificationError
from pipeline.media.binaries import ffmpeg
from pipeline.media.graph import Progress, compile_args, run_ffmpeg
from pipeline.media.rendering.encoders import Budget, Encoder, Setting
from pipeline.media.rendering.fonts import Font, place_font
from pipeline.media.rendering.overlay import Panel, panels_in
from pipeline.media.rendering.picture import FONTS, SUBTITLES, PicturePlan, landed_ticks, picture_frames
from pipeline.media.rendering.timeline import Timeline
from pipeline.media.sources import ffmpeg_url, open_container
from pipeline.records import Cue, Recording
from pipeline.store import Store, key_of
from pipeline.takes import Placed
from pipeline.timing import FrameGrid

_VERSION = 6
"""Raised when the way segments are made changes, so that old ones are not taken."""

_REACH = Fraction(1, 4)
"""A boundary moves by at most this share of a segment to reach a pause between cues."""
_GROUPS = 2
"""Groups of pictures of the recording that a segment holds at least: each boundary then has a key frame in reach."""
_WASTE = 8
"""A frame that is decoded for nothing weighs this many frames by which a boundary lies off its place."""

WriteSubtitles = Callable[[Path, tuple[int, int]], None]
"""Writes the ASS of the frames ``[a, b)`` to a path."""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What is drawn: how to write it and everything that its look depends on."""

    write: WriteSubtitles
    font: Font
    key: Callable[[tuple[int, int]], object]
    """Returns what the ASS of the frames ``[a, b)`` is made of, for the segment's key."""
    changes: Callable[[tuple[int, int]], Sequence[int]]
    """Returns the frames of ``[a, b)`` at which a cue begins or ends."""


@dataclass(frozen=True, slots=True)
class Film:
    """A whole picture to be rendered."""

    recording: Recording
    timeline: Timeline
    plan: PicturePlan
    subtitles: Subtitles | None
    placed: Placed | None = None
    """The take of the recording that is shown, and where; ``None``: all of it, from the delivery's beginning."""
    panels: tuple[Panel, ...] = ()
    """What is laid over it, on the recording's clock."""

    @property
    def shift(self) -> int:
        """By how many frames the delivery shows the recording later than on its own clock."""
        return self.placed.shift if self.placed else 0

    @property
    def grid(self) -> FrameGrid:
        """The recording's frames at the delivery's rate; the delivery's own when all of it is shown."""
        return self.timeline.grid


@dataclass(frozen=True, slots=True)
class Encoding:
    """How all segments of a film are encoded."""

    encoder: Encoder
    setting: Setting
    gop: int
    """Longest group of pictures, frames."""
    budget: Budget

    def options(self, grid: FrameGrid) -> dict[str, Any]:
        """Return ffmpeg's output options."""
        return self.encoder.options(self.setting, grid, self.gop, self.budget)


def usual_bounds(timeline: Timeline, segment_s: float, placed: Placed | None = None) -> range:
    """Return the frames near which segments meet: a function of the recording, and of the take of it, alone.

    They lie ``segment_s`` apart, farther where the recording's key frames are rare, since each segment is decoded from
    a key frame on. A recording that cannot be sought has none.
    """
    grid = timeline.grid
    if not timeline.is_seekable:
        return range(0)
    group = grid.count // max(1, len(timeline.keyframe_ticks))
    length = max(1, round(Fraction(segment_s) * grid.rate), _GROUPS * group)
    first, after = placed.frames if placed else (0, grid.count)
    begin = -(-(first + length // 2) // length) * length
    return range(max(begin, length), after - length // 2, length)


def plan_segments(
    timeline: Timeline, cues: Sequence[Cue], segment_s: float, placed: Placed | None = None
) -> tuple[tuple[int, int], ...]:
    """Return the segments as frames ``[a, b)`` of the recording, in order and without gaps, inside its take.

    Boundaries lie near ``usual_bounds``, in a pause between cues soon after a key frame; each is found from the cues
    around it alone, so a changed cue never moves a boundary elsewhere. None begins after the recording's last frame.
    """
    grid, usual, keys = timeline.grid, usual_bounds(timeline, segment_s, placed), timeline.key_frames
    first, after, shift = (*placed.frames, placed.shift) if placed else (0, grid.count, 0)
    busy = [
        (round(cue.start_ms * grid.rate / 1000) - shift, round(cue.end_ms * grid.rate / 1000) - shift) for cue in cues
    ]
    reach = int(usual.step * _REACH)
    inner = (_pause_near(nominal, reach, busy, keys) for nominal in usual)
    latest = grid.count - 1 if timeline.last_frame is None else timeline.last_frame
    return tuple(pairwise((first, *(bound for bound in inner if bound <= latest), after)))


def segment_key(film: Film, encoding: Encoding, frames: tuple[int, int]) -> str:
    """Return the key of everything that goes into a segment."""
    subtitles = film.subtitles
    return key_of(
        _VERSION,
        film.recording.sha256,
        film.recording.video.index if film.recording.video else None,
        film.recording.origin_s,
        film.grid.rate,
        film.timeline.ticks_per_s,
        film.timeline.offset_ticks,
        frames,
        min(frames[1], film.grid.count) == film.grid.count,
        film.plan,
        encoding.encoder.name,
        encoding.options(film.grid),
        subtitles.key(frames) if subtitles else None,
        ffmpeg().version,
        *(panel.key(frames) for panel in panels_in(film.panels, frames)),
    )


def encode_segment(
    film: Film, encoding: Encoding, frames: tuple[int, int], store: Store, on_progress: Progress
) -> tuple[Path, bool]:
    """Return the encoded segment, an MP4 of picture alone, and whether it had to be made now.

    Raises:
        VerificationError: the segment does not hold the frames that it should.
        MediaToolError: ffmpeg failed.
    """
    made: list[bool] = []

    def make(path: Path) -> None:
        made.append(True)
        options = encoding.options(film.grid) | {"video_track_timescale": film.grid.rate.numerator}
        _run(film, frames, path, options, on_progress)
        verify_segment(path, film.grid.rate, frames[1] - frames[0])
        length_s, size = (frames[1] - frames[0]) / film.grid.rate, path.stat().st_size
        if not (encoding.encoder.keeps_budget or encoding.budget.allows(size, length_s)):
            raise VerificationError(path, problem=f"{size} bytes in {float(length_s):.1f} s of picture")

    path = store.file("segments", segment_key(film, encoding, frames), ".mp4", make, is_proven=True)
    return path, bool(made)


def raw_frames(film: Film, frames: tuple[int, int], path: Path) -> None:
    """Write the frames ``[a, b)`` as the encoder would be given them, with nothing drawn, one after the other.

    Raises:
        MediaToolError: ffmpeg failed.
    """
    bare = replace(film, subtitles=None, panels=())
    _run(bare, frames, path, {"f": "rawvideo", "c:v": "rawvideo", "pix_fmt": "yuv420p"}, lambda _seconds: None)


def raw_input(path: Path, film: Film) -> Any:
    """Return an ffmpeg-python stream of what ``raw_frames`` wrote."""
    rate = f"{film.grid.rate.numerator}/{film.grid.rate.denominator}"
    form = {"f": "rawvideo", "pix_fmt": "yuv420p", "video_size": film.plan.raster, "framerate": rate}
    return ffmpeg_python.input(ffmpeg_url(path), **form)


def encode_raw(source: Path, film: Film, every: int, options: dict[str, Any], out: Path) -> None:
    """Encode what ``raw_frames`` wrote, each ``every`` frames beginning with a key frame.

    Raises:
        MediaToolError: ffmpeg failed.
    """
    marked = {"range": "limited", "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
    node = (
        raw_input(source, film)
        .filter("setparams", **marked)
        .output(str(out), **{"an": None, "force_key_frames": f"expr:not(mod(n,{every}))", **options})
    )
    run_ffmpeg(compile_args(node), subject=film.recording.path, cwd=out.parent)


def frame_digests(film: Film, frames: tuple[int, int], folder: Path) -> tuple[str, ...]:
    """Return the MD5 of each frame of ``[a, b)`` as the encoder would be given it, in order.

    The proof that joined segments equal one pass rests on it. ``folder`` is a private working folder.
    """
    path = folder / "frames.md5"
    _run(film, frames, path, {"f": "framemd5", "c:v": "rawvideo"}, lambda _seconds: None)
    lines = path.read_text().splitlines()
    return tuple(line.rpartition(",")[2].strip() for line in lines if not line.startswith("#"))


def verify_segment(path: Path, rate: Fraction, count: int) -> None:
    """Refuse a segment that does not hold exactly ``count`` frames, each one frame after the other, from 0.

    Raises:
        VerificationError: what is wrong.
    """
    with open_container(path) as container:
        if not container.streams.video:
            raise VerificationError(path, problem=f"no frame instead of {count} in a segment")
        stream = container.streams.video[0]
        base = stream.time_base
        assert base is not None
        times = sorted(p.pts for p in container.demux(stream) if p.pts is not None and p.size)
    if len(times) != count:
        raise VerificationError(path, problem=f"{len(times)} frames instead of {count} in a segment")
    if any(pts * base != n / rate for n, pts in enumerate(times)):
        raise VerificationError(path, problem="a segment's frames are not evenly spaced")


def _pause_near(nominal: int, reach: int, busy: Sequence[tuple[int, int]], keys: Sequence[int]) -> int:
    """Return a frame near ``nominal`` at which no cue is on the screen before and after; else ``nominal``.

    The one that is taken lies soon after one of ``keys``, frames that decoding can begin with.
    """

    def cost(frame: int) -> tuple[int, int]:
        begin = bisect_right(keys, frame)
        wasted = frame - keys[begin - 1] if begin else 0
        return _WASTE * wasted + abs(frame - nominal), frame

    near = [(start, end) for start, end in busy if start < nominal + reach and end > nominal - reach]
    candidates = {nominal, *(edge for cue in near for edge in cue)}
    free = [
        frame
        for frame in candidates
        if abs(frame - nominal) <= reach and not any(start < frame < end for start, end in near)
    ]
    return min(free, key=cost, default=nominal)


def _run(film: Film, frames: tuple[int, int], path: Path, options: dict[str, Any], on_progress: Progress) -> None:
    """Render frames ``[a, b)`` to ``path``; a seek that landed too late is noticed and done again without one."""
    folder = path.parent
    if film.subtitles is not None:
        film.subtitles.write(folder / SUBTITLES, frames)
        place_font(film.subtitles.font, folder / FONTS)
    for from_start in (False, True):
        stream = picture_frames(
            film.recording,
            film.plan,
            film.timeline,
            frames,
            changes=film.subtitles.changes(frames) if film.subtitles else None,
            panels=film.panels,
            from_start=from_start,
        )
        node = stream.output(path.name, **{"fps_mode": "passthrough", "an": None, **options})
        log = run_ffmpeg(compile_args(node), subject=film.recording.path, cwd=folder, on_progress=on_progress)
        if from_start or not _sought_too_far(film.timeline, frames[0], log):
            return


def _sought_too_far(timeline: Timeline, frame: int, log: str) -> bool:
    if timeline.seek_ticks(frame) is None:
        return False
    landed, needed = landed_ticks(log, timeline), timeline.first_needed_ticks(frame)
    return landed is None or needed is None or landed > needed
