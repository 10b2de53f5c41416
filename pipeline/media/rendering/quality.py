"""The quality of the picture: the cheapest way to encode it that looks as good as the usual way, found by measuring.

Slides, a talking head and camera noise differ so much that no fixed setting serves all three. So a few short stretches
of the recording, scaled to the delivery's raster and without subtitles, are encoded in the usual way and in the ways
of a fixed ladder; the first that looks as good for no more bytes is taken. What is chosen depends on the recording and
the tools alone, never on the machine's speed or on the cues, and is kept in the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from shutil import copyfileobj

from pipeline.media.binaries import ffmpeg
from pipeline.media.rendering.encoders import Budget, Encoder, Rung, Setting
from pipeline.media.rendering.encoders.x264 import REFERENCE, REFERENCE_GOP, X264
from pipeline.media.rendering.likeness import Likeness, Meter, meter
from pipeline.media.rendering.segments import Film, encode_raw, raw_frames
from pipeline.media.rendering.timeline import Timeline
from pipeline.presets import EncoderSettings, Pace
from pipeline.records import Quality, Span
from pipeline.store import Store, key_of
from pipeline.timing import FrameGrid, to_ms

_VERSION = 4
"""Raised when the way of choosing changes, so that old choices are not taken."""
Stretches = Sequence[tuple[int, int]]
"""Frames ``[a, b)``, in order."""
STRETCH_FRAMES = 24
_PERIOD_S = 300
"""One stretch is measured for each such length; a shorter recording is not measured at all."""
_STRETCHES_MAX = 4
_UNSEEKABLE_S = 30
"""A recording that cannot be sought is decoded no further than this for the measurement."""
_CAP_SHARE = Fraction(4, 5)
"""Share of the highest rate that the stretches may fill: others may be busier."""
_ALONE = (f"rc-lookahead={STRETCH_FRAMES}", "threads=1")
"""How the reference is encoded on stretches: each is a group of its own, so that x264 learns nothing from looking
further ahead, and one thread keeps the fewest frames. Memory is then what a segment takes (300 instead of 490 MB)."""
_TRIES = 4
"""Qualities that are tried of one rung at most."""
_GAIN: dict[Pace, float] = {"fast": -0.7, "balanced": -0.7, "best": 1.0}
"""Points of VMAF by which the mean may lie below, or must lie above, the reference's; one point is seen by nobody.

The stretches stand for the whole, so a part of that point is kept back.
"""
_GAIN_SSIM: dict[Pace, float] = {"fast": 0.0, "balanced": 0.0, "best": 0.001}
"""So for SSIM, which sees blocking and noise otherwise than people do: no loss is taken."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How a recording's picture is encoded, and how that was found."""

    setting: Setting
    quality: Quality | None
    """``None``: the preset's own setting, or one that was not measured."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be found."""

    encoder: Encoder
    pace: Pace
    gop: int
    budget: Budget


@dataclass(frozen=True, slots=True)
class _Trial:
    setting: Setting
    likeness: Likeness
    size_bytes: int


def choose_setting(
    film: Film, encoder: Encoder, settings: EncoderSettings, gop: int, budget: Budget, store: Store
) -> Choice:
    """Return how the film is encoded: as the preset says, else as measured stretches of it show.

    Args:
        film: the picture; its subtitles do not matter.
        encoder: what encodes it.
        settings: the preset's.
        gop: longest group of pictures, frames.
        budget: the bits that may be spent.
        store: keeps what was found.

    Raises:
        MediaToolError: ffmpeg failed.
    """
    if (given := settings.given()) is not None and encoder.name == X264.name:
        return Choice(Setting(*given), None)
    rungs = encoder.ladder(settings.pace)
    stretches = plan_stretches(film.timeline)
    if not stretches:
        return Choice(rungs[0].at(rungs[0].usual), None)
    gauge = meter()
    key = key_of(
        _VERSION,
        film.recording.sha256,
        film.recording.video.index if film.recording.video else None,
        film.recording.origin_s,
        film.grid.rate,
        film.grid.count,
        film.plan,
        stretches,
        encoder.name,
        rungs,
        settings.pace,
        gop,
        budget,
        ffmpeg().version,
        (gauge.metric, gauge.version),
    )
    asked = _Asked(encoder, settings.pace, gop, budget)
    return store.record("quality", key, Choice, lambda: _measured(film, asked, stretches, gauge, store))


