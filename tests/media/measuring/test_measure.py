"""The picture in one pass: black, freeze, flashes, bars, damage."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.media.measuring.measure import PictureFacts, find_bars, measure_picture
from pipeline.media.probing.gop import walk_packets
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.records import Span
from tests.media.patches import damage, turn

MakeClip = Callable[[str, list[str]], Path]
LIMITS = load_preset().limits.model_copy(update={"black_min_s": 1.0, "freeze_min_s": 1.5})
MOVING = "testsrc2=s=320x180:r=25"
ENCODE = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-t", "4"]


@pytest.fixture
def measure(make_clip: MakeClip) -> Callable[..., PictureFacts]:
    def run(name: str, source: str, *options: str) -> PictureFacts:
        clip = make_clip(f"measure_{name}.mp4", ["-f", "lavfi", "-i", source, *ENCODE, *options])
        recording = inspect(clip)
        return measure_picture(recording, walk_packets(recording), LIMITS, lambda _done: None)

    return run


def test_a_moving_picture_has_no_faults(measure: Callable[..., PictureFacts]) -> None:
    assert measure("plain", MOVING) == PictureFacts(frames=100)


def test_black_and_freeze_are_found_where_they_are(measure: Callable[..., PictureFacts]) -> None:
    facts = measure("black", f"{MOVING},drawbox=t=fill:c=black:enable='between(t,1,2.99)'")
    assert facts.black == (Span(1000, 3000),)
    assert facts.frozen == (Span(1000, 3000),)


def test_a_freeze_to_the_end_is_not_lost(measure: Callable[..., PictureFacts]) -> None:
    facts = measure("freeze", f"{MOVING},loop=loop=-1:size=1:start=50")
    assert [span.end_ms for span in facts.frozen] == [4000]
    assert facts.frozen[0].start_ms == pytest.approx(2000, abs=250)  # the encoder settles over some frames


def test_four_flashes_a_second_are_found(measure: Callable[..., PictureFacts]) -> None:
    source = "color=c=white:s=320x180:r=25,drawbox=t=fill:c=black:enable='between(t,1,3)*lt(mod(n,6),3)'"
    facts = measure("flash", source)
    assert len(facts.flashes) == 1
    assert facts.flashes[0].start_ms < 2000
    assert facts.flashes[0].end_ms == pytest.approx(3000, abs=120)


@pytest.mark.parametrize(
    ("name", "source", "bars"),
    [
        ("pillars", "testsrc2=s=240x180:r=25,pad=320:180:40:0:black", (40, 0, 40, 0)),
        ("letterbox", "testsrc2=s=320x136:r=25,pad=320:180:0:22:black", (0, 22, 0, 22)),
        ("sometimes", f"{MOVING},drawbox=w=40:h=180:t=fill:c=black:enable='gt(t,1)'", (0, 0, 0, 0)),
        ("all_black", "color=c=black:s=320x180:r=25", (0, 0, 0, 0)),
    ],
)
def test_bars_are_those_that_stay(
    measure: Callable[..., PictureFacts], name: str, source: str, bars: tuple[int, ...]
) -> None:
    assert measure(name, source).bars == bars


def test_words_on_a_black_page_make_no_bars() -> None:
    page = np.full((180, 320), 16, np.uint8)
    page[60:70, 50:200] = 235
    page[100:110, 60:120] = 235
    assert find_bars(page, 32) == (0, 0, 0, 0)


def test_a_portrait_picture_between_wide_bars_is_seen() -> None:
    page = np.full((180, 320), 16, np.uint8)
    page[:, 110:210] = 120
    assert find_bars(page, 32) == (110, 0, 110, 0)


def test_bars_are_told_in_pixels_of_the_upright_picture(make_clip: MakeClip, tmp_path: Path) -> None:
    source = "testsrc2=s=240x180:r=25,pad=320:180:40:0:black"
    plain = make_clip("measure_rotate_plain.mp4", ["-f", "lavfi", "-i", source, *ENCODE])
    recording = inspect(turn(plain, tmp_path / "turned.mp4"))
    facts = measure_picture(recording, walk_packets(recording), LIMITS, lambda _done: None)
    assert facts.bars == (0, 40, 0, 40)


def test_damage_is_counted(make_clip: MakeClip, tmp_path: Path) -> None:
    whole = make_clip("measure_whole.mp4", ["-f", "lavfi", "-i", f"{MOVING},noise=alls=20", *ENCODE])
    recording = inspect(damage(whole, tmp_path / "damaged.mp4"))
    facts = measure_picture(recording, walk_packets(recording), LIMITS, lambda _done: None)
    assert facts.decode_errors > 0


def test_a_file_that_breaks_off_is_damaged(make_clip: MakeClip, tmp_path: Path) -> None:
    options = ["-movflags", "+faststart"]
    whole = make_clip("measure_fast.mp4", ["-f", "lavfi", "-i", f"{MOVING},noise=alls=20", *ENCODE, *options])
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 8 // 10])
    recording = inspect(cut)
    facts = measure_picture(recording, walk_packets(recording), LIMITS, lambda _done: None)
    assert facts.decode_errors > 0
    assert facts.frames < 100
