"""A painted cue, laid over the picture without subtitles, is the delivered picture."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from pipeline.captions.entries import as_cue
from pipeline.errors import MissingGlyphError
from pipeline.events import silent
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.records import CueSheet
from pipeline.stages.painting import paint
from pipeline.stages.render import render
from pipeline.store import Store
from tests.stages.rendering import job_for, silent_sound

CLIP = ["-f", "lavfi", "-i", "mandelbrot=size=320x180:rate=25", "-t", "0.4", "-c:v", "libx264", "-crf", "5"]
TEXT = "《中国共产党章程》要求：\n全心全意，为人民服务！"


def luma(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(video=0)]
    return frames[5][:1080].astype(np.float32)


def test_it_is_what_is_delivered(make_clip: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    recording = inspect(make_clip("fractal.mp4", CLIP))
    job = job_for(recording, tmp_path / "burned.mp4", raster=(1920, 1080))
    job = replace(job, encoder=job.encoder.model_copy(update={"crf": 1.0}))
    bare = replace(job, out=tmp_path / "bare.mp4")
    sound = silent_sound(job)
    burned = render(recording, sound, CueSheet((as_cue(0, 400, TEXT),)), job, store, silent)
    clean = render(recording, sound, CueSheet(()), bare, store, silent)
    grey, opacity = np.asarray(Image.open(paint(TEXT, job.captions, store))).transpose(2, 0, 1).astype(np.float32)
    share = opacity / 255
    laid = luma(clean.path) * (1 - share) + (16 + grey * 219 / 255) * share
    delivered = luma(burned.path)
    assert np.abs(delivered - luma(clean.path)).max() > 150, "there is something to compare"
    assert np.abs(delivered - laid).max() <= 12, "what an encoder that is nearly lossless leaves"
    assert np.abs(delivered - laid)[opacity > 0].mean() < 1


def test_what_the_font_cannot_draw_is_refused(store: Store) -> None:
    with pytest.raises(MissingGlyphError):
        paint("一\U0002fa1d", load_preset().captions, store)
