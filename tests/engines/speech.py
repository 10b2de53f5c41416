"""Speech for the tests of engines: the held-out recording of the demo model's voice."""

from functools import cache
from pathlib import Path

import numpy as np

from pipeline.engines.base import SAMPLE_RATE_HZ, Placement, Samples

DEMO_FOLDER = Path(__file__).parents[2] / "samples" / "demo-model"
DEMO_MODEL = DEMO_FOLDER / "demo-zh.pt"
LANGUAGE = "zh"
PROCESSOR = Placement("cpu", "float32")


@cache
def heldout() -> Samples:
    """The whole recording, (n,) float32, mono, 16 kHz."""
    import av

    with av.open(str(DEMO_FOLDER / "heldout" / "plain.flac")) as container:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE_HZ)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
    joined = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return joined.astype(np.float32) / np.float32(32768)


def clip(start_s: float, end_s: float) -> Samples:
    """A stretch of it."""
    return heldout()[int(start_s * SAMPLE_RATE_HZ) : int(end_s * SAMPLE_RATE_HZ)]
