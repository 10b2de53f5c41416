"""Parts, trims and shortened pauses: everything stands where the cut list says, and nothing spoken goes."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.events import Event, Notice
from pipeline.media.graph import run_ffmpeg
from pipeline.media.measuring.samples import measure_samples
from pipeline.media.sound import analyse
from pipeline.presets import CutSettings
from pipeline.records import Recording, Span
from pipeline.stages.assemble import Wishes, assemble, common_rate
from pipeline.stages.cutting import gaps, removable
from pipeline.stages.probe import probe
from pipeline.store import Store
from pipeline.takes import Take, shortened, whole, without
from pipeline.timing import FrameGrid
from tests.truth import beeps

SETTINGS = CutSettings()
PCM = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le"]


def _silent(_event: object) -> None:
    """Hear nothing."""


def _clip(folder: Path, name: str, rate: str, seconds: float, level_db: float) -> Path:
    """Grey picture and a beep each second."""
    sound = beeps.write(folder / f"{name}.wav", seconds)
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=96x54:rate={rate}:duration={seconds}"]
    out = folder / f"{name}.mov"
    run_ffmpeg([*picture, "-i", str(sound), *PCM, "-af", f"volume={level_db}dB", str(out)], subject=out)
    return out


def _samples(recording: Recording, folder: Path) -> NDArray[np.float32]:
    out = folder / "joined.f32"
    run_ffmpeg(["-i", str(recording.path), "-f", "f32le", "-ac", "1", str(out)], subject=out)
    return np.fromfile(out, np.float32)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("parts")
    return _clip(folder, "甲", "25", 4, 0), _clip(folder, "乙", "30000/1001", 5, -14)


def test_parts_of_other_rates_and_levels_join_exactly(two: tuple[Path, Path], store: Store, tmp_path: Path) -> None:
    made = assemble([probe(path, store, _silent) for path in two], Wishes(), SETTINGS, store, _silent)
    assert made.cuts.rate == Fraction(30000, 1001), "most of the lecture is recorded at this rate"
    seam = made.cuts.placed[1].begin
    assert made.cuts.takes == (Take(0, 0, 120), Take(1, 0, 150))
    sound = _samples(made.sound, tmp_path)
    assert len(sound) == round(made.cuts.grid.duration_s * 48000)
    expected = [1, 2, 3, *(float(seam / made.cuts.rate) + second for second in (1, 2, 3, 4))]
    for at, wanted in zip(beeps.onsets(sound, 48000, expected), expected, strict=True):
        assert at == pytest.approx(wanted, abs=0.001)
    cut = round(seam * 48000 / made.cuts.rate)
    peaks = [float(np.abs(part).max()) for part in (sound[:cut], sound[cut:])]
    assert 20 * np.log10(peaks[0] / peaks[1]) == pytest.approx(0, abs=1), "the parts differ in loudness"


def test_the_rate_is_that_of_most_of_the_lecture(two: tuple[Path, Path], store: Store) -> None:
    first, second = (probe(path, store, _silent) for path in two)
    assert common_rate([first]) == 25
    assert common_rate([first, second]) == Fraction(30000, 1001)
    assert common_rate([first, replace(second, duration_s=Fraction(4))]) == 25, "the first decides"


@pytest.mark.parametrize(("black_s", "tail_s", "lead"), [(1.0, 1.4, 0), (0.0, 0.0, 25)])
def test_black_and_silence_go_to_the_very_frame(
    black_s: float, tail_s: float, lead: int, store: Store, tmp_path: Path
) -> None:
    """Two seconds of tone begin at 2.2 s; the picture is black before ``black_s`` + 1.2 and in the last ``tail_s``."""
    lit = f"between(t,{1.2 + black_s},{5.4 - tail_s - 0.001})" if black_s else "1"
    lit = lit.replace("t,", "T,")
    picture = f"color=white:size=96x54:rate=25:duration=5.4,geq=lum='235*{lit}':cb=128:cr=128"
    tone = "aevalsrc='0.2*sin(2*PI*500*t)*between(t,2.2,4)':s=48000:d=5.4"
    raw = tmp_path / "raw.mov"
    run_ffmpeg(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *PCM, str(raw)], subject=raw)
    notices: list[Event] = []
    made = assemble([probe(raw, store, _silent)], Wishes(trim=True), SETTINGS, store, notices.append)
    if black_s:
        assert made.cuts.takes == (Take(0, 55, 100),)
    else:
        assert made.cuts.takes == (Take(0, 55 - lead, 125),)
    told = [event.message.show() for event in notices if isinstance(event, Notice)]
    assert len(told) == 2, "both cuts are told"
    assert f"0:00.00–0:0{made.cuts.takes[0].first / 25:.2f}" in told[0]
    silent = measure_samples(made.sound, 0.2).silent
    assert all(span.duration_ms <= 1000 for span in silent)


SPEECH = st.lists(st.tuples(st.integers(0, 6000), st.integers(50, 5000)), min_size=1, max_size=20)


@given(SPEECH, st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60)]), st.integers(0, 3000))
def test_shortening_never_touches_speech(lengths: list[tuple[int, int]], rate: Fraction, excess: int) -> None:
    speech, now = [], 0
    for pause, length in lengths:
        speech.append(Span(now + pause, now + pause + length))
        now += pause + length
    grid = FrameGrid(rate, max(1, round(Fraction(now, 1000) * rate)))
    pauses = [(0, removable(gap, grid, SETTINGS)) for gap in gaps(speech)]
    pauses = [(n, frames) for n, frames in pauses if frames[1] > frames[0]]
    removed = shortened(pauses, excess)
    keep_ms = SETTINGS.pause_keep_s * 1000
    for _, (begin, end) in removed:
        begin_ms, end_ms = float(begin * 1000 / rate) + 1e-6, float(end * 1000 / rate) - 1e-6
        assert all(end_ms <= span.start_ms - keep_ms or begin_ms >= span.end_ms + keep_ms for span in speech)
    takes = without(whole(rate, [grid.count]).takes, removed)
    assert sum(take.count for take in takes) == grid.count - sum(end - begin for _, (begin, end) in removed)
    assert removed or excess == 0 or not pauses
    for gap, (begin, end) in ((gap, removable(gap, grid, SETTINGS)) for gap in gaps(speech)):
        assert gap.duration_ms - (end - begin) * 1000 / rate >= min(gap.duration_ms, 1000 * SETTINGS.pause_min_s) - 1e-6


@pytest.mark.slow
def test_pauses_of_real_speech_are_shortened_and_listed(store: Store, tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "samples" / "short-lecture.mp4"
    raw = tmp_path / "slow.mov"
    gap = "[0:a]atrim=0:6,apad=pad_dur=5[a];[0:a]atrim=6:12,asetpts=PTS-STARTPTS[b];[a][b]concat=n=2:v=0:a=1[s]"
    picture = ["-f", "lavfi", "-i", "color=gray:size=96x54:rate=25:duration=17"]
    maps = ["-filter_complex", gap, "-map", "1:v", "-map", "[s]"]
    run_ffmpeg(["-i", str(source), *picture, *maps, *PCM, str(raw)], subject=raw)
    recording = probe(raw, store, _silent)
    notices: list[Event] = []
    made = assemble([recording], Wishes(tighten_to_s=14.0), SETTINGS, store, notices.append)
    assert made.cuts.grid.duration_s <= 14 + Fraction(1, 25)
    assert made.removed
    assert all(cut.first > 6 * 25 and cut.after < 11.2 * 25 for cut in made.removed), "outside of the pause"
    assert sum(isinstance(event, Notice) for event in notices) == len(made.removed)
    assert analyse(made.sound, tmp_path / "w.wav").integrated_lufs is not None
