"""The same lecture made in several ways, one after the other and again: what each costs and what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.media.rendering.fonts import find_font
from pipeline.presets import load_preset
from tests.benchmarks.bench import Bench, Run
from tests.benchmarks.measuring import Cost
from tests.benchmarks.sources import Source

_SUBTITLES = "subs.srt"
"""Fixed name in the working folder: a filter graph needs no quoting then."""
_AAC = ("-c:a", "aac", "-b:a", "160k", "-ar", "48000", "-ac", "2")
_OUR_CODER = ("-aac_coder", "fast")


@dataclass(frozen=True, slots=True)
class Result:
    """One way's result in one repeat."""

    cost: Cost
    video: Path
    run: Run | None = None
    """What the driver noted, for runs of ours."""


@dataclass
class Contest:
    """What was measured on one source; a way that failed has its reason instead."""

    source: Source
    results: dict[str, list[Result]] = field(default_factory=dict)
    failures: dict[str, Exception] = field(default_factory=dict)

    def of(self, way: str) -> list[Result]:
        """Return a way's results, one for each repeat.

        Raises:
            Exception: it failed; the reason.
        """
        if way in self.failures:
            raise self.failures[way]
        return self.results[way]

    def cpu(self, way: str) -> list[float]:
        """Return processor times."""
        return [result.cost.cpu_s for result in self.of(way)]

    def wall(self, way: str) -> list[float]:
        """Return wall times."""
        return [result.cost.wall_s for result in self.of(way)]


def hold(bench: Bench, source: Source, ways: Sequence[str], repeats: int) -> Contest:
    """Let every way make the lecture ``repeats`` times, in turn and each time in the other order.

    Ours runs first, since bare ffmpeg takes its options. The first of a repeat has the disk's cache warm as the last
    has: every source was read when it was made.
    """
    contest = Contest(source)
    for repeat in range(repeats):
        turn = ways if repeat % 2 == 0 else (*ways[:1], *reversed(ways[1:]))
        for way in turn:
            if way in contest.failures or (repeat and way in ONCE):
                continue
            take_part(bench, contest, way)
    return contest


def take_part(bench: Bench, contest: Contest, way: str) -> None:
    """Let a way make the lecture once more, in a room of its own; a failure is noted."""
    room = bench.room(f"{contest.source.kind.name}-{way}")
    (room / _SUBTITLES).write_bytes(contest.source.srt.read_bytes())
    try:
        contest.results.setdefault(way, []).append(WAYS[way](bench, contest, room))
    except Exception as error:
        contest.failures[way] = error


def _ours(bench: Bench, contest: Contest, room: Path, *options: str) -> Result:
    run = bench.weike(room, "burn", contest.source.video, contest.source.srt, *options)
    return Result(run.cost, run.video, run)


def _weike(bench: Bench, contest: Contest, room: Path) -> Result:
    return _ours(bench, contest, room)


def _weike_fast(bench: Bench, contest: Contest, room: Path) -> Result:
    return _ours(bench, contest, room, "--speed", "fast")


def _bare(bench: Bench, contest: Contest, room: Path) -> Result:
    """Encode as our run did, to the very options, and draw nothing."""
    run = contest.of("weike")[-1].run
    assert run is not None
    scale = _scale(bench, contest.source)
    picture = ("-vf", scale, *run.notes.encoder_options()) if scale else run.notes.encoder_options()
    return _made(bench, contest, room, *picture, *_AAC, *_OUR_CODER)


def _usual(bench: Bench, contest: Contest, room: Path) -> Result:
    """Encode at x264's defaults with the ``subtitles`` filter, as most tools do."""
    filters = ",".join(part for part in (_scale(bench, contest.source), _drawn()) if part)
    return _made(bench, contest, room, "-vf", filters, *_MEDIUM, *_AAC)


def _grouped(bench: Bench, contest: Contest, room: Path) -> Result:
    """Encode as most tools do, but in groups of pictures as short as a delivery's."""
    filters = ",".join(part for part in (_scale(bench, contest.source), _drawn()) if part)
    group = round(load_preset().encoder.gop_s * contest.source.kind.rate)
    return _made(bench, contest, room, "-vf", filters, *_MEDIUM, "-g", str(group), *_AAC)


def _twice(bench: Bench, contest: Contest, room: Path) -> Result:
    """Transcode first, burn subtitles into the result."""
    scale = _scale(bench, contest.source)
    between = room / "between.mp4"
    first = bench.ffmpeg(room, "-i", contest.source.video, *(("-vf", scale) if scale else ()), *_MEDIUM, *_AAC, between)
    out = room / "made.mp4"
    second = bench.ffmpeg(room, "-i", between, "-vf", _drawn(), *_MEDIUM, "-c:a", "copy", out)
    return Result(first + second, out)


ONCE = frozenset({"grouped", "twice"})
"""Ways that take long and are only told; they run in the first repeat alone."""
_MEDIUM = ("-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p")
WAYS: dict[str, Callable[[Bench, Contest, Path], Result]] = {
    "weike": _weike,
    "bare": _bare,
    "weike-fast": _weike_fast,
    "usual": _usual,
    "grouped": _grouped,
    "twice": _twice,
}


def _made(bench: Bench, contest: Contest, room: Path, *options: str) -> Result:
    out = room / "made.mp4"
    cost = bench.ffmpeg(room, "-i", contest.source.video, *options, "-movflags", "+faststart", out)
    return Result(cost, out)


def _scale(bench: Bench, source: Source) -> str:
    """Return ffmpeg's scaler as it comes, or nothing where the picture has the size of the delivery."""
    return "" if source.kind.size == bench.raster else "scale={}:{}".format(*bench.raster)


def _drawn() -> str:
    font = find_font(load_preset().captions.font)
    folder = str(font.path.parent).replace("\\", "/").replace(":", "\\\\:").replace("'", "")
    return f"subtitles={_SUBTITLES}:fontsdir='{folder}':force_style='FontName={font.family}'"
