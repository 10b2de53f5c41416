"""What rendering tests share: a job, cues and sound for a clip."""

from dataclasses import replace
from pathlib import Path

from pipeline.presets import load_preset
from pipeline.records import Cue, CueSheet, LectureInfo, Recording, Soundtrack
from pipeline.stages.render import RenderJob
from pipeline.timing import delivery_grid

TEXTS = ("同志们，今天我们学习《中国共产党章程》", "坚持全心全意为人民服务", "不忘初心　牢记使命")


def job_for(
    recording: Recording, out: Path, *, raster: tuple[int, int] = (320, 180), segment_s: float = 2
) -> RenderJob:
    """Return a quick job: small raster, fastest speed, short segments."""
    preset = load_preset()
    assert recording.video is not None
    encoder = preset.encoder.model_copy(
        update={"width_px": raster[0], "height_px": raster[1], "speed": "ultrafast", "segment_s": segment_s}
    )
    return RenderJob(
        grid=delivery_grid(recording.video.frame_rate, recording.duration_s),
        info=LectureInfo("课", "不忘初心", "张三", "马克思主义学院"),
        out=out,
        encoder=encoder,
        captions=preset.captions,
        size_max_bytes=preset.limits.size_max_bytes,
    )


def sheet(job: RenderJob, every_ms: int = 1000) -> CueSheet:
    """Return a cue a second, with a pause of 120 ms between them."""
    starts = range(0, job.grid.duration_ms - every_ms + 1, every_ms)
    return CueSheet(
        tuple(
            Cue(start, start + every_ms - 120, text, text, None)
            for number, start in enumerate(starts)
            for text in [TEXTS[number % len(TEXTS)]]
        )
    )


def changed(cues: CueSheet, number: int, text: str) -> CueSheet:
    """Return the sheet with another text in one cue."""
    new = replace(cues.cues[number], text=text, screen=text)
    return CueSheet((*cues.cues[:number], new, *cues.cues[number + 1 :]))


def silent_sound(job: RenderJob) -> Soundtrack:
    """Return the soundtrack of a recording without sound."""
    return Soundtrack(None, None, None, 0.0, (), job.grid.duration_ms)
