"""Looking at a picture by its groups finds what looking at every frame finds, and decodes a part of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.media.measuring.groups import GroupDecoder
from pipeline.media.measuring.look import can_look_by_groups, look_by_groups
from pipeline.media.measuring.measure import PictureFacts, measure_picture
from pipeline.media.probing import gop
from pipeline.media.probing.gop import walk_packets
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.records import Recording, Span
from pipeline.store import Store
from tests.media.patches import damage

MakeClip = Callable[[str, list[str]], Path]
LIMITS = load_preset().limits.model_copy(update={"freeze_min_s": 6.0})
MOVING = "testsrc2=s=320x180:r=25,lutyuv=y=val*0.1+110"
"""Moves everywhere, with too little contrast for a flash."""
SLIDES = "color=c=white:s=320x180:r=25"
GROUPS = "keyint=50:scenecut=0:open-gop=0:bframes=2"
ENCODE = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-t", "20"]
FRAME_MS = 40


@pytest.fixture
def recorded(make_clip: MakeClip) -> Callable[..., Recording]:
    def make(name: str, source: str, x264: str = GROUPS) -> Recording:
        options = ["-f", "lavfi", "-i", source, *ENCODE, "-x264-params", x264]
        return inspect(make_clip(f"look_{name}.mp4", options))

    return make


def by_groups(recording: Recording, store: Store | None = None) -> PictureFacts:
    walk = walk_packets(recording)
    assert can_look_by_groups(recording, walk, LIMITS)
    store = store or Store(recording.path.with_suffix(".store"))
    return look_by_groups(recording, walk, LIMITS, store, lambda _done: None)


def in_full(recording: Recording) -> PictureFacts:
    return measure_picture(recording, walk_packets(recording), LIMITS, lambda _done: None)


def are_near(ours: Sequence[Span], theirs: Sequence[Span], slack_ms: int) -> bool:
    """Tell whether two lists hold the same stretches, but for ``slack_ms`` at either end."""
    pairs = zip(ours, theirs, strict=True)
    return len(ours) == len(theirs) and all(
        max(abs(a.start_ms - b.start_ms), abs(a.end_ms - b.end_ms)) <= slack_ms for a, b in pairs
    )


def test_a_clean_picture_costs_a_part_of_its_frames(recorded: Callable[..., Recording]) -> None:
    facts = by_groups(recorded("clean", MOVING))
    assert facts.share < 0.25
    assert facts == PictureFacts(frames=facts.frames, share=facts.share, sure_s=2.25)


@pytest.mark.parametrize("first", [50, 51, 75, 99, 123])
def test_two_seconds_of_black_are_found_at_every_phase(recorded: Callable[..., Recording], first: int) -> None:
    black = f"{MOVING},drawbox=t=fill:c=black:enable='between(n,{first},{first + 49})'"
    recording = recorded(f"black_{first}", black)
    assert by_groups(recording).black == (Span(first * FRAME_MS, (first + 50) * FRAME_MS),) == in_full(recording).black


def test_black_to_the_end_is_found(recorded: Callable[..., Recording]) -> None:
    facts = by_groups(recorded("black_end", f"{MOVING},drawbox=t=fill:c=black:enable='gte(n,430)'"))
    assert facts.black == (Span(17200, 20000),)
    assert facts.share < 0.5


def test_a_freeze_is_found_and_a_shorter_one_is_none(recorded: Callable[..., Recording]) -> None:
    still = "split[a][b];[a][b]freezeframes=first={}:last={}:replace={}"
    long = recorded("freeze", f"{MOVING},{still.format(110, 280, 110)}")
    facts = by_groups(long)
    assert len(facts.frozen) == 1
    assert are_near(facts.frozen, in_full(long).frozen, 3 * FRAME_MS)
    assert by_groups(recorded("short_freeze", f"{MOVING},{still.format(110, 240, 110)}")).frozen == ()


def test_a_picture_that_moves_between_heads_is_not_frozen(recorded: Callable[..., Recording]) -> None:
    recording = recorded("between", f"{SLIDES},drawbox=w=80:h=80:t=fill:c=black:enable='between(mod(n,50),20,30)'")
    assert by_groups(recording).frozen == in_full(recording).frozen == ()


@pytest.mark.parametrize("area", ["w=320:h=180", "w=160:h=90"])
@pytest.mark.parametrize("first", [100, 133])
def test_a_strobe_of_five_seconds_is_found(recorded: Callable[..., Recording], area: str, first: int) -> None:
    span = f"between(n,{first},{first + 124})"
    source = f"{SLIDES},drawbox={area}:t=fill:c=black:enable='{span}*lt(mod(n,6),3)'"
    recording = recorded(f"strobe_{area[2:5]}_{first}", source)
    facts = by_groups(recording)
    assert len(facts.flashes) == 1
    assert are_near(facts.flashes, in_full(recording).flashes, 3 * FRAME_MS)


def test_slides_and_fades_do_not_flash(recorded: Callable[..., Recording]) -> None:
    slides = recorded("slides", f"{SLIDES},drawbox=t=fill:c=black@0.7:enable='lt(mod(n,150),75)',noise=alls=8:allf=t")
    assert by_groups(slides).flashes == in_full(slides).flashes == ()
    fade = recorded("fade", f"{MOVING},fade=out:100:12,fade=in:140:12:enable='gte(n,140)'")
    assert by_groups(fade).flashes == in_full(fade).flashes == ()


def test_bars_are_found(recorded: Callable[..., Recording]) -> None:
    facts = by_groups(recorded("bars", "testsrc2=s=240x180:r=25,pad=320:180:40:0:black"))
    assert facts.bars == (40, 0, 40, 0)


def test_damage_in_a_key_frame_or_in_the_build_of_a_packet_is_counted(
    recorded: Callable[..., Recording], tmp_path: Path
) -> None:
    whole = recorded("whole", f"{MOVING},noise=alls=20")
    assert by_groups(whole).decode_errors == 0
    assert by_groups(inspect(damage(whole.path, tmp_path / "damaged.mp4"))).decode_errors > 0


@pytest.mark.parametrize("x264", ["keyint=100:scenecut=0", "keyint=50:scenecut=0:open-gop=1:bframes=2"])
def test_long_and_open_groups_are_looked_at_in_full(recorded: Callable[..., Recording], x264: str) -> None:
    recording = recorded(f"foreign_{len(x264)}", MOVING, x264)
    assert not can_look_by_groups(recording, walk_packets(recording), LIMITS)


@pytest.fixture
def heads_decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of the group of each frame that was decoded."""
    decoded: list[int] = []
    frames = GroupDecoder.frames

    def noted(self: GroupDecoder, counts: Sequence[int]) -> Iterator[tuple[int, float, Any]]:
        for number, time_s, frame in frames(self, counts):
            decoded.append(number)
            yield number, time_s, frame

    monkeypatch.setattr(GroupDecoder, "frames", noted)
    return decoded


