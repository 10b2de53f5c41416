"""The setting is chosen by what the recording looks like: the same every time, whatever its cues, under the budget."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.media.rendering import likeness, quality
from pipeline.media.rendering.encoders import ENCODERS, Budget, Rung, Setting, budget_for
from pipeline.media.rendering.fonts import find_font
from pipeline.media.rendering.likeness import Likeness, Meter, meter
from pipeline.media.rendering.quality import Choice, choose_setting, plan_stretches
from pipeline.media.rendering.segments import Film, Subtitles
from pipeline.media.rendering.timeline import Timeline
from pipeline.presets import EncoderSettings, load_preset
from pipeline.store import Store
from pipeline.timing import FrameGrid
from tests.media.rendering.test_segments import film_of

X264 = ENCODERS["libx264"]
SETTINGS = load_preset().encoder
GRAIN = "testsrc2=s=192x108:r=25:d=10,noise=alls=8:allf=t"
AVC = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "50"]


@pytest.fixture
def film(make_clip: Callable[..., Path]) -> Film:
    """Five minutes and a half, which are measured at one place."""
    short = make_clip("grain.mp4", ["-f", "lavfi", "-i", GRAIN, *AVC])
    return film_of(make_clip("long.mp4", ["-stream_loop", "32", "-i", str(short), "-c", "copy"]))


def choose(film: Film, store: Store, settings: EncoderSettings = SETTINGS, budget: Budget | None = None) -> Choice:
    bits = budget or budget_for(settings, film.grid, 16, 10**9, 0)
    return choose_setting(film, X264, settings, 50, bits, store)


def kept(store: Store) -> int:
    return len(list((store.root / "artefacts" / "quality").glob("*.json")))


def test_the_choice_is_measured_kept_and_free_of_cues(
    film: Film, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = choose(film, store)
    told = chosen.quality
    assert told is not None
    assert told.mean >= told.reference_mean - 1
    assert told.is_reached == (told.bit_rate_bps <= told.reference_bit_rate_bps)
    assert told.minimum <= told.mean
    assert told.reference == "libx264 medium crf 23"
    assert [round(span.duration_ms, -2) for span in told.stretches] == [1000]
    assert chosen == choose(film, Store(tmp_path / "elsewhere"))

    monkeypatch.setattr(quality, "raw_frames", None)
    font = find_font(load_preset().captions.font)
    drawn = Subtitles(lambda _path, _window: None, font, lambda window: window, lambda window: window)
    assert choose(replace(film, subtitles=drawn), store) == chosen
    assert kept(store) == 1


def test_a_store_may_be_named_from_the_working_folder(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert choose(film, Store(Path("kept"))).quality is not None


def test_a_setting_that_is_given_is_taken_as_it_is(film: Film, store: Store) -> None:
    given = SETTINGS.model_copy(update={"speed": "slow", "crf": 19.0, "options": ("ref=2",)})
    assert choose(film, store, given) == Choice(Setting("slow", 19.0, ("ref=2",)), None)
    half = SETTINGS.model_copy(update={"crf": 19.0})
    assert choose(film, store, half).setting == Setting("faster", 19.0)


def test_a_short_recording_takes_the_usual_setting(make_clip: Callable[..., Path], store: Store) -> None:
    film = film_of(make_clip("grain.mp4", ["-f", "lavfi", "-i", GRAIN, *AVC]))
    rung = X264.ladder("balanced")[0]
    assert choose(film, store) == Choice(rung.at(rung.usual), None)


def test_other_paces_are_other_choices_and_the_budget_binds(film: Film, store: Store) -> None:
    budget = Budget(400_000, 800_000)
    fast = choose(film, store, SETTINGS.model_copy(update={"pace": "fast"}), budget)
    assert fast.quality is not None
    assert fast.setting.speed == "ultrafast"
    assert fast.quality.bit_rate_bps <= 400_000 or not fast.quality.is_reached
    best = choose(film, store, SETTINGS.model_copy(update={"pace": "best"}))
    assert best.quality is not None
    assert best.quality.mean >= fast.quality.mean
    assert kept(store) == 2


def test_without_vmaf_ssim_is_measured_and_named(film: Film, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "with_filter", lambda _name: None)
    told = choose(film, store).quality
    assert told is not None
    assert told.metric == "SSIM"
    assert 0.5 < told.minimum <= told.mean <= 1


def line(rate: Fraction, seconds: int, sizes: Callable[[int], int], *, is_seekable: bool = True) -> Timeline:
    grid = FrameGrid(rate, int(rate * seconds))
    pts = tuple(range(grid.count))
    packets = tuple(map(sizes, pts))
    return Timeline(grid, int(rate), 0, pts, pts[::50], is_seekable=is_seekable, packet_bytes=packets)


def test_stretches_lie_where_the_picture_differs() -> None:
    timeline = line(Fraction(25), 1200, lambda n: 100 if n < 15_000 else 2_000 if n < 28_000 else 50_000)
    stretches = plan_stretches(timeline)
    assert len(stretches) == 4
    assert all(a % 50 == 0 and b - a == quality.STRETCH_FRAMES for a, b in stretches)
    weights = [timeline.bytes_after(a, b - a) for a, b in stretches]
    assert min(weights) < 10_000
    assert max(weights) >= 2_000 * 23


def test_stretches_of_what_cannot_be_sought_lie_near_its_beginning() -> None:
    stretches = plan_stretches(line(Fraction(25), 1200, lambda n: n, is_seekable=False))
    assert stretches
    assert stretches[-1][1] <= 30 * 25
    assert plan_stretches(line(Fraction(25), 299, lambda n: n)) == ()


LADDER = Rung("superfast", (), (34.5, 33.0, 31.5, 30.0, 28.5, 27.0, 25.5, 24.0, 22.5, 21.0), 24.0)


@pytest.mark.parametrize(
    ("good_from", "small_down_to", "tried", "taken"),
    [
        (24.0, 24.0, [24.0, 30.0, 27.0, 25.5], 24.0),
        (22.5, 21.0, [24.0, 22.5], 22.5),
        (21.0, 21.0, [24.0, 22.5, 21.0], 21.0),
        (27.0, 25.5, [24.0, 30.0, 27.0, 28.5], 27.0),
        (28.5, 27.0, [24.0, 30.0, 27.0, 28.5], 28.5),
        (34.5, 21.0, [24.0, 30.0, 33.0, 34.5], 34.5),
        (31.5, 21.0, [24.0, 30.0, 33.0, 31.5], 31.5),
        (21.0, 25.5, [24.0], None),
        (22.5, 24.0, [24.0, 22.5], None),
        (25.5, 28.5, [24.0, 30.0, 27.0], None),
        (0.0, 0.0, [24.0, 22.5, 21.0], None),
    ],
)
def test_a_rung_is_searched_towards_what_is_missing(
    good_from: float, small_down_to: float, tried: list[float], taken: float | None
) -> None:
    def attempt(setting: Setting) -> quality._Trial:
        seen = Likeness(95.5 if setting.quality <= good_from else 90.0, 90.0)
        return quality._Trial(setting, seen, 1000 if setting.quality >= small_down_to else 3000)

    usual = quality._Trial(Setting("medium", 23.0), Likeness(96.0, 95.0), 2000)
    search = quality._Search(usual, "balanced", Meter("VMAF", meter().program), 10_000)
    found = search.climb(LADDER, attempt)
    assert [trial.setting.quality for trial in search.tried] == tried
    assert (found and found.setting.quality) == taken
    if taken is None and good_from:
        best = search.best
        assert best.likeness.mean == max(trial.likeness.mean for trial in search.tried)
