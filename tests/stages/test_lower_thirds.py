"""Lower thirds: read back from the delivered frame, beside a subtitle that is still read, and nobody named by guess."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import MissingGlyphError, SpeakerMissingError, TitleTooLongError
from pipeline.events import silent
from pipeline.media.measuring.ocr import BandReader, page_lines, similarity
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.records import Cue, CueSheet, Delivery, LectureInfo, Span
from pipeline.reporting.json_media import delivery_of
from pipeline.stages.lower_thirds import Appearance, LowerThirds, appearances
from pipeline.stages.render import RenderJob, render
from pipeline.stages.titles import CardJob
from pipeline.store import Store
from pipeline.timing import FrameGrid
from tests.stages.rendering import job_for, silent_sound

CLIP = ["-f", "lavfi", "-i", "color=#3a6ea5:size=320x180:rate=25:duration=5", "-c:v", "libx264", "-g", "25"]
LOOK = load_preset().titles.model_copy(update={"lower_third_s": 2.0})
RASTER = (1280, 720)
TEXT = "坚持全心全意为人民服务"
GRID = FrameGrid(Fraction(25), 500)


def delivered(
    clip: Path,
    out: Path,
    speaker: str,
    cues: tuple[Cue, ...],
    store: Store,
    *,
    named: bool = True,
    segment_s: float = 2,
) -> tuple[RenderJob, Delivery]:
    recording = inspect(clip)
    job = job_for(recording, out, raster=RASTER, segment_s=segment_s)
    info = LectureInfo("课", "不忘初心", speaker, "马克思主义学院")
    job = replace(job, info=info, lower_third=CardJob(info, LOOK, RASTER) if named else None)
    return job, render(recording, silent_sound(job), CueSheet(cues), job, store, silent)


def frames_of(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_name_and_unit_are_read_beside_the_subtitle(
    make_clip: Callable[..., Path], store: Store, tmp_path: Path
) -> None:
    clip = make_clip("blue.mp4", CLIP)
    cues = (Cue(200, 4800, TEXT, TEXT, None),)
    job, made = delivered(clip, tmp_path / "a.mp4", "张明远", cues, store)
    assert made.segments > 1, "no boundary in the panel"
    assert [(third.speakers, third.unit, third.span) for third in made.lower_thirds] == [
        (("张明远",), "马克思主义学院", Span(1000, 3000))
    ]
    frames = frames_of(made.path)
    lines = [line.text for line in page_lines(frames[50])]
    for wanted in ("张明远", "马克思主义学院", TEXT):
        assert any(similarity(wanted, line) == 1 for line in lines), (wanted, lines)
    reader = BandReader(job.captions)
    assert reader.read_cue(frames[50], TEXT, 0.9).similarity == 1
    assert reader.read_band(frames[50]) == TEXT, "the panel stands in the band of the subtitles"
    bare = frames_of(delivered(clip, tmp_path / "b.mp4", "张明远", cues, store, named=False)[1].path)
    for number in (10, 90, 110):
        assert np.abs(frames[number].astype(int) - bare[number]).max() < 40, "drawn outside its time"
    changed = np.argwhere(np.abs(frames[50].astype(int) - bare[50]).max(2) > 60)
    assert changed[:, 1].min() >= 128 - 2, "beyond the margin"
    assert changed[:, 0].max() < 720 - 54 - 36, "in the subtitle"


def test_the_report_names_it(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    _, made = delivered(make_clip("blue.mp4", CLIP), tmp_path / "a.mp4", "张三、李四", (), store)
    assert delivery_of(made)["lower_thirds"] == [
        {
            "speakers": ["张三", "李四"],
            "unit": "马克思主义学院",
            "span": {"start": {"ms": 1000, "clock": "0:00:01"}, "end": {"ms": 3000, "clock": "0:00:03"}},
        }
    ]
    assert any(message.values.get("names") == "张三、李四" for message in made.repairs)


def test_only_segments_with_the_panel_are_made_anew(
    make_clip: Callable[..., Path], store: Store, tmp_path: Path
) -> None:
    clip = make_clip("short-groups.mp4", [*CLIP[:-1], "10"])
    cues = (Cue(3500, 4800, TEXT, TEXT, None),)
    _, bare = delivered(clip, tmp_path / "a.mp4", "张明远", cues, store, named=False, segment_s=1)
    _, made = delivered(clip, tmp_path / "b.mp4", "张明远", cues, store, segment_s=1)
    assert bare.segments == made.segments >= 4
    assert made.segments_encoded == 2, "from 1 s to 3 s"
    again = delivered(clip, tmp_path / "c.mp4", "张明远", cues, store, segment_s=1)[1]
    assert again.segments_encoded == 0
    assert again.sha256 == made.sha256


def spoken(at_ms: int, text: str) -> Cue:
    return Cue(at_ms, at_ms + 1000, text, text, None)


def test_several_are_named_where_labels_name_them() -> None:
    said = ("主持人：欢迎", "李四：我们开始", "张三 : 好的", "李四：请")
    cues = [spoken(at_ms, text) for at_ms, text in zip((0, 3000, 5000, 7000), said, strict=True)]
    assert appearances(("张三", "李四"), cues, GRID, 0, 150) == (
        Appearance(("李四",), 75, 125),
        Appearance(("张三",), 125, 275),
    )


@pytest.mark.parametrize(
    "cues",
    [
        (),
        (spoken(3000, "张三：我们开始"),),
        (spoken(3000, "张三和李四今天讲课"), spoken(5000, "下面请李四")),
        (spoken(3000, "张三丰：我们开始"), spoken(5000, "李四：好")),
    ],
)
def test_else_nobody_is_guessed(cues: tuple[Cue, ...]) -> None:
    assert appearances(("张三", "李四"), cues, GRID, 100, 150) == (Appearance(("张三", "李四"), 125, 275),)


@pytest.mark.parametrize(("count", "frames"), [(500, (125, 275)), (260, (110, 260)), (120, (100, 120))])
def test_a_short_lecture_ends_its_panel(count: int, frames: tuple[int, int]) -> None:
    assert appearances(("张三",), (), FrameGrid(Fraction(25), count), 100, 150) == (Appearance(("张三",), *frames),)


@pytest.mark.parametrize(
    ("speaker", "error"),
    [
        (None, SpeakerMissingError),
        ("、", SpeakerMissingError),
        ("张" * 80, TitleTooLongError),
        ("张😀", MissingGlyphError),
    ],
)
def test_what_cannot_be_drawn_is_said_before_anything_long(
    speaker: str | None, error: type[Exception], store: Store
) -> None:
    job = CardJob(LectureInfo("课", None, speaker), LOOK, RASTER)
    with pytest.raises(error):
        LowerThirds(job, load_preset().captions, GRID, 0, store)


def test_a_panel_stands_above_every_line_of_a_subtitle(store: Store) -> None:
    job = CardJob(LectureInfo("课", None, "张三"), LOOK, RASTER)
    thirds = LowerThirds(job, load_preset().captions, GRID, 0, store)
    tops = [thirds.panels((Cue(1500, 2500, text, text, None),))[0].place[1] for text in ("一", "一\n二", "一\n二\n三")]
    assert tops[0] > tops[1] > tops[2]
    assert tops[0] - tops[2] == pytest.approx(2 * 54 * 1.448 * 720 / 1080, abs=3)
    with pytest.raises(TitleTooLongError):
        thirds.panels((Cue(1500, 2500, "字", "\n".join("字" * 12), None),))
