"""What people write with moviepy: ``python -m tests.benchmarks.rivals VIDEO SRT OUT SECONDS WIDTH HEIGHT FONT``."""

import sys
from pathlib import Path

from pipeline.media.rendering.fonts import find_font
from pipeline.presets import load_preset
from tests.benchmarks.bench import Bench
from tests.benchmarks.measuring import measure
from tests.benchmarks.sources import ROOT, write_cues
from tests.benchmarks.table import Figures, ratios


def moviepy_against_ours(bench: Bench, kind: str) -> Figures:
    """Return moviepy's processor time over our render stage's for the first seconds of a source."""
    seconds = bench.sizes.moviepy_s
    source = bench.source(kind, bench.sizes.contest[kind])
    room = bench.room("moviepy")
    clip, srt = room / "clip.mp4", room / "clip.srt"
    bench.ffmpeg(room, "-i", source.video, "-t", str(seconds), "-c", "copy", clip)
    write_cues(srt, seconds)
    font = find_font(load_preset().captions.font).path
    words = (clip, srt, room / "moviepy.mp4", seconds, *bench.raster, font)
    argv = [sys.executable, "-m", __name__, *map(str, words)]
    ours, theirs = [], []
    for _ in range(bench.sizes.repeats):
        theirs.append(measure(argv, cwd=room, env={"PYTHONPATH": str(ROOT)}))
        ours.append(bench.weike(bench.room("short"), "burn", clip, srt).notes.stage("render"))
    return Figures(
        ratios([cost.cpu_s for cost in theirs], [window.cpu_s for window in ours]),
        ratios([cost.wall_s for cost in theirs], [window.wall_s for window in ours]),
    )


def with_moviepy(video: Path, srt: Path, out: Path, seconds: float, size: tuple[int, int], font: str) -> None:
    """Burn subtitles as moviepy's own documentation does it."""
    from moviepy import CompositeVideoClip, TextClip, VideoFileClip

    from pipeline.captions.srt import read_srt

    cues, _problems = read_srt(srt)
    with VideoFileClip(str(video), target_resolution=size) as clip:
        lines = [
            TextClip(font=font, text=cue.text, font_size=size[1] // 20, color="white", stroke_color="black",
                     stroke_width=2)
            .with_start(cue.start_ms / 1000)
            .with_duration((cue.end_ms - cue.start_ms) / 1000)
            .with_position(("center", int(size[1] * 0.88)))
            for cue in cues
        ]  # fmt: skip
        made = CompositeVideoClip([clip, *lines]).with_duration(min(seconds, clip.duration))
        made.write_videofile(str(out), codec="libx264", audio_codec="aac", logger=None)


if __name__ == "__main__":
    given = sys.argv[1:]
    with_moviepy(*map(Path, given[:3]), float(given[3]), (int(given[4]), int(given[5])), given[6])
