"""Every way to encode gives High profile in closed groups, under headers that fit together."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from pipeline.media.probing.gop import walk_packets
from pipeline.media.probing.probe import inspect
from pipeline.media.rendering.encoders import ENCODERS, Budget, Rung, Setting, budget_for
from pipeline.media.rendering.mux import join, silence, verify
from pipeline.media.rendering.segments import Encoding, encode_segment
from pipeline.presets import Pace, load_preset
from pipeline.records import LectureInfo
from pipeline.store import Store
from pipeline.timing import FrameGrid
from tests.media.rendering.test_segments import film_of

X264 = ENCODERS["libx264"]
RUNGS = [rung for pace in get_args(Pace) for rung in X264.ladder(pace)]
MIXED = (
    "color=0x203040:s=320x180:r=25:d=2[a];testsrc2=s=320x180:r=25:d=2,noise=alls=40:allf=t[b];[a][b]concat"
)  # fmt: skip


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: f"{rung.speed}-{len(rung.options)}")
def test_every_rung_joins(rung: Rung, make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    clip = make_clip("mixed.mp4", ["-f", "lavfi", "-i", MIXED, "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"])
    film = film_of(clip)
    budget = budget_for(load_preset().encoder, film.grid, 2, 10**9, 0)
    assert list(rung.qualities) == sorted(rung.qualities, reverse=True)
    assert rung.usual in rung.qualities
    pieces = []
    for number, frames in enumerate(((0, 49), (49, film.grid.count))):
        encoding = Encoding(X264, rung.at(rung.qualities[number]), 50, budget)
        pieces.append((encode_segment(film, encoding, frames, store, lambda _seconds: None)[0], frames[0]))
    out = tmp_path / "joined.mp4"
    joined = join(pieces, silence(film.grid, store), film.grid, LectureInfo("课"), out)
    verify(out, joined, film.grid, 10**9)
    video = inspect(out).video
    assert video is not None
    assert (video.profile, video.level, video.frame_count) == ("High", 40, film.grid.count)
    structure = walk_packets(inspect(out)).gop
    assert structure is not None
    assert structure.is_closed
    assert structure.longest_s <= 2


def test_a_setting_with_many_references_stays_within_the_level() -> None:
    grid = FrameGrid(Fraction(25), 100)
    budget = Budget(6_000_000, 12_000_000)
    assert "ref=4" in X264.options(Setting("veryslow", 20.0), grid, 50, budget)["x264-params"]
    assert X264.describe(Setting("faster", 21.0, ("subme=2",))) == "libx264 faster crf 21 subme=2"
