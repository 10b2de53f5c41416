"""Rows on whole conversions: against bare ffmpeg, at equal quality, and against what people use instead."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tests.benchmarks.bench import Bench
from tests.benchmarks.contest import Contest, Result, hold
from tests.benchmarks.measuring import measure
from tests.benchmarks.rivals import moviepy_against_ours
from tests.benchmarks.table import Figures, Row, ratios, scaled_bytes, tried

CAP_BYTES = 950_000_000
"""What a lecture of 20 minutes may have: 0.95 of the notice's 1 G."""
_SCORED_SHARE = 0.8
"""Upper part of the picture that is scored; subtitles stand below it."""
_EVERY = 12
_SHORT = ("whole", "rivals")
"""Groups that the contest of the other length serves; two passes of a long one would take too long."""
WAYS_OF = {
    "whole": ("weike", "bare"),
    "quality": ("weike", "weike-fast", "usual", "grouped"),
    "rivals": ("weike", "twice"),
}
_ORDER = ("weike", "bare", "weike-fast", "usual", "grouped", "twice")


@dataclass
class Contests:
    """Each source's contest, held when a row first asks for it, with the ways that the wanted groups need."""

    bench: Bench
    groups: frozenset[str]
    _held: dict[tuple[str, int], Contest] = field(default_factory=dict)

    def on(self, kind: str, length_s: int, groups: Sequence[str]) -> Contest:
        """Return the contest on a source, in which the ways of ``groups`` take part as far as they are wanted."""
        if (kind, length_s) not in self._held:
            wanted = {way for group in self.groups.intersection(groups) for way in WAYS_OF[group]}
            ways = [way for way in _ORDER if way in wanted]
            source = self.bench.source(kind, length_s)
            self._held[kind, length_s] = hold(self.bench, source, ways, self.bench.sizes.repeats)
        return self._held[kind, length_s]

    @property
    def first(self) -> str:
        """The kind that every way is tried on."""
        return next(iter(self.bench.sizes.contest))

    def main(self, kind: str) -> Contest:
        """Return the contest on a kind at its usual length."""
        groups = ("whole",) if kind.endswith("4k") else ("whole", "quality")
        groups = groups if self.bench.sizes.other_length_s else tuple(WAYS_OF)
        return self.on(kind, self.bench.sizes.contest[kind], groups)


def whole_rows(contests: Contests) -> Iterator[Row]:
    """Give the conversion without recognition, and its render stage, against bare ffmpeg at the same settings."""
    sizes = contests.bench.sizes
    for kind, length_s in sizes.contest.items():
        yield from against_bare(f"whole/{kind}-{length_s}s", lambda kind=kind: contests.main(kind))
    if not sizes.other_length_s:
        return
    kind, length_s = contests.first, sizes.other_length_s
    yield from against_bare(f"whole/{kind}-{length_s}s", lambda: contests.on(kind, length_s, _SHORT))


def against_bare(name: str, contest: Callable[[], Contest]) -> Iterator[Row]:
    """Give two rows, ``name`` and its render stage, from a contest of ``weike`` and ``bare``."""

    def whole() -> Figures:
        held = contest()
        run = _runs(held)[0]
        length = _runs(held)[-1].cost.cpu_s - run.notes.stage("render").cpu_s
        note = f"{run.notes.setting()}; beside rendering {length:.1f} s"
        return Figures(ratios(held.cpu("weike"), held.cpu("bare")), ratios(held.wall("weike"), held.wall("bare")), note)

    def stage() -> Figures:
        held = contest()
        windows = [run.notes.stage("render") for run in _runs(held)]
        others = sorted({stage for run in _runs(held) for stage in run.notes.meanwhile("render")})
        note = f"counts {', '.join(others)} too, which ran meanwhile" if others else ""
        cpu, wall = [w.cpu_s for w in windows], [w.wall_s for w in windows]
        return Figures(ratios(cpu, held.cpu("bare")), ratios(wall, held.wall("bare")), note)

    what = "÷ bare ffmpeg at the same encoder settings, no subtitles"
    yield tried(Row(name, f"`weike burn`, cold, {what}", 1.10), whole)
    yield tried(Row(f"{name}-render", f"its render stage {what}", 1.05), stage)


def quality_rows(contests: Contests) -> Iterator[Row]:
    """Give our default and our fast speed against x264's defaults with the ``subtitles`` filter."""
    for kind, length_s in contests.bench.sizes.contest.items():
        if kind.endswith("4k"):
            continue
        for way, asked in (("weike", 0.45), ("weike-fast", 0.30)):
            yield from _same_quality(contests, kind, length_s, way, asked)