def plan_stretches(timeline: Timeline) -> tuple[tuple[int, int], ...]:
    """Return the frames ``[a, b)`` that are measured: where the picture differs most, by the size of its packets.

    The places at which decoding can begin are ranked by how many bytes follow, cut into equal ranks, and the middle
    one of each is taken: still slides, a usual minute and the busiest one have their share.
    """
    grid = timeline.grid
    count = min(_STRETCHES_MAX, int(grid.duration_s // _PERIOD_S))
    end = grid.count if timeline.is_seekable else min(grid.count, int(_UNSEEKABLE_S * grid.rate))
    starts = sorted({frame for frame in timeline.key_frames if 0 <= frame <= end - STRETCH_FRAMES})
    if len(starts) < count:
        step = max(1, (end - STRETCH_FRAMES) // (2 * _STRETCHES_MAX))
        starts = list(range(0, max(1, end - STRETCH_FRAMES), step))
    ranked = sorted(starts, key=lambda start: (timeline.bytes_after(start, STRETCH_FRAMES), start))
    chosen = {ranked[(2 * number + 1) * len(ranked) // (2 * count)] for number in range(count)}
    return tuple((start, start + STRETCH_FRAMES) for start in sorted(chosen))


def _measured(film: Film, asked: _Asked, stretches: Stretches, gauge: Meter, store: Store) -> Choice:
    """Return the choice, from encoding the stretches."""
    with store.attempt() as folder:
        source = folder / "stretches.yuv"
        _lay_end_to_end(film, stretches, source)

        def attempt(by: Encoder, setting: Setting, gop: int) -> _Trial:
            made = folder / "trial.mp4"
            encode_raw(source, film, STRETCH_FRAMES, by.options(setting, film.grid, gop, asked.budget), made)
            return _Trial(setting, gauge.compare(made, source, film), made.stat().st_size)

        usual = attempt(X264(), replace(REFERENCE, options=_ALONE), REFERENCE_GOP)
        usual = replace(usual, setting=REFERENCE)
        search = _Search(usual, asked.pace, gauge, _most_bytes(asked.budget, film.grid, len(stretches)))
        for rung in asked.encoder.ladder(asked.pace):
            if search.climb(rung, lambda setting: attempt(asked.encoder, setting, asked.gop)) is not None:
                break
    return _told(search, usual, asked.pace, film, stretches, gauge)


def _lay_end_to_end(film: Film, stretches: Stretches, path: Path) -> None:
    """Write the frames of all stretches, scaled and without subtitles, one after the other."""
    part = path.with_name("part.yuv")
    with path.open("wb") as whole:
        for frames in stretches:
            raw_frames(film, frames, part)
            with part.open("rb") as file:
                copyfileobj(file, whole, 1 << 22)
            part.unlink()


def _most_bytes(budget: Budget, grid: FrameGrid, stretches: int) -> int:
    return int(_CAP_SHARE * budget.max_rate_bps * stretches * STRETCH_FRAMES / grid.rate / 8)


class _Search:
    """Tries qualities of a rung until one looks good enough for few enough bytes."""

    def __init__(self, usual: _Trial, pace: Pace, gauge: Meter, cap_bytes: int) -> None:
        gain = (_GAIN if gauge.metric == "VMAF" else _GAIN_SSIM)[pace]
        self.target = min(usual.likeness.mean + gain, gauge.best)
        self.most_bytes = min(cap_bytes, usual.size_bytes) if pace == "balanced" else cap_bytes
        self.cap_bytes = cap_bytes
        self.is_thrifty = pace == "balanced"
        self.tried: list[_Trial] = []

    def climb(self, rung: Rung, attempt: Callable[[Setting], _Trial]) -> _Trial | None:
        """Return the trial of this rung that satisfies both, or ``None``: it has none, or none was met in time.

        The first trial is the usual quality, each other one halves what is left. Where bytes matter, the coarsest
        quality that still satisfies both is looked for.
        """
        found: _Trial | None = None
        least, most = 0, len(rung.qualities) - 1
        place = min(range(most + 1), key=lambda n: abs(rung.qualities[n] - rung.usual))
        for _ in range(_TRIES):
            trial = attempt(rung.at(rung.qualities[place]))
            self.tried.append(trial)
            is_good, is_small = trial.likeness.mean >= self.target, trial.size_bytes <= self.most_bytes
            if is_good and is_small:
                found = trial
            if is_good:
                most = place - 1
            else:
                least = place + 1
            if (found and not self.is_thrifty) or not (is_good or is_small) or least > most:
                break
            place = (least + most + is_good) // 2
        return found

    @property
    def best(self) -> _Trial:
        """The trial that is taken: the smallest that satisfies all, else what comes nearest to it under the cap.

        What looks good enough goes before what is small: the notice leaves room, a person sees the picture.
        """
        fitting = [trial for trial in self.tried if trial.size_bytes <= self.cap_bytes]
        good = [trial for trial in fitting if trial.likeness.mean >= self.target]
        if good:
            return min(good, key=lambda trial: trial.size_bytes)
        if fitting:
            return max(fitting, key=lambda trial: trial.likeness.mean)
        return min(self.tried, key=lambda trial: trial.size_bytes)


def _told(search: _Search, usual: _Trial, pace: Pace, film: Film, stretches: Stretches, gauge: Meter) -> Choice:
    """Return what is taken and how it measured, for the report."""
    taken, grid = search.best, film.grid

    def rate(trial: _Trial) -> int:
        return round(trial.size_bytes * 8 * grid.rate / (len(stretches) * STRETCH_FRAMES))

    quality = Quality(
        pace=pace,
        metric=gauge.metric,
        mean=taken.likeness.mean,
        minimum=taken.likeness.minimum,
        bit_rate_bps=rate(taken),
        reference=X264().describe(usual.setting),
        reference_mean=usual.likeness.mean,
        reference_minimum=usual.likeness.minimum,
        reference_bit_rate_bps=rate(usual),
        is_reached=taken.likeness.mean >= search.target and taken.size_bytes <= search.most_bytes,
        stretches=tuple(Span(to_ms(grid.time_s(start)), to_ms(grid.time_s(end))) for start, end in stretches),
    )
    return Choice(taken.setting, quality)