def test_a_second_look_decodes_nothing_and_finds_the_same(
    recorded: Callable[..., Recording], heads_decoded: list[int], tmp_path: Path
) -> None:
    recording, store = recorded("kept", MOVING), Store(tmp_path)
    first = by_groups(recording, store)
    assert len(heads_decoded) == first.frames
    heads_decoded.clear()
    assert by_groups(recording, store) == first
    assert heads_decoded == []


def test_what_was_looked_at_closely_is_kept_apart_for_each_stretch(
    recorded: Callable[..., Recording], heads_decoded: list[int], tmp_path: Path
) -> None:
    store = Store(tmp_path)
    black = "drawbox=t=fill:c=black:enable='between(n,{},{})'"
    one, other = black.format(60, 120), black.format(330, 400)
    first = by_groups(recorded("black_twice", f"{MOVING},{one},{other}"), store)
    assert len(first.black) == 2
    heads_decoded.clear()
    assert by_groups(recorded("black_twice", f"{MOVING},{one},{other}"), store) == first
    assert heads_decoded == []

    longer = by_groups(recorded("black_longer", f"{MOVING},{one},{black.format(330, 410)}"), store)
    assert longer.black[0] == first.black[0]
    assert longer.black[1].end_ms - first.black[1].end_ms == 10 * FRAME_MS
    again = Counter(heads_decoded)
    assert again[7] > 40, "decoded in full"
    assert max(again[number] for number in range(4)) < 10, "their heads alone"
    fewer = LIMITS.model_copy(update={"black_min_s": 2.6})
    walk = walk_packets(recorded("black_twice", f"{MOVING},{one},{other}"))
    found = look_by_groups(recorded("black_twice", f"{MOVING},{one},{other}"), walk, fewer, store, lambda _done: None)
    assert found.black == first.black[1:], "kept for other limits"


def test_after_a_change_only_the_run_of_groups_that_holds_it_is_looked_at(
    recorded: Callable[..., Recording], heads_decoded: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gop, "RUN_GROUPS", 2)
    store = Store(tmp_path)
    by_groups(recorded("before", MOVING), store)
    whole = len(set(heads_decoded))
    heads_decoded.clear()
    blinks = f"{MOVING},drawbox=x=10:y=10:w=40:h=20:c=white:t=fill:enable='between(t,9,9.5)'"
    by_groups(recorded("after", blinks), store)
    assert 4 in heads_decoded
    assert len(set(heads_decoded)) < whole


def test_what_was_kept_and_is_damaged_is_looked_at_again(recorded: Callable[..., Recording], tmp_path: Path) -> None:
    recording, store = recorded("rotten", MOVING), Store(tmp_path)
    first = by_groups(recording, store)
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    assert by_groups(recording, store) == first


def test_a_head_that_does_not_decode_is_not_kept(recorded: Callable[..., Recording], tmp_path: Path) -> None:
    torn = damage(recorded("torn", MOVING).path, tmp_path / "torn.mp4")
    store = Store(tmp_path / "store")
    errors = by_groups(inspect(torn), store).decode_errors
    assert errors
    assert by_groups(inspect(torn), store).decode_errors == errors