def _same_quality(contests: Contests, kind: str, length_s: int, way: str, asked: float) -> Iterator[Row]:
    name, bench = f"{kind}-{way}", contests.bench
    told = "the default" if way == "weike" else "`--speed fast`"
    what = f"{told} ÷ `medium` crf 23 with the `subtitles` filter, {kind}"

    def whole() -> Figures:
        held = contests.main(kind)
        return Figures(ratios(held.cpu(way), held.cpu("usual")), ratios(held.wall(way), held.wall("usual")))

    def stage() -> Figures:
        held = contests.main(kind)
        windows = [run.notes.stage("render") for run in _runs(held, way)]
        note = _runs(held, way)[0].notes.setting()
        return Figures(
            ratios([w.cpu_s for w in windows], held.cpu("usual")),
            ratios([w.wall_s for w in windows], held.wall("usual")),
            note,
        )

    def likeness() -> Figures:
        held = contests.main(kind)
        theirs, ours = (score(bench, held, held.of(name)[0]) for name in ("usual", way))
        note = f"{ours[0]:.2f} (least {ours[1]:.1f}) instead of {theirs[0]:.2f} (least {theirs[1]:.1f})"
        return Figures((theirs[0] - ours[0],), note=note)

    def size() -> Figures:
        held = contests.main(kind)
        ours, theirs = ([r.video.stat().st_size for r in held.of(name)] for name in (way, "usual"))
        scaled = scaled_bytes(ours[0], length_s)
        return Figures(ratios(ours, theirs), note=f"{scaled / 1e6:.0f} MB in 20 minutes")

    def grouped_size() -> Figures:
        held = contests.main(kind)
        ours, theirs = (held.of(name)[0].video.stat().st_size for name in (way, "grouped"))
        return Figures((ours / theirs,), note="as short in both as our rules ask for")

    def capped() -> Figures:
        sizes = [scaled_bytes(r.video.stat().st_size, length_s) for r in contests.main(kind).of(way)]
        return Figures(tuple(bytes_ / 1e6 for bytes_ in sizes))

    yield tried(Row(f"quality/{name}", f"`weike burn`, cold, {what}", asked), whole)
    yield tried(Row(f"quality/{name}-render", f"its render stage, {what}", asked), stage)
    yield tried(Row(f"quality/{name}-vmaf", f"VMAF lost, {what}", 1.0, "points"), likeness)
    if way == "weike":
        yield tried(Row(f"quality/{name}-bytes", f"bytes, {what}", 1.0), size)
        yield tried(
            Row(f"quality/{name}-bytes-in-groups", f"bytes, {what}, in groups of pictures as short as ours"),
            grouped_size,
        )
    else:
        yield tried(Row(f"quality/{name}-bytes", f"bytes, {what}"), size)
        yield tried(Row(f"quality/{name}-cap", "size scaled to 20 minutes", CAP_BYTES / 1e6, "MB"), capped)


def score(bench: Bench, contest: Contest, result: Result) -> tuple[float, float]:
    """Return mean and least VMAF of a result against its scaled source, above the subtitles.

    Every 12th frame is looked at. The ffmpeg inside imageio-ffmpeg does it, since others often lack libvmaf.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    width, height = bench.raster
    kept = int(height * _SCORED_SHARE) // 2 * 2
    rate, length = contest.source.kind.rate, str(bench.sizes.scored_s)
    room = bench.room("vmaf")
    count = f"crop={width}:{kept}:0:0,settb=1/{rate},setpts=N,format=yuv420p"
    graph = (
        f"[0:v]{count}[made];[1:v]scale={width}:{height}:flags=lanczos,{count}[source];"
        f"[made][source]libvmaf=n_subsample={_EVERY}:n_threads=2:log_fmt=json:log_path=vmaf.json"
    )
    inputs = ("-t", length, "-i", result.video, "-t", length, "-i", contest.source.video)
    measure([Path(get_ffmpeg_exe()), "-v", "error", *inputs, "-lavfi", graph, "-f", "null", "-"], cwd=room)
    scores = [frame["metrics"]["vmaf"] for frame in json.loads((room / "vmaf.json").read_text())["frames"]]
    return mean(scores), min(scores)


def rival_rows(contests: Contests) -> Iterator[Row]:
    """Give two passes, and moviepy, against ours."""

    def twice() -> Figures:
        held = contests.on(contests.first, length_s, _SHORT)
        return Figures(
            ratios(held.cpu("twice"), held.cpu("weike")[:1]),
            ratios(held.wall("twice"), held.wall("weike")[:1]),
            "a generation lost",
        )

    sizes = contests.bench.sizes
    length_s = sizes.other_length_s or sizes.contest[contests.first]
    what = f"transcode, then burn, at x264's defaults ÷ `weike burn`, cold, {length_s} s"
    yield tried(Row("rivals/twice", what), twice)
    seconds = contests.bench.sizes.moviepy_s
    what = f"moviepy, `TextClip` on `CompositeVideoClip`, {seconds} s ÷ our render stage of it"
    yield tried(Row("rivals/moviepy", what), lambda: moviepy_against_ours(contests.bench, contests.first))


def _runs(contest: Contest, way: str = "weike"):  # type: ignore[no-untyped-def]
    return [result.run for result in contest.of(way) if result.run is not None]
