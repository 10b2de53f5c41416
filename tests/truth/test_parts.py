"""Parts of other rates, sizes and levels behind an opening card: counter and beeps hold across every join."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.media.measuring.opening import read_opening
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import measure_file
from pipeline.presets import load_preset
from pipeline.records import Assembly, Cue, CueSheet, LectureInfo
from pipeline.stages.assemble import Wishes, assemble, common_rate
from pipeline.stages.probe import probe
from pipeline.stages.render import RenderJob, render
from pipeline.stages.soundtrack import soundtrack
from pipeline.stages.titles import CardJob, opening_clip
from pipeline.store import Store
from tests.truth import beeps
from tests.truth.card import Reading, read
from tests.truth.kinds import AVC, Kind
from tests.truth.making import make

RASTER = (320, 180)
INFO = LectureInfo("课", "不忘初心", "张三", "机械学院")
PCM = ("-c:a", "pcm_s16le")
FIRST = Kind("first", ".mov", (*AVC, *PCM), Fraction(25), 4)
SECOND = Kind("second", ".mov", (*AVC, *PCM, "-filter:a", "volume=-15dB"), Fraction(30000, 1001), 5, (256, 144))
THIRD = Kind("third", ".mov", (*AVC, *PCM, "-filter:a", "volume=-6dB"), Fraction(50), 4)
KINDS = (FIRST, SECOND, THIRD)


@dataclass(frozen=True, slots=True)
class Delivered:
    path: Path
    made: Assembly
    sound: NDArray[np.float32]
    frames: tuple[Reading, ...]
    segments_encoded: int


def _silent(_event: object) -> None:
    """Hear nothing."""


def _deliver(folder: Path, out: Path, sheet: CueSheet) -> Delivered:
    store, preset = Store(folder / "cache"), load_preset()
    recordings = [probe(folder / f"{kind.name}.mov", store, _silent) for kind in KINDS]
    look = preset.titles.model_copy(update={"seconds": 2.0})
    card = opening_clip(CardJob(INFO, look, RASTER), common_rate(recordings), store)
    made = assemble(recordings, Wishes(card=card), preset.cuts, store, _silent)
    sound = soundtrack(made.sound, made.cuts.grid, preset.sound, store, _silent)
    size = {"width_px": RASTER[0], "height_px": RASTER[1]}
    encoder = preset.encoder.model_copy(update={**size, "speed": "ultrafast", "segment_s": 2})
    limit = preset.limits.size_max_bytes
    job = RenderJob(made.cuts.grid, INFO, out, encoder, preset.captions, limit, assembly=made)
    done = render(recordings[0], sound, sheet, job, store, _silent)
    with av.open(str(out)) as container:
        frames = tuple(_read(frame) for frame in container.decode(video=0))
    with av.open(str(out)) as container:
        parts = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
    return Delivered(out, made, np.concatenate(parts).astype(np.float32), frames, done.segments_encoded)


def _read(frame: av.VideoFrame) -> Reading:
    data = frame.to_ndarray(format="yuv420p")
    luma, rest = data[: RASTER[1]], data[RASTER[1] :].reshape(2, RASTER[1] // 2, RASTER[0] // 2)
    return read((luma, rest[0], rest[1]), (0, 0, *RASTER))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    for kind in KINDS:
        make(kind, folder)
    return folder


@pytest.fixture(scope="module")
def delivered(folder: Path) -> Delivered:
    return _deliver(folder, folder / "out.mp4", CueSheet(()))


def test_the_counter_holds_across_every_join(delivered: Delivered) -> None:
    cuts = delivered.made.cuts
    assert cuts.rate == Fraction(30000, 1001) or cuts.rate == Fraction(25)
    assert len(delivered.frames) == cuts.grid.count
    for placed in cuts.placed[1:]:
        kind = KINDS[placed.take.source]
        for frame in range(placed.begin, placed.end):
            number = delivered.frames[frame].number
            due = (frame - placed.begin) / cuts.rate * kind.rate
            assert number is not None, frame
            late = (floor(due) - number) / max(Fraction(1), kind.rate / cuts.rate)
            assert abs(late) <= 1, (kind.name, frame, number)


def test_beeps_stand_within_a_frame_of_their_own_clock(delivered: Delivered) -> None:
    cuts = delivered.made.cuts
    frame_s = float(1 / cuts.rate)
    for placed in cuts.placed[1:]:
        kind, begin_s = KINDS[placed.take.source], float(placed.begin / cuts.rate)
        expected = [begin_s + second for second in range(1, int(kind.seconds))]
        for at, wanted in zip(beeps.onsets(delivered.sound, 48000, expected), expected, strict=True):
            assert at == pytest.approx(wanted, abs=frame_s)
        lit = [n for n in range(placed.begin, placed.end) if delivered.frames[n].is_lit]
        assert abs(lit[0] * frame_s - expected[0]) <= frame_s, "flash and beep of a part"


def test_parts_are_equally_loud_at_the_joins(delivered: Delivered, tmp_path: Path) -> None:
    import wave

    cuts, loudness = delivered.made.cuts, []
    for placed in cuts.placed[1:]:
        begin, end = (round(frame * 48000 / cuts.rate) for frame in (placed.begin, placed.end))
        path = tmp_path / f"{placed.take.source}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 48000, 0, "NONE", ""))
            file.writeframes((delivered.sound[begin:end] * 32767).astype("<i2").tobytes())
        loudness.append(measure_file(path, (placed.end - placed.begin) / cuts.rate).integrated_lufs)
    assert max(loudness) - min(loudness) < 1, loudness  # type: ignore[type-var, operator]


def test_the_card_comes_first_and_says_what_is_registered(delivered: Delivered, store: Store) -> None:
    first = delivered.made.cuts.placed[0]
    assert (first.take.source, first.begin, first.take.count) == (3, 0, round(2 * delivered.made.cuts.rate))
    wanted = (("title", "不忘初心"), ("speaker", "张三"), ("unit", "机械学院"))
    opening = read_opening(inspect(delivered.path), wanted, 10, 0.9, store)  # type: ignore[arg-type]
    assert opening is not None
    assert [text.similarity for text in opening.texts] == [1.0, 1.0, 1.0]


def test_no_segment_crosses_a_take_and_a_cue_touches_only_its_own(folder: Path, delivered: Delivered) -> None:
    cuts = delivered.made.cuts
    at_ms = round((cuts.placed[2].begin + 20) * 1000 / cuts.rate)
    again = _deliver(folder, folder / "again.mp4", CueSheet((Cue(at_ms, at_ms + 400, "同学们", "同学们", None),)))
    assert again.segments_encoded == 1
    other = _deliver(folder, folder / "third.mp4", CueSheet(()))
    assert other.segments_encoded == 0
